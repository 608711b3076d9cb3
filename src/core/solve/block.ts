import { BLOCK_OPTIONS, LANES } from "../../../assembly/layout.js";
import { COST_RANGE, isCost } from "../../decimal.js";
import { InputError } from "../../errors.js";
import type { Core } from "../core.js";
import type { BlockKernels } from "../kernels.js";
import type { Costs } from "../../types.js";

/** A problem as plain arrays. Matrices are queries × models, row-major. `Problem` gives the units. */
export interface Matrices {
  models: number;
  cost: Costs;
  successProbability: Float32Array;
  /** Per query. */
  weight?: Float32Array;
  /** A byte per option: 0 forbids it. */
  allowed?: Uint8Array;
  /** Per query: options with a lower probability are forbidden. */
  minProbability?: Float32Array;
}

/** Stands for costs that are added up in dollars: they are no decimals of so many places. */
export const IN_DOLLARS = -1;

/** Splits queries into blocks that fit the buffers. All blocks but the last hold a multiple of LANES rows. */
export function* blocksOf(models: number, from: number, to: number): Generator<{ from: number; to: number }> {
  const rows = Math.floor(BLOCK_OPTIONS / models / LANES) * LANES;
  for (let start = from; start < to; start += rows) yield { from: start, to: Math.min(start + rows, to) };
}

/**
 * Copies rows in, forbids options, and pads the block with rows of zeros, which add nothing to any sum. Returns the number
 * of rows with the padding. Costs of float64 go to `wide`, and kernels that walk along float32 costs need `checkBlock` first.
 * `places`: decimal places of the unit in which kernels add up float64 costs.
 */
export function writeBlock(
  { arena, at, block, kernels }: Core<BlockKernels>,
  { models, cost, successProbability, weight, allowed, minProbability }: Matrices,
  from: number,
  to: number,
  places = IN_DOLLARS,
): number {
  const rows = to - from;
  const padded = Math.ceil(rows / LANES) * LANES;
  const isWide = cost instanceof Float64Array;
  const costs = isWide ? arena.f64(at.wide, padded * models) : arena.f32(at.cost, padded * models);
  costs.set(cost.subarray(from * models, to * models));
  costs.fill(0, rows * models);
  arena.f32(at.probability, rows * models).set(successProbability.subarray(from * models, to * models));
  arena.f32(at.probability + rows * models * 4, (padded - rows) * models).fill(0);
  block.set({ models, weight: weight === undefined ? 0 : at.weight, wide: isWide ? at.wide : 0, places });
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
  kernels.forbid(block.address, rows, allowedAt, minProbabilityAt);
  return padded;
}

/**
 * Makes a block ready for kernels that do not check: float64 costs get their float32 companions. Throws `InputError` for
 * values that no kernel accepts. The block has just been written; `isChecked`: an earlier pass found it valid.
 */
export function checkBlock(core: Core, problem: Matrices, from: number, to: number, isChecked = false): void {
  const { arena, at, block, kernels } = core;
  const { models, cost } = problem;
  const options = (to - from) * models;
  const isWide = cost instanceof Float64Array;
  const padded = Math.ceil((to - from) / LANES) * LANES;
  if (isWide ? kernels.narrow(block.address, padded) : isChecked) return;
  if (!isWide && kernels.allFinite(at.cost, at.probability, options)) return;
  const costs = isWide ? arena.f64(at.wide, options) : arena.f32(at.cost, options);
  const probability = arena.f32(at.probability, options);
  for (let option = 0; option < options; option++) {
    const [c, p] = [costs[option], probability[option]];
    if (!isCost(c) && c !== Infinity)
      throw wrongValue(problem, from * models + option, "cost", c, COST_RANGE);
    if (!(p >= 0 && p <= 1))
      throw wrongValue(problem, from * models + option, "success probability", p, "0 … 1");
  }
  for (let row = 0; row < to - from; row++) {
    if (costs.subarray(row * models, (row + 1) * models).some((c) => c < Infinity)) continue;
    throw new InputError(`no model may answer query ${from + row}: all its options are forbidden`, {
      query: from + row,
    });
  }
}

function wrongValue(
  { models }: Matrices,
  option: number,
  field: string,
  value: number,
  expected: string,
): InputError {
  const query = Math.floor(option / models);
  const model = option % models;
  return new InputError(`${field} of query ${query}, model ${model} is ${value}; expected ${expected}`, {
    field,
    query,
    model,
    value: String(value),
  });
}
