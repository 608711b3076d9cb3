import { npyOf } from "../../rows/npy.js";
import { checkTarget, type Target } from "../../solve/target.js";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";
import type { Problem } from "../../types.js";
import { badRequest } from "../http/apiError.js";
import type { Body } from "../protocol/asked.js";
import { flag, objectOf } from "../protocol/fields.js";
import type { Task } from "./solved.js";

const MATRICES = ["cost", "successProbability", "allowed"] as const;
const COLUMNS = ["weight", "minProbability"] as const;
const FIELDS = ["models", ...MATRICES, ...COLUMNS, "target", "refine"];
/** What the solver does not take from here. */
const LATER = ["constraints", "columns", "groups"];

/** Files of a request, by field: `.npy`. */
export type Parts = ReadonlyMap<string, Buffer>;

type Matrix = { rows: number; columns: number; value: Float32Array | Float64Array };

/**
 * The problem of a body: `models`, `cost` and `successProbability` (queries × models), `target`, and, where they are
 * wanted, `allowed`, `weight`, `minProbability` and `refine`. Matrices are lists of rows, or files.
 *
 * @throws ApiError 400 naming the field.
 */
export function taskOf(body: Body, parts: Parts = new Map()): Task {
  for (const field of [...Object.keys(body), ...parts.keys()]) checkField(field, body, parts);
  const models = namesOf(body.models);
  const read = (field: string, columns: number): Matrix | undefined => {
    const file = parts.get(field);
    const isCost = field === "cost";
    const found =
      file === undefined ? rowsOf(field, body[field], columns, isCost) : npyOf(file, field, { isCost });
    if (found !== undefined && found.columns !== columns)
      throw badRequest(`${field} has ${found.columns} columns; expected ${columns}`, field);
    return found;
  };
  const cost = read("cost", models.length);
  const chances = read("successProbability", models.length);
  if (cost === undefined || chances === undefined) {
    const field = cost === undefined ? "cost" : "successProbability";
    throw badRequest(`${field} is missing; expected queries × models`, field);
  }
  const allowed = read("allowed", models.length);
  const [weight, minProbability] = COLUMNS.map((field) => read(field, 1)?.value);
  const problem: Problem = {
    models,
    cost: cost.value,
    successProbability: Float32Array.from(chances.value),
    ...(allowed !== undefined && {
      allowed: Uint8Array.from(allowed.value, (value) => (value === 0 ? 0 : 1)),
    }),
    ...(weight !== undefined && { weight: Float32Array.from(weight) }),
    ...(minProbability !== undefined && { minProbability: Float32Array.from(minProbability) }),
  };
  const { refine = true } = body;
  return { problem, target: targetOf(body.target), refine: flag({ refine }, "refine") };
}

function checkField(field: string, body: Body, parts: Parts): void {
  if (LATER.includes(field))
    throw badRequest(`${field} cannot be given here: constraints are not supported by /v1/solve yet`, field);
  if (!FIELDS.includes(field)) {
    const [closest] = nearest(field, FIELDS, 1);
    throw badRequest(
      `${shown(field)} is not known; did you mean ${closest}? Known are ${FIELDS.join(", ")}`,
      shown(field),
    );
  }
  const isArray = ([...MATRICES, ...COLUMNS] as string[]).includes(field);
  if (parts.has(field) && (!isArray || Object.hasOwn(body, field)))
    throw badRequest(
      isArray ? `${field} is given twice` : `${field} cannot be a file; put it into the part problem`,
      field,
    );
}

function namesOf(models: unknown): string[] {
  if (!Array.isArray(models) || models.length === 0 || models.length > 255)
    throw badRequest(`models is ${shown(models)}; expected 1 to 255 names`, "models");
  models.forEach((name: unknown, m) => {
    if (typeof name !== "string" || name === "" || name.length > 300)
      throw badRequest(
        `models[${m}] is ${shown(name)}; expected a name of at most 300 characters`,
        `models[${m}]`,
      );
  });
  return models as string[];
}

/** Rows of numbers, or for one column a list of numbers. In costs null means that a model must not answer. */
function rowsOf(field: string, rows: unknown, columns: number, isCost: boolean): Matrix | undefined {
  if (rows === undefined || rows === null) return undefined;
  if (!Array.isArray(rows)) throw badRequest(`${field} is ${shown(rows)}; expected a list`, field);
  const value = new Float64Array(rows.length * columns);
  const isColumn = COLUMNS.includes(field as "weight");
  for (let q = 0; q < rows.length; q++) {
    const row: unknown = isColumn ? [rows[q]] : rows[q];
    if (!Array.isArray(row) || row.length !== columns)
      throw badRequest(
        `${field}[${q}] ${Array.isArray(row) ? `has ${row.length} values` : `is ${shown(row)}`}; expected ${columns} numbers, one for each model`,
        `${field}[${q}]`,
      );
    for (let m = 0; m < columns; m++) {
      const one: unknown = row[m];
      if (typeof one === "number") value[q * columns + m] = one;
      else if (typeof one === "boolean" && field === "allowed") value[q * columns + m] = one ? 1 : 0;
      else if (one === null && isCost) value[q * columns + m] = Infinity;
      else {
        const at = isColumn ? `${field}[${q}]` : `${field}[${q}][${m}]`;
        throw badRequest(`${at} is ${shown(one)}; expected a number`, at);
      }
    }
  }
  return { rows: rows.length, columns, value };
}

function targetOf(target: unknown): Target {
  const found = objectOf(target);
  if (found === undefined)
    throw badRequest(
      `target is ${shown(target)}; expected { budget }, { accuracy }, { knee: true } or { matchBest: true }`,
      "target",
    );
  const unknown = Object.keys(found).find(
    (kind) => !["budget", "accuracy", "knee", "matchBest"].includes(kind),
  );
  if (unknown !== undefined)
    throw badRequest(`target has ${shown(unknown)}; expected budget, accuracy, knee or matchBest`, "target");
  checkTarget(found as unknown as Target);
  return found as unknown as Target;
}
