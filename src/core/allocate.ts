import { blocksOf, writeBlock, type Matrices } from "./block.js";
import type { Core } from "./core.js";

/** A price in probability per dollar: ∞ buys nothing but the cheapest models, 0 the most probable ones. */
export type Price = number;

/** The allocation at one price, for queries `from` … `to` − 1, written to `allocation` from 0 on. */
export function allocate(
  core: Core,
  problem: Matrices,
  from: number,
  to: number,
  price: Price,
  allocation: Uint8Array,
): void {
  const { arena, at } = core;
  for (const rows of blocksOf(problem.models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to);
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
  if (price === Infinity) kernels.allocateCheapest(cost, probability, rows, models, scratch, allocation);
  else if (price === 0) kernels.allocateMostProbable(cost, probability, rows, models, scratch, allocation);
  else kernels.allocateAtPrice(cost, probability, rows, models, price, scratch, allocation);
}

/** The written block's allocations at two prices, at once where both are finite and above 0. */
export function allocateBetween(core: Core, rows: number, models: number, high: Price, low: Price): void {
  const { cost, probability, scratch, from, to } = core.at;
  if (high < Infinity && low > 0 && low < high) {
    core.kernels.allocateAtPrices(cost, probability, rows, models, high, low, scratch, from, to);
    return;
  }
  allocateBlock(core, rows, models, high, from);
  if (low !== high) allocateBlock(core, rows, models, low, to);
}
