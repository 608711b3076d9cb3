import type { Body } from "./asked.js";

/** An object, or undefined where the value is none. */
export function objectOf(value: unknown): Body | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Body) : undefined;
}
