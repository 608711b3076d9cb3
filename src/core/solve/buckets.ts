import { BUCKETS } from "../../../assembly/layout.js";
import { blocksOf, checkBlock, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";
import { readPoints, type Points } from "./points.js";

/** What one pass over some queries adds up to. */
export interface BucketSums {
  /** The lowest bucket that is not empty; 0 where all are. */
  first: number;
  /** Pairs (Σ Δcost, Σ Δprobability) from that bucket to the highest that is not empty. */
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
  let steps = 0;
  for (const rows of blocksOf(models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to);
    const weight = problem.weight === undefined ? 0 : at.weight;
    const { cost, probability, scratch, buckets, total } = at;
    const found = kernels.sumHulls(cost, probability, weight, padded, models, scratch, buckets, total);
    if (found < 0) {
      arena.f64(buckets, 2 * BUCKETS).fill(0);
      checkBlock(core, problem, rows.from, rows.to);
    }
    steps += found;
  }
  const [startCost, startGain] = arena.f64(at.total, 2);
  return { ...takeBuckets(core), startCost, startGain, steps };
}

/** Copies the buckets that are not empty out and empties them: they are a small part, and all are empty between uses. */
function takeBuckets({ arena, at, kernels }: Core): Pick<BucketSums, "first" | "buckets"> {
  const first = kernels.firstBucket(at.buckets);
  const end = kernels.lastBucket(at.buckets) + 1;
  const sums = arena.f64(at.buckets + 16 * first, 2 * Math.max(end - first, 0));
  const buckets = sums.slice();
  sums.fill(0);
  return { first: buckets.length > 0 ? first : 0, buckets };
}

/** Adds up parts of a workload, in their order. */
export function mergeSums(parts: readonly BucketSums[]): BucketSums {
  if (parts.length === 1) return parts[0];
  const filled = parts.filter(({ buckets }) => buckets.length > 0);
  const first = filled.reduce((least, part) => Math.min(least, part.first), BUCKETS);
  const end = filled.reduce((most, part) => Math.max(most, part.first + part.buckets.length / 2), first);
  const merged = {
    first,
    buckets: new Float64Array(2 * (end - first)),
    startCost: 0,
    startGain: 0,
    steps: 0,
  };
  for (const part of parts) {
    const at = 2 * (part.first - first);
    for (let i = 0; i < part.buckets.length; i++) merged.buckets[at + i] += part.buckets[i];
    merged.startCost += part.startCost;
    merged.startGain += part.startGain;
    merged.steps += part.steps;
  }
  return merged;
}

/** The front that bucket sums hold; `weight`, of all queries, turns summed probability into a mean. */
export function scanBuckets({ arena, at, kernels }: Core, sums: BucketSums, weight: number): Points {
  const { first, buckets } = sums;
  const count = buckets.length / 2;
  arena.f64(at.total, 2).set([sums.startCost, sums.startGain]);
  return arena.scoped(() => {
    const sumsAt = arena.write(buckets);
    const cost = arena.reserve((count + 1) * 8);
    const accuracy = arena.reserve((count + 1) * 8);
    const lambda = arena.reserve((count + 1) * 8);
    const n = kernels.scanBuckets(sumsAt, first, count, at.total, weight, cost, accuracy, lambda);
    return readPoints(arena, n, cost, accuracy, lambda);
  });
}
