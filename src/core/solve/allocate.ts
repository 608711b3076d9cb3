import { blocksOf, checkBlock, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";

/** A price in probability per dollar: ∞ buys nothing but the cheapest models, 0 the most probable ones. */
export type Price = number;

/** Above it the cheapest model is the best: float32 costs that differ do so by 2⁻¹⁴⁹ or more, probabilities by 1 at most. */
const DEAREST: Price = 2 ** 150;

/**
 * The allocation at one price, for queries `from` … `to` − 1, written to `allocation` from 0 on. `isChecked`: the values
 * are known to be valid; else throws `InputError`.
 */
export function allocate(
  core: Core,
  problem: Matrices,
  from: number,
  to: number,
  price: Price,
  allocation: Uint8Array,
  isChecked = true,
): void {
  const { arena, at } = core;
  for (const rows of blocksOf(problem.models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to);
    if (!isChecked) checkBlock(core, problem, rows.from, rows.to);
    allocateBlock(core, padded, problem.models, price, at.from);
    allocation.set(arena.u8(at.from, rows.to - rows.from), rows.from - from);
  }
}

/** The written block's allocation at a price, to an address. */
export function allocateBlock(
  { at, kernels }: Core,
  rows: number,
  models: number,
  price: Price,
  allocation: number,
): void {
  const { cost, probability, scratch } = at;
  if (price > DEAREST) kernels.allocateCheapest(cost, probability, rows, models, scratch, allocation);
  else if (price === 0) kernels.allocateMostProbable(cost, probability, rows, models, scratch, allocation);
  else kernels.allocateAtPrice(cost, probability, rows, models, price, allocation);
}
