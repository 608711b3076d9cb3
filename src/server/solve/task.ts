import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";
import type { Target } from "../../solve/target.js";
import { checkTarget } from "../../solve/target.js";
import type { Problem } from "../../types.js";
import { badRequest } from "../http/apiError.js";
import type { Body } from "../protocol/asked.js";
import { limitedBy } from "./limits.js";
import { Matrices, type Parts } from "./matrices.js";
import type { Task } from "./solved.js";

/** Fields that may be files. */
const FILES = ["cost", "successProbability", "allowed", "weight", "minProbability"];
/** Fields whose parts may be files. */
const NAMED = /^(columns|groups)\.(.{1,300})$/s;

/**
 * The problem of a body that its schema allows: `models`, `cost` and `successProbability` (queries × models), `target`,
 * and, where they are wanted, `allowed`, `weight`, `minProbability`, `constraints` and `refine`. Matrices are lists of
 * rows, or files.
 *
 * @throws ApiError 400 or InputError naming the field.
 */
export function taskOf(body: Body, parts: Parts = new Map()): Task {
  for (const field of parts.keys()) checkPart(field, body);
  const models = body.models as string[];
  const matrices = new Matrices(parts, models.length);
  const cost = matrices.rows("cost", body.cost, { isCost: true });
  const chances = matrices.rows("successProbability", body.successProbability);
  if (cost === undefined || chances === undefined) {
    const field = cost === undefined ? "cost" : "successProbability";
    throw badRequest(`${field} is missing; expected queries × models`, field);
  }
  const allowed = matrices.rows("allowed", body.allowed, { isFlag: true });
  const weight = matrices.column("weight", body.weight);
  const minProbability = matrices.column("minProbability", body.minProbability);
  const limited = limitedBy(body, models, matrices, parts);
  const problem: Problem = {
    models,
    cost,
    successProbability: new Float32Array(chances),
    ...(allowed !== undefined && { allowed: Uint8Array.from(allowed, (value) => (value === 0 ? 0 : 1)) }),
    ...(weight !== undefined && { weight: new Float32Array(weight) }),
    ...(minProbability !== undefined && { minProbability: new Float32Array(minProbability) }),
    ...(limited !== undefined && { columns: limited.columns, groups: limited.groups }),
  };
  const target = body.target as Target;
  checkTarget(target);
  const { refine } = body as { refine?: boolean };
  if (refine !== undefined && limited !== undefined)
    throw badRequest("refine is given with constraints: under them there is always a search", "refine");
  return {
    problem,
    target,
    refine: refine ?? true,
    ...(limited !== undefined && { constraints: limited.constraints }),
  };
}

function checkPart(field: string, body: Body): void {
  const named = NAMED.exec(field);
  if (named !== null) {
    const { [named[1]]: given } = body;
    if (typeof given === "object" && given !== null && Object.hasOwn(given, named[2]))
      throw badRequest(`${shown(field)} is given twice`, field.slice(0, 200));
    return;
  }
  if (FILES.includes(field)) {
    if (!Object.hasOwn(body, field)) return;
    throw badRequest(`${field} is given twice`, field);
  }
  const [closest] = nearest(field, FILES, 1);
  throw badRequest(
    `${shown(field)} cannot be a file; did you mean ${closest}? Files are ${FILES.join(", ")}, columns.NAME and groups.NAME; the rest is in the part problem`,
    field.slice(0, 200),
  );
}
