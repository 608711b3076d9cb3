import { BUCKETS } from "../../../assembly/layout.js";
import { blocksOf, checkBlock, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";
import { readFront, reserveFront, type Points } from "./points.js";

/** The sums of one pass over some queries. */
export interface BucketSums {
  /** The lowest bucket that is not empty; 0 if all are empty. */
  first: number;
  /** Pairs (Σ Δcost, Σ Δprobability) from that bucket to the highest that is not empty. */
  buckets: Float64Array;
  /** Cost and summed probability of the cheapest allocation. */
  startCost: number;
  startGain: number;
  /** Number of increments. */
  steps: number;
}

/**
 * Sums the hulls of queries `from` … `to` − 1 into efficiency buckets. Throws `InputError` for an invalid value. `scale`:
 * units per dollar in which float64 costs are added; 0: in dollars.
 */
export function sumHulls(core: Core, problem: Matrices, from: number, to: number, scale = 0): BucketSums {
  const { arena, at } = core;
  arena.f64(at.total, 2).fill(0);
  let steps = 0;
  for (const rows of blocksOf(problem.models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to);
    const found = sumBlock(core, padded, scale);
    if (found < 0) {
      arena.f64(at.buckets, 2 * BUCKETS).fill(0);
      writeBlock(core, problem, rows.from, rows.to);
      checkBlock(core, problem, rows.from, rows.to);
    }
    steps += found;
  }
  const [startCost, startGain] = arena.f64(at.total, 2);
  return { ...takeBuckets(core), startCost, startGain, steps };
}

/** Adds the block's increments to the buckets; returns their number, or −1 for an invalid value. */
function sumBlock({ at, block, kernels }: Core, rows: number, scale: number): number {
  if (block.get("wide") === 0) return kernels.sumHulls(block.address, rows, at.buckets, at.total);
  if (!kernels.narrow(block.address, rows, scale)) return -1;
  return kernels.sumWideHulls(block.address, rows, at.buckets, at.total);
}

/** Copies the buckets in use out and sets them to 0: they are few, and all buckets are 0 between passes. */
function takeBuckets({ arena, at, kernels }: Core): Pick<BucketSums, "first" | "buckets"> {
  const first = kernels.firstBucket(at.buckets);
  const end = kernels.lastBucket(at.buckets) + 1;
  const sums = arena.f64(at.buckets + 16 * first, 2 * Math.max(end - first, 0));
  const buckets = sums.slice();
  sums.fill(0);
  return { first: buckets.length > 0 ? first : 0, buckets };
}

/** Adds the sums of parts of a workload, in their order. */
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

/** The front from bucket sums. `weight`: the total of all queries, which turns summed probability into a mean. */
export function scanBuckets({ arena, at, kernels }: Core, sums: BucketSums, weight: number): Points {
  const { first, buckets } = sums;
  const count = buckets.length / 2;
  arena.f64(at.total, 2).set([sums.startCost, sums.startGain]);
  return arena.scoped(() => {
    const sumsAt = arena.write(buckets);
    const front = reserveFront(arena, count + 1);
    const n = kernels.scanBuckets(sumsAt, first, count, at.total, weight, front.address);
    return readFront(arena, front, n);
  });
}
