import { SELECT_DIGITS, Sweep } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import { Arena } from "../arena.js";
import type { SolveKernels } from "../kernels.js";
import { instantiate, type PartModule } from "../module.js";
import { Struct } from "../struct.js";
import { solveModule } from "./module.js";
import { readFront, reserveFront, type Points } from "./points.js";
import type { Steps } from "./steps.js";

/** `up` begins at the cheapest allocation, `down` at the most accurate one. */
export type Direction = "up" | "down";

const MEMORY_BYTES = 2 ** 32;
/** Three float64, three uint32 and one byte. */
const STEP_BYTES = 3 * 8 + 3 * 4 + 1;
/** One float64 and two uint32. */
const QUERY_BYTES = 8 + 2 * 4;
/** A generous bound for the fixed buffers and the points. */
const SPARE_BYTES = 2 ** 24;

/**
 * The sweeps of OptLLM-M over all increments of a problem. Uses an instance of the WebAssembly core of its own, with 37
 * bytes per increment and 16 per query, which is freed with the object.
 */
export class Sweeps {
  private readonly kernels: SolveKernels;
  private readonly steps: number;
  private readonly queries: number;
  private goal = 1;
  private readonly arena: Arena;
  /** See `assembly/solve/rebuild.ts`. */
  private readonly sweep: Struct<typeof Sweep>;
  private readonly total: number;

  /** `steps`: all increments, in query order. Throws `InputError` if they do not fit one memory of 4 GiB. */
  constructor(steps: Steps, queries: number, module: PartModule<SolveKernels> = solveModule()) {
    const n = steps.query.length;
    this.steps = n;
    this.queries = queries;
    checkRoom(n, queries);
    this.kernels = instantiate(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    const { arena } = this;
    this.sweep = new Struct(arena, Sweep, {
      steps: n,
      queries,
      efficiency: arena.reserve(n * 8),
      dCost: arena.reserve(n * 8),
      dGain: arena.reserve(n * 8),
      query: arena.reserve(n * 4),
      ranks: arena.reserve(n * 4),
      applied: arena.reserve(n),
      start: arena.reserve((queries + 1) * 4),
      reach: arena.reserve(queries * 8),
      candidates: arena.reserve(queries * 4),
      sums: arena.reserve(SELECT_DIGITS * 8),
    });
    this.total = arena.reserve(16);
    this.writeRanked(steps);
  }

  /** Begins a sweep; returns the summed probability (up) or the cost in dollars (down) that lies ahead. */
  begin(direction: Direction): number {
    this.goal = direction === "up" ? 1 : 0;
    return this.kernels.beginSweep(this.sweep.address, this.goal);
  }

  /**
   * One destroy and rebuild. Returns the price at which the allocation settles (∞: the cheapest one), or undefined if
   * less than `gap` lies ahead.
   */
  step(gap: number): number | undefined {
    const { kernels, sweep, goal } = this;
    if (kernels.destroy(sweep.address, goal, gap) === 0) return undefined;
    return kernels.rebuild(sweep.address, goal);
  }

  /** The smallest efficiency of all increments, which is the price of the most accurate allocation; ∞ if there are none. */
  get leastPrice(): number {
    const { arena, steps, sweep } = this;
    return steps === 0 ? Infinity : arena.f64(sweep.get("efficiency"), steps)[steps - 1];
  }

  /**
   * The point of the cheapest allocation, then those at prices that `step` returned, falling and below ∞. `weight`: the
   * total of all queries, which turns summed probability into a mean.
   */
  points(prices: Float64Array, cheapest: { cost: number; gain: number }, weight: number): Points {
    const { arena, kernels, sweep, total } = this;
    const n = prices.length;
    const price = arena.write(prices);
    const front = reserveFront(arena, n + 1);
    arena.f64(total, 2).set([cheapest.cost, cheapest.gain]);
    const points = kernels.scanPrices(sweep.address, price, n, total, weight, front.address);
    return readFront(arena, front, points);
  }

  /** Sorts the increments and writes them by rank. The sort uses buffers that are written later as scratch. */
  private writeRanked(steps: Steps): void {
    const { arena, kernels, sweep } = this;
    const n = this.steps;
    const counts = arena.reserve(kernels.sortCountBytes());
    const sorted = arena.reserve(n * 4);
    const values = sweep.get("dCost");
    arena.f64(values, n).set(steps.efficiency);
    kernels.sortFalling(values, n, sorted, sweep.get("efficiency"), sweep.get("dGain"), counts);

    const order = arena.u32(sorted, n);
    const efficiency = arena.f64(sweep.get("efficiency"), n);
    const dCost = arena.f64(values, n);
    const dGain = arena.f64(sweep.get("dGain"), n);
    const query = arena.u32(sweep.get("query"), n);
    const ranks = arena.u32(sweep.get("ranks"), n);
    for (let r = 0; r < n; r++) {
      const s = order[r];
      efficiency[r] = steps.efficiency[s];
      dCost[r] = steps.dCost[s];
      dGain[r] = steps.dGain[s];
      query[r] = steps.query[s];
      ranks[s] = r;
    }
    const start = arena.u32(sweep.get("start"), this.queries + 1);
    for (let s = 0, q = 0; q <= this.queries; q++) {
      while (s < n && steps.query[s] < q) s++;
      start[q] = s;
    }
  }
}

function checkRoom(steps: number, queries: number): void {
  const bytes = steps * STEP_BYTES + queries * QUERY_BYTES + SPARE_BYTES;
  if (bytes <= MEMORY_BYTES) return;
  throw new InputError(
    `${steps} increments of ${queries} queries need ${(bytes / 2 ** 30).toFixed(1)} GiB, ` +
      'more than the 4 GiB of one WebAssembly memory; use algorithm "exact"',
    { field: "algorithm", steps, queries },
  );
}
