import { NOT_WHOLE } from "../../../assembly/layout.js";
import { allocateBlock, type Price } from "./allocate.js";
import { blocksOf, checkBlock, IN_DOLLARS, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";
import type { Steps } from "./steps.js";

/** The allocation of some queries at a price, its sums, and the increments from there to a lower price. */
export interface Bracket {
  allocation: Uint8Array;
  cost: number;
  gain: number;
  /** In parts, in query order. */
  steps: Steps[];
  /** Every cost in these numbers is a whole number of units; otherwise they are useless. True where costs are in dollars. */
  isWhole: boolean;
}

/**
 * The allocation of queries `from` … `to` − 1 at the higher price, and all increments between it and the allocation at
 * the lower price. Unless `isChecked`, throws `InputError` for an invalid value. `places`: costs are in units of so many
 * decimal places.
 */
export function bracketPrices(
  core: Core,
  problem: Matrices,
  from: number,
  to: number,
  high: Price,
  low: Price,
  isChecked: boolean,
  places = IN_DOLLARS,
): Bracket {
  const { arena, at, kernels } = core;
  const { models } = problem;
  const allocation = new Uint8Array(to - from);
  const steps: Steps[] = [];
  let isWhole = true;
  arena.f64(at.total, 2).fill(0);
  arena.u8(at.order, models).set(Uint8Array.from({ length: models }, (_, m) => m));
  for (const rows of blocksOf(models, from, to)) {
    const count = rows.to - rows.from;
    const padded = writeBlock(core, problem, rows.from, rows.to, places);
    checkBlock(core, problem, rows.from, rows.to, isChecked);
    allocateBlock(core, padded, models, high, at.from);
    allocateBlock(core, padded, models, low, at.to);
    allocation.set(arena.u8(at.from, count), rows.from - from);
    if (!kernels.addAllocated(core.block.address, count, at.from, at.total)) isWhole = false;
    const n = kernels.listSteps(core.block.address, count, at.from, at.to, rows.from, core.steps.address);
    if (n === NOT_WHOLE) isWhole = false;
    if (n > 0) steps.push(readSteps(core, n));
  }
  const [cost, gain] = arena.f64(at.total, 2);
  return { allocation, cost, gain, steps, isWhole };
}

function readSteps({ arena, at }: Core, n: number): Steps {
  return {
    efficiency: arena.f64(at.efficiency, n).slice(),
    dCost: arena.f64(at.dCost, n).slice(),
    dGain: arena.f64(at.dGain, n).slice(),
    query: arena.u32(at.query, n).slice(),
    from: arena.u8(at.stepFrom, n).slice(),
    to: arena.u8(at.stepTo, n).slice(),
  };
}
