import { SELECT_DIGITS } from "../../../assembly/layout.js";
import { InputError } from "../../errors.js";
import { Arena } from "../arena.js";
import type { Kernels } from "../kernels.js";
import { compileCore, instantiateCore } from "../module.js";
import { readPoints, type Points } from "./points.js";
import type { Steps } from "./steps.js";

/** `up` begins at the cheapest allocation, `down` at the most accurate one. */
export type Direction = "up" | "down";

const MEMORY_BYTES = 2 ** 32;
/** Three float64, three uint32 and one byte. */
const STEP_BYTES = 3 * 8 + 3 * 4 + 1;
/** One float64 and two uint32. */
const QUERY_BYTES = 8 + 2 * 4;
/** For the fixed buffers and the points, generously. */
const SPARE_BYTES = 2 ** 24;

/**
 * The sweeps of OptLLM-M over all increments of a problem: an instance of the WebAssembly core with memory of its
 * own, 37 bytes an increment and 16 a query, which goes when the object does.
 */
export class Sweeps {
  private readonly kernels: Kernels;
  private readonly steps: number;
  private readonly queries: number;
  private goal = 1;
  private readonly arena: Arena;
  /** By rank but for `ranks` and `order`; see `assembly/solve/rebuild.ts`. */
  private readonly at: {
    efficiency: number;
    dCost: number;
    dGain: number;
    query: number;
    order: number;
    ranks: number;
    applied: number;
    start: number;
    reach: number;
    candidates: number;
    sums: number;
    total: number;
  };

  /** `steps`: every increment, in query order. Throws `InputError` when they do not fit one memory of 4 GiB. */
  constructor(steps: Steps, queries: number, module: WebAssembly.Module = compileCore("release")) {
    const n = steps.query.length;
    this.steps = n;
    this.queries = queries;
    checkRoom(n, queries);
    this.kernels = instantiateCore(module);
    this.arena = new Arena(this.kernels.memory, this.kernels.heapBase());
    const { arena } = this;
    this.at = {
      efficiency: arena.reserve(n * 8),
      dCost: arena.reserve(n * 8),
      dGain: arena.reserve(n * 8),
      query: arena.reserve(n * 4),
      order: arena.reserve(n * 4),
      ranks: arena.reserve(n * 4),
      applied: arena.reserve(n),
      start: arena.reserve((queries + 1) * 4),
      reach: arena.reserve(queries * 8),
      candidates: arena.reserve(queries * 4),
      sums: arena.reserve(SELECT_DIGITS * 8),
      total: arena.reserve(16),
    };
    this.writeRanked(steps);
  }

  /** Begins a sweep; returns how much summed probability (up) or cost in dollars (down) lies before it. */
  begin(direction: Direction): number {
    this.goal = direction === "up" ? 1 : 0;
    const { at, kernels, steps, queries, goal } = this;
    return kernels.beginSweep(steps, queries, at.query, this.delta, goal, at.applied, at.reach);
  }

  /**
   * One destroy and rebuild. Returns the price at which the allocation settles (∞: the cheapest one), or
   * undefined when less than `gap` lies before the sweep.
   */
  step(gap: number): number | undefined {
    const { at, kernels, steps, queries, goal } = this;
    const { start, ranks, applied, reach, sums, candidates } = at;
    const moved = kernels.destroy(queries, start, ranks, gap, goal, applied, reach, sums, candidates);
    if (moved === 0) return undefined;
    return kernels.rebuild(steps, at.efficiency, at.query, this.delta, goal, applied, reach);
  }

  /** The smallest efficiency of all increments, the price of the most accurate allocation; ∞ without any. */
  get leastPrice(): number {
    const { steps } = this;
    return steps === 0 ? Infinity : this.arena.f64(this.at.efficiency, steps)[steps - 1];
  }

  /**
   * The points at prices that `step` returned, falling and below ∞, after that of the cheapest allocation; `weight`, of
   * all queries, turns summed probability into a mean.
   */
  points(prices: Float64Array, cheapest: { cost: number; gain: number }, weight: number): Points {
    const { arena, at, kernels, steps } = this;
    const n = prices.length;
    const price = arena.write(prices);
    const cost = arena.reserve((n + 1) * 8);
    const accuracy = arena.reserve((n + 1) * 8);
    const lambda = arena.reserve((n + 1) * 8);
    arena.f64(at.total, 2).set([cheapest.cost, cheapest.gain]);
    const points = kernels.scanPrices(
      steps,
      at.efficiency,
      at.dCost,
      at.dGain,
      at.total,
      weight,
      price,
      n,
      cost,
      accuracy,
      lambda,
    );
    return readPoints(arena, points, cost, accuracy, lambda);
  }

  private get delta(): number {
    return this.goal === 1 ? this.at.dGain : this.at.dCost;
  }

  /** Sorts the increments and writes them by rank; buffers that are written later serve the sort as scratch. */
  private writeRanked(steps: Steps): void {
    const { arena, at, kernels } = this;
    const n = this.steps;
    const counts = arena.reserve(kernels.sortCountBytes());
    arena.f64(at.dCost, n).set(steps.efficiency);
    kernels.sortFalling(at.dCost, n, at.order, at.efficiency, at.dGain, counts);

    const order = arena.u32(at.order, n);
    const efficiency = arena.f64(at.efficiency, n);
    const dCost = arena.f64(at.dCost, n);
    const dGain = arena.f64(at.dGain, n);
    const query = arena.u32(at.query, n);
    const ranks = arena.u32(at.ranks, n);
    for (let r = 0; r < n; r++) {
      const s = order[r];
      efficiency[r] = steps.efficiency[s];
      dCost[r] = steps.dCost[s];
      dGain[r] = steps.dGain[s];
      query[r] = steps.query[s];
      ranks[s] = r;
    }
    const start = arena.u32(at.start, this.queries + 1);
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
