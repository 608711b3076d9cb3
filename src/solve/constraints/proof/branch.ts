import type { Core } from "./core.js";
import { Heap } from "./heap.js";
import { Narrower, wholePart, type Part } from "./parts.js";
import { Relaxation } from "./relaxation.js";

/** What a search of everything found. */
export interface Branched {
  /** By query of the core: the option in the best allocation found; undefined if none is better than what was known. */
  options?: Int32Array;
  /** No allocation has a smaller gap than this. */
  least: number;
  /** Every allocation that may be better was tried or is excluded by a bound. */
  isComplete: boolean;
  /** Options × rows that were gone through. */
  work: number;
}

/** How long to search, and what counts as found. */
export interface BranchLimits {
  /** The gap that is known; ∞ without an allocation. Only allocations whose gap is smaller by the tolerance are looked for. */
  gap: number;
  tolerance: number;
  /** Options × rows to go through, after which the search ends. */
  work: number;
  /** Whether an allocation that keeps the rows of the core up to rounding keeps them exactly. */
  accept: (options: Int32Array) => boolean;
  /** Called now and then; true ends the search. */
  pause: () => Promise<boolean>;
}

/** Exchanges of the basis, of the whole core and of a part that differs from one that has been solved by one query. */
const FIRST_PIVOTS = 20_000;
const PIVOTS = 500;
/** Shares this close to 0 or 1 are whole. */
const WHOLE = 1e-7;
const WORK_A_PAUSE = 2e6;

/** A part whose relaxation has been solved, with one option of the query that is branched on. */
interface Child {
  part: Part;
  option: number;
  /** No allocation of it has a smaller gap. */
  bound: number;
  /** In the order in which they were made. */
  number: number;
}

/**
 * Branch and bound over the options of single queries [LandDoig1960], with the linear relaxation as bound: from the open part of
 * the least bound down to a leaf, the largest share first, and so on. The same steps for the same work.
 */
export function branch(core: Core, limits: BranchLimits): Promise<Branched> {
  return new Tree(core, limits).run();
}

class Tree {
  private readonly relaxation: Relaxation;
  private readonly narrower: Narrower;
  private readonly open = new Heap<Child>(
    (a, b) => a.bound < b.bound || (a.bound === b.bound && a.number < b.number),
  );
  private gap: number;
  private best: Int32Array | undefined;
  private made = 0;

  constructor(
    private readonly core: Core,
    private readonly limits: BranchLimits,
  ) {
    this.relaxation = new Relaxation(core);
    this.narrower = new Narrower(core);
    this.gap = limits.gap;
  }

  private get cutoff(): number {
    return this.gap - this.limits.tolerance;
  }

  async run(): Promise<Branched> {
    const { relaxation, narrower, limits, open } = this;
    let children = this.visit(wholePart(this.core), FIRST_PIVOTS);
    for (let paused = 0; ;) {
      const [first, ...others] = children;
      for (const child of others) open.push(child);
      const next = first ?? open.pop();
      if (next === undefined) return this.result(Infinity, true);
      children = [];
      if (next.bound >= this.cutoff) continue;
      if (relaxation.work > limits.work) return this.result(next.bound, false);
      if (relaxation.work > paused + WORK_A_PAUSE) {
        paused = relaxation.work;
        if (await limits.pause()) return this.result(next.bound, false);
      }
      const part = narrower.narrow(next.part, next.option, relaxation.reduced, Infinity);
      if (part !== undefined) children = this.visit(part, PIVOTS);
    }
  }

  /** `bound`: of the part that is left besides the open ones. */
  private result(bound: number, isComplete: boolean): Branched {
    const { best, gap, cutoff, open } = this;
    const least = isComplete ? gap : Math.min(cutoff, bound, open.first?.bound ?? Infinity);
    return { options: best, least, isComplete, work: this.relaxation.work };
  }

  /** Solves the relaxation of a part; returns what is to be searched of it, the largest share first. */
  private visit(part: Part, pivots: number): Child[] {
    const { relaxation } = this;
    const { reduced } = relaxation;
    relaxation.solve(part, this.cutoff, pivots);
    const { bound } = relaxation;
    if (bound >= this.cutoff) return [];
    let query = this.sharedQuery(part, bound);
    if (query < 0) this.take(part);
    const left = this.narrower.narrow(part, -1, reduced, this.cutoff - bound);
    if (bound >= this.cutoff || left === undefined) return [];
    // Whole, yet not good: any query that has a choice.
    if (query < 0) query = left.queries.find((_, i) => left.start[i + 1] - left.start[i] > 1) ?? -1;
    const place = left.queries.indexOf(query);
    if (place < 0) return [];
    const options = Array.from(left.options.subarray(left.start[place], left.start[place + 1]), (option) => ({
      option,
      share: relaxation.amountOf(option),
    }));
    options.sort((a, b) => b.share - a.share || reduced[a.option] - reduced[b.option] || a.option - b.option);
    return options.map(({ option }) => ({
      part: left,
      option,
      bound: bound + reduced[option],
      number: ++this.made,
    }));
  }

  /** The query that is shared and whose options, each left out or taken in full, raise the bound most; −1 if all are whole. */
  private sharedQuery({ basis }: Part, bound: number): number {
    const { relaxation } = this;
    const most = this.cutoff - bound;
    let best = -1;
    let found = -1;
    basis.forEach((basic, place) => {
      if (basic < 0) return;
      const amount = relaxation.basic[place];
      if (amount < WHOLE || amount > 1 - WHOLE) return;
      const { down, up } = relaxation.penalties(place);
      const score = (Math.min(down, most) + 1e-6) * (Math.min(up, most) + 1e-6);
      if (score > best) [best, found] = [score, this.core.query[basic]];
    });
    return found;
  }

  /** Takes the allocation of a part's relaxation, which is whole, if it keeps the rows and is better. */
  private take(part: Part): void {
    const { core, relaxation, limits } = this;
    const { rows, loss, amount, price } = core;
    const options = part.closed.slice();
    const room = part.room.slice();
    let gap = part.base;
    part.queries.forEach((q, place) => {
      const o = relaxation.largestOption(place);
      options[q] = o;
      gap += loss[o];
      for (let k = 0; k < rows; k++) room[k] -= amount[o * rows + k];
    });
    for (let k = 0; k < rows; k++) {
      if (room[k] < 0) return;
      gap += price[k] * room[k];
    }
    if (gap >= this.cutoff || !limits.accept(options)) return;
    this.gap = gap;
    this.best = options;
  }
}
