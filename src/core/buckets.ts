import { BUCKETS } from "../../assembly/layout.js";
import { blocksOf, checkBlock, writeBlock, type Matrices } from "./block.js";
import type { Core } from "./core.js";
import { readPoints, type Points } from "./points.js";

/** What one pass over some queries adds up to. */
export interface BucketSums {
  /** Pairs (Σ Δcost, Σ Δprobability), one for each efficiency bucket. */
  buckets: Float64Array;
  /** Cost and summed probability of the cheapest allocation. */
  startCost: number;
  startGain: number;
  /** Number of increments. */
  steps: number;
}

/** Sums the hulls of queries `from` … `to` − 1 into efficiency buckets. Throws `InputError` for a wrong value. */
export function sumHulls(core: Core, problem: Matrices, from: number, to: number): BucketSums {
  const { arena, at, kernels } = core;
  const { models } = problem;
  arena.f64(at.total, 2).fill(0);
  arena.f64(at.buckets, 2 * BUCKETS).fill(0);
  let steps = 0;
  for (const rows of blocksOf(models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to);
    const weight = problem.weight === undefined ? 0 : at.weight;
    const { cost, probability, scratch, buckets, total } = at;
    const found = kernels.sumHulls(cost, probability, weight, padded, models, scratch, buckets, total);
    if (found < 0) checkBlock(core, problem, rows.from, rows.to);
    steps += found;
  }
  const [startCost, startGain] = arena.f64(at.total, 2);
  return { buckets: arena.f64(at.buckets, 2 * BUCKETS).slice(), startCost, startGain, steps };
}

/** The front that bucket sums hold; `weight`, of all queries, turns summed probability into a mean. */
export function scanBuckets({ arena, at, kernels }: Core, sums: BucketSums, weight: number): Points {
  arena.f64(at.buckets, 2 * BUCKETS).set(sums.buckets);
  arena.f64(at.total, 2).set([sums.startCost, sums.startGain]);
  return arena.scoped(() => {
    const cost = arena.reserve((BUCKETS + 1) * 8);
    const accuracy = arena.reserve((BUCKETS + 1) * 8);
    const lambda = arena.reserve((BUCKETS + 1) * 8);
    const n = kernels.scanBuckets(at.buckets, at.total, weight, cost, accuracy, lambda);
    return readPoints(arena, n, cost, accuracy, lambda);
  });
}
