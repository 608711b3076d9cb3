import { InputError } from "../errors.js";
import type { Costs } from "../types.js";
import { bracketAll, type Front, type Joined } from "./front.js";
import type { RunningOptions } from "../pool/running.js";
import { isStreamed } from "./input.js";
import { isSpread } from "./pass.js";

/** The first point of a front whose price is at most the increment's efficiency: where it has been applied. */
function pointOf({ lambda, resolution }: Front, efficiency: number): number {
  const slope = resolution === "buckets" ? Math.fround(efficiency) : efficiency;
  let low = 0;
  let high = lambda.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (lambda[middle] <= slope) high = middle;
    else low = middle + 1;
  }
  return low;
}

/**
 * The cheapest allocation and all increments. Throws `InputError` for a streamed problem, which has too many
 * increments.
 */
async function allSteps(front: Front, options: RunningOptions): Promise<Joined & { weightOf: WeightOf }> {
  const { problem } = front;
  if (isStreamed(problem)) throw new InputError("a trace needs the problem in memory", { field: "problem" });
  const weightOf = (query: number): number => problem.weight?.[query] ?? 1;
  return { ...(await bracketAll(problem, Infinity, 0, options)), weightOf };
}

type WeightOf = (query: number) => number;

/**
 * Σ weight[q] · value[q, allocation[q]] at every point of a front: recorded cost, outcomes or anything else that is
 * summed over an allocation. `value`: queries × models, row-major. O(increments · log points).
 */
export async function traceFront(
  front: Front,
  value: Costs,
  options: RunningOptions = {},
): Promise<Float64Array> {
  const models = front.problem.models.length;
  const { allocation, steps, weightOf } = await allSteps(front, options);
  const sums = new Float64Array(front.lambda.length);
  for (let q = 0; q < allocation.length; q++) sums[0] += weightOf(q) * value[q * models + allocation[q]];
  for (let s = 0; s < steps.query.length; s++) {
    const query = steps.query[s];
    const change = value[query * models + steps.to[s]] - value[query * models + steps.from[s]];
    sums[pointOf(front, steps.efficiency[s])] += weightOf(query) * change;
  }
  for (let k = 1; k < sums.length; k++) sums[k] += sums[k - 1];
  return sums;
}

/**
 * How many queries (by weight) each model answers at chosen points of a front: points × models, row-major.
 * `points`: indices into the front, rising. O(increments · log points + points × models).
 */
export async function countShares(
  front: Front,
  points: Uint32Array,
  options: RunningOptions = {},
): Promise<Float64Array> {
  const { problem, lambda } = front;
  if (isSpread(problem))
    return problem.counts(
      Float64Array.from(points, (k) => lambda[k]),
      options,
    );
  const models = problem.models.length;
  const { allocation, steps, weightOf } = await allSteps(front, options);
  const counts = new Float64Array(points.length * models);
  if (points.length === 0) return counts;
  const nextChosen = nextOf(front, points);
  for (let q = 0; q < allocation.length; q++) counts[allocation[q]] += weightOf(q);
  const first = counts.slice(0, models);
  counts.fill(0, 0, models);
  for (let s = 0; s < steps.query.length; s++) {
    const k = pointOf(front, steps.efficiency[s]);
    const chosen = k < nextChosen.length ? nextChosen[k] : points.length;
    if (chosen === points.length) continue;
    counts[chosen * models + steps.from[s]] -= weightOf(steps.query[s]);
    counts[chosen * models + steps.to[s]] += weightOf(steps.query[s]);
  }
  for (let k = 0; k < points.length; k++) {
    for (let m = 0; m < models; m++) {
      counts[k * models + m] += k === 0 ? first[m] : counts[(k - 1) * models + m];
    }
  }
  return counts;
}

/**
 * For every point of a front, the first chosen point that includes it: an index into `points`, or their number if there
 * is none.
 */
function nextOf(front: Front, points: Uint32Array): Uint32Array {
  const nextChosen = new Uint32Array(front.lambda.length).fill(points.length);
  for (let k = 0, chosen = 0; k < nextChosen.length; k++) {
    while (chosen < points.length && points[chosen] < k) chosen++;
    nextChosen[k] = chosen;
  }
  return nextChosen;
}

/** Blocks of queries: the block of each query, 0 … count − 1. */
export interface Blocks {
  of: Uint32Array;
  count: number;
}

/**
 * Like `traceFront`, at chosen points of a front and separately for each block of queries: blocks × points, row-major.
 * `points`: indices into the front, rising. O(increments · log points + blocks × points).
 */
export async function traceBlocks(
  front: Front,
  value: Costs,
  points: Uint32Array,
  blocks: Blocks,
  options: RunningOptions = {},
): Promise<Float64Array> {
  const models = front.problem.models.length;
  const { allocation, steps, weightOf } = await allSteps(front, options);
  const nextChosen = nextOf(front, points);
  const sums = new Float64Array(blocks.count * points.length);
  for (let q = 0; q < allocation.length; q++) {
    sums[blocks.of[q] * points.length] += weightOf(q) * value[q * models + allocation[q]];
  }
  for (let s = 0; s < steps.query.length; s++) {
    const k = pointOf(front, steps.efficiency[s]);
    const chosen = k < nextChosen.length ? nextChosen[k] : points.length;
    if (chosen === points.length) continue;
    const query = steps.query[s];
    const change = value[query * models + steps.to[s]] - value[query * models + steps.from[s]];
    sums[blocks.of[query] * points.length + chosen] += weightOf(query) * change;
  }
  for (let at = 1; at < sums.length; at++) if (at % points.length > 0) sums[at] += sums[at - 1];
  return sums;
}
