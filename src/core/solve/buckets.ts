import { BUCKETS, INVALID, NOT_WHOLE } from "../../../assembly/layout.js";
import { blocksOf, checkBlock, IN_DOLLARS, writeBlock, type Matrices } from "./block.js";
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
  /** Every cost in these sums is a whole number of units; otherwise they are useless. True where costs are in dollars. */
  isWhole: boolean;
}

/**
 * Sums the hulls of queries `from` … `to` − 1 into efficiency buckets. Throws `InputError` for an invalid value.
 * `places`: float64 costs are added in units of so many decimal places.
 */
export function sumHulls(
  core: Core,
  problem: Matrices,
  from: number,
  to: number,
  places = IN_DOLLARS,
): BucketSums {
  const { arena, at, block, kernels } = core;
  arena.f64(at.total, 2).fill(0);
  let steps = 0;
  let isWhole = true;
  for (const rows of blocksOf(problem.models, from, to)) {
    const padded = writeBlock(core, problem, rows.from, rows.to, places);
    const sum = block.get("wide") === 0 ? kernels.sumHulls : kernels.sumWideHulls;
    const found = sum(block.address, padded, at.buckets, at.total);
    if (found === NOT_WHOLE) {
      isWhole = false;
      break;
    }
    if (found === INVALID) {
      arena.f64(at.buckets, 2 * BUCKETS).fill(0);
      writeBlock(core, problem, rows.from, rows.to);
      checkBlock(core, problem, rows.from, rows.to);
    }
    steps += found;
  }
  const [startCost, startGain] = arena.f64(at.total, 2);
  return { ...takeBuckets(core), startCost, startGain, steps, isWhole };
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
    isWhole: parts.every((part) => part.isWhole),
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
