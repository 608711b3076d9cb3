import { BLOCK_OPTIONS, LANES } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import type { Core } from "../core.js";

/** A problem as plain arrays. Matrices are queries × models, row-major. `Problem` gives the units. */
export interface Matrices {
  models: number;
  cost: Float32Array;
  successProbability: Float32Array;
  /** Per query. */
  weight?: Float32Array;
  /** A byte per option: 0 forbids it. */
  allowed?: Uint8Array;
  /** Per query: options with a lower probability are forbidden. */
  minProbability?: Float32Array;
}

/** Splits queries into blocks that fit the buffers. All blocks but the last hold a multiple of LANES rows. */
export function* blocksOf(models: number, from: number, to: number): Generator<{ from: number; to: number }> {
  const rows = Math.floor(BLOCK_OPTIONS / models / LANES) * LANES;
  for (let start = from; start < to; start += rows) yield { from: start, to: Math.min(start + rows, to) };
}

/**
 * Copies rows in, forbids options, and pads the block with rows of zeros, which add nothing to any sum. Returns the number
 * of rows with the padding.
 */
export function writeBlock(
  { arena, at, block, kernels }: Core,
  { models, cost, successProbability, weight, allowed, minProbability }: Matrices,
  from: number,
  to: number,
): number {
  const rows = to - from;
  const padded = Math.ceil(rows / LANES) * LANES;
  arena.f32(at.cost, rows * models).set(cost.subarray(from * models, to * models));
  arena.f32(at.probability, rows * models).set(successProbability.subarray(from * models, to * models));
  arena.f32(at.cost + rows * models * 4, (padded - rows) * models).fill(0);
  arena.f32(at.probability + rows * models * 4, (padded - rows) * models).fill(0);
  block.set({ models, weight: weight === undefined ? 0 : at.weight });
  if (weight !== undefined) {
    arena.f32(at.weight, rows).set(weight.subarray(from, to));
    arena.f32(at.weight + rows * 4, padded - rows).fill(0);
  }
  if (allowed === undefined && minProbability === undefined) return padded;
  if (allowed !== undefined) {
    arena.u8(at.allowed, rows * models).set(allowed.subarray(from * models, to * models));
  }
  if (minProbability !== undefined) {
    arena.f32(at.minProbability, rows).set(minProbability.subarray(from, to));
  }
  const allowedAt = allowed === undefined ? 0 : at.allowed;
  const minProbabilityAt = minProbability === undefined ? 0 : at.minProbability;
  kernels.forbid(at.cost, at.probability, rows, models, allowedAt, minProbabilityAt);
  return padded;
}

/** Throws `InputError` for values that no kernel accepts. The block has just been written. */
export function checkBlock({ at, kernels }: Core, problem: Matrices, from: number, to: number): void {
  const { models } = problem;
  const options = (to - from) * models;
  if (kernels.allFinite(at.cost, at.probability, options)) return;
  const bad = kernels.findInvalid(at.cost, at.probability, options);
  if (bad < options) throw invalidOption(problem, from * models + bad);
  const row = kernels.findForbidden(at.cost, to - from, models);
  if (row < to - from) {
    throw new InputError(`no model may answer query ${from + row}: all its options are forbidden`, {
      query: from + row,
    });
  }
}

function invalidOption(problem: Matrices, option: number): InputError {
  const query = Math.floor(option / problem.models);
  const model = option % problem.models;
  const isCost = !(problem.cost[option] >= 0);
  const [field, value, expected] = isCost
    ? ["cost", problem.cost[option], "dollars ≥ 0"]
    : ["success probability", problem.successProbability[option], "0 … 1"];
  return new InputError(`${field} of query ${query}, model ${model} is ${value}; expected ${expected}`, {
    field,
    query,
    model,
    value: String(value),
  });
}
