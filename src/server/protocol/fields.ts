import { shown } from "../../text/shown.js";
import { badRequest } from "../http/apiError.js";
import type { Body } from "./asked.js";

/** Fields of a body; a wrong one is refused with its name. Absent and null are the same. */

export function flag(body: Body, field: string): boolean {
  const value = body[field] ?? false;
  if (typeof value !== "boolean")
    throw badRequest(`${field} is ${shown(value)}; expected true or false`, field);
  return value;
}

export function wholeNumber(body: Body, field: string, least: number, most = 1e9): number | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined) return undefined;
  if (!(Number.isSafeInteger(value) && (value as number) >= least && (value as number) <= most))
    throw badRequest(`${field} is ${shown(String(value))}; expected a whole number from ${least}`, field);
  return value as number;
}

export function text(body: Body, field: string): string | undefined {
  const value = body[field] ?? undefined;
  if (value === undefined) return undefined;
  if (typeof value !== "string") throw badRequest(`${field} is ${shown(value)}; expected a text`, field);
  return value;
}

/** An object, or undefined where the value is none. */
export function objectOf(value: unknown): Body | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
}

/** The model that a client names. */
export function modelOf(body: Body): string {
  const model = text(body, "model");
  if (model === undefined || model === "")
    throw badRequest('model is missing; expected "auto", "policy/NAME" or the name of a model', "model");
  if (model.length > 300) throw badRequest("model is longer than 300 characters", "model");
  return model;
}
