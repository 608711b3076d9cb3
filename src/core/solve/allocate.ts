import { blocksOf, checkBlock, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";

/** A price in probability per dollar: ∞ takes the cheapest models, 0 the most probable ones. */
export type Price = number;

/** Above this price the cheapest model is the best: different float32 costs differ by at least 2⁻¹⁴⁹, probabilities by at most 1. */
const DEAREST: Price = 2 ** 150;

/**
 * Writes the allocation of queries `from` … `to` − 1 at one price to `allocation`, from index 0 on. Unless `isChecked`,
 * throws `InputError` for an invalid value.
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
    checkBlock(core, problem, rows.from, rows.to, isChecked);
    allocateBlock(core, padded, problem.models, price, at.from);
    allocation.set(arena.u8(at.from, rows.to - rows.from), rows.from - from);
  }
}

/** Writes the allocation of the block at a price to an address. */
export function allocateBlock(
  { at, block, kernels }: Core,
  rows: number,
  models: number,
  price: Price,
  allocation: number,
): void {
  const { cost, probability, scratch } = at;
  if (block.get("wide") !== 0) {
    kernels.allocateWide(block.address, rows, price, allocation);
    return;
  }
  if (price > DEAREST) kernels.allocateCheapest(cost, probability, rows, models, scratch, allocation);
  else if (price === 0) kernels.allocateMostProbable(cost, probability, rows, models, scratch, allocation);
  else kernels.allocateAtPrice(cost, probability, rows, models, price, allocation);
}
