import { accuracyAt, areaUnder, costAt, type Curve } from "./figures/curve.js";
import { interval, type Interval } from "./figures/interval.js";
import { meanOfKnown, observed, overRepeats, resample, type BlockSums } from "./figures/bootstrap.js";
import { nonDecreasingHull } from "./figures/hull.js";
import { Random } from "../random.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import { traceBlocks, type Blocks } from "../solve/trace.js";
import { aloneOf, type Alone, type AloneSums } from "./alone.js";
import type { CostAccuracy } from "./chosenPlans.js";
import type { Records } from "./comparators.js";
import { byCost, type SingleModel } from "./realised.js";
import { thin } from "../solve/thin.js";

/** How the intervals are made. */
export interface Resampling {
  replicates: number;
  /** Number of blocks into which the queries are dealt; with few queries, each is its own block. */
  blocks: number;
}

/** Gains of a router over a reference, with 95 % intervals. */
export interface Advantage {
  /** Accuracy (0 … 1) above the other's at the same cost. */
  accuracyAtEqualCost: Interval;
  /** 1 − cost / the other's cost at the same accuracy; null: that accuracy is not reached. */
  savingAtEqualAccuracy: Interval;
}

/** Gains of a chosen plan over a model used alone, with 95 % intervals. */
export interface Difference {
  /** Accuracy of the plan − accuracy of the model. */
  accuracy: Interval;
  /** 1 − cost of the plan / cost of the model. */
  saving: Interval;
}

/** The evidence of all repeats. */
export interface Evidence {
  /**
   * The front against the best single model: at its cost, and at its accuracy. That accuracy may also be reached on the way
   * from the front's dearest point to the model that was the best of the labelled sample, by mixing the two.
   */
  front: Advantage;
  /**
   * The front's mean accuracy above the zero router's, over costs from the cheapest single model's to the best one's;
   * null where the best model is the cheapest.
   */
  frontAboveZeroRouter: Interval;
  /** For each plan, in their order. */
  plans: { againstZeroRouter: Advantage; againstBestSingle: Difference }[];
}

/** The figures of one repeat: as observed, and of every replicate. */
export interface RepeatEvidence {
  observed: readonly number[];
  replicates: Float64Array[];
}

const REPLICATES = 1000;
const MOST_BLOCKS = 1000;
const FRONT_POINTS = 100;

/**
 * Deals the rows of a dataset at random into blocks that are resampled as a whole: one row each for up to 1,000 rows,
 * blocks of equal size for more. `isGrouped`: rows of equal text stay together. The result has the block of every row.
 */
export function dealBlocks(queries: readonly string[], seed: number, isGrouped: boolean): Blocks {
  const unitOf = new Map<string, number>();
  const units = isGrouped
    ? Uint32Array.from(
        queries,
        (text) => unitOf.get(text) ?? (unitOf.set(text, unitOf.size), unitOf.size - 1),
      )
    : Uint32Array.from(queries, (_, row) => row);
  const unitCount = isGrouped ? unitOf.size : queries.length;
  const count = Math.min(unitCount, MOST_BLOCKS);
  const order = new Random(seed, DEALING).permutation(unitCount);
  return { of: units.map((unit) => order[unit] % count), count };
}

/** A stream of the seed for dealing blocks. */
const DEALING = 100;

/** The inputs from one repeat. */
export interface Judged {
  front: Front;
  /** The front that goes on to the best single model alone; the same if it does so itself, or may end before. */
  continued: Front;
  records: Records;
  /** The models that are judged alone, on the test queries. */
  alone: Alone;
  /** Their figures, and those of the best single model, which all repeats compare with. */
  singles: readonly SingleModel[];
  best: SingleModel;
  /** The best single model of the labelled sample, its index among `alone.models`: the front is continued to it. */
  offered: number;
  /** The allocation of each plan; undefined where the target was infeasible. */
  allocations: readonly (Uint8Array | undefined)[];
}

/**
 * Resamples the test queries of one repeat, 1,000 times. Resampled: the queries on which everything is judged.
 * Fixed: the labelled sample, the predictions, the front, the plans, and which model is the best.
 */
export async function evidenceOf(
  judged: Judged,
  blocks: Blocks,
  seed: number,
  options: RunningOptions,
): Promise<RepeatEvidence> {
  const traces = tracesOf(judged);
  const sums = await blockSums(judged, traces, blocks, options);
  const statistic = (totals: Float64Array): number[] => figuresOf(totals, judged, traces);
  return {
    observed: observed(sums, statistic),
    replicates: resample(sums, statistic, { replicates: REPLICATES, seed }),
  };
}

/** About 100 points along a front, with both ends of its longest step: a straight line must not cut that corner. */
export function tracedPoints({ totalCost }: Pick<Front, "totalCost">): Uint32Array {
  let longest = 1;
  for (let k = 2; k < totalCost.length; k++)
    if (totalCost[k] - totalCost[k - 1] > totalCost[longest] - totalCost[longest - 1]) longest = k;
  const ends = totalCost.length > 1 ? [longest - 1, longest] : [];
  return Uint32Array.from(new Set([...thin(totalCost.length, FRONT_POINTS), ...ends])).sort();
}

/**
 * Columns: queries; cost and hits of each plan; for each single model the sums that `aloneOf` takes; costs at points along
 * the front; hits there; the same for the continued front, unless it is the same.
 */
async function blockSums(
  judged: Judged,
  traces: readonly Trace[],
  blocks: Blocks,
  options: RunningOptions,
): Promise<BlockSums> {
  const { front, records, allocations, alone } = judged;
  const models = front.problem.models.length;
  const traced: { points: Uint32Array; values: Float64Array }[] = [];
  for (const { front: one, points } of traces) {
    for (const matrix of [records.cost, records.outcome])
      traced.push({ points, values: await traceBlocks(one, matrix, points, blocks, options) });
  }
  const fixed = fixedColumns(judged);
  const columns = traced.reduce((sum, { points }) => sum + points.length, fixed);
  const sums = new Float64Array(blocks.count * columns);
  for (let q = 0; q < front.queries; q++) {
    const row = sums.subarray(blocks.of[q] * columns, (blocks.of[q] + 1) * columns);
    row[0]++;
    allocations.forEach((allocation, p) => {
      if (allocation === undefined) return;
      row[1 + 2 * p] += records.cost[q * models + allocation[q]];
      row[2 + 2 * p] += records.outcome[q * models + allocation[q]];
    });
    addAlone(row.subarray(1 + 2 * allocations.length, fixed), alone, q);
  }
  for (let block = 0; block < blocks.count; block++) {
    let at = block * columns + fixed;
    for (const { points, values } of traced) {
      sums.set(values.subarray(block * points.length, (block + 1) * points.length), at);
      at += points.length;
    }
  }
  return { columns, sums };
}

/** A front and the points along it that are resampled. */
interface Trace {
  front: Front;
  points: Uint32Array;
}

/** The front, and the continued one if it is another. */
function tracesOf({ front, continued }: Judged): Trace[] {
  const fronts = continued === front ? [front] : [front, continued];
  return fronts.map((one) => ({ front: one, points: tracedPoints(one) }));
}

/** A traced front by its sums, from a place on. Recorded costs need not rise along a front of predicted ones. */
function tracedFront(totals: Float64Array, first: number, points: number): Curve {
  const { cost, realisedAccuracy } = byCost({
    cost: totals.subarray(first, first + points),
    realisedAccuracy: totals.subarray(first + points, first + 2 * points).map((hits) => hits / totals[0]),
  });
  return { cost, accuracy: realisedAccuracy };
}

/** Sums of a single model. */
const ALONE = 5;

function fixedColumns({ allocations, alone }: Judged): number {
  return 1 + 2 * allocations.length + ALONE * alone.models.length;
}

/** Adds a query to the sums of the single models. */
function addAlone(sums: Float64Array, { models, best, cost, outcome }: Alone, query: number): void {
  const first = query * models.length;
  for (let m = 0, at = 0; m < models.length; m++, at += ALONE) {
    if (Number.isNaN(cost[first + m])) continue;
    sums[at]++;
    sums[at + 1] += cost[first + m];
    sums[at + 2] += outcome[first + m];
    sums[at + 3] += cost[first + best];
    sums[at + 4] += outcome[first + best];
  }
}

/** The single models by their sums, in the order of `Alone`. */
function alonePoints(sums: Float64Array, { models, best }: Alone): CostAccuracy[] {
  const own = models.map((_, m): AloneSums => {
    const [rows, cost, right, bestCost, bestRight] = sums.subarray(ALONE * m, ALONE * (m + 1));
    return { rows, cost, right, bestCost, bestRight };
  });
  return own.map((one) => aloneOf(one, own[best]));
}

/** Three figures of the front, then four for each plan. */
function figuresOf(totals: Float64Array, judged: Judged, traces: readonly Trace[]): number[] {
  const { alone, allocations } = judged;
  const queries = totals[0];
  const plans = allocations.map((_, p) => ({
    cost: totals[1 + 2 * p],
    accuracy: totals[2 + 2 * p] / queries,
  }));
  if (queries === 0) return Array<number>(3 + 4 * plans.length).fill(NaN);
  const fixed = fixedColumns(judged);
  let at = fixed;
  const curves = traces.map(({ points: { length } }) => {
    at += 2 * length;
    return tracedFront(totals, at - 2 * length, length);
  });
  const [front, further = front] = curves;
  const singles = alonePoints(totals.subarray(1 + 2 * plans.length, fixed), alone);
  const model = singles[alone.best];
  const zero = nonDecreasingHull(curve(singles.filter(({ accuracy }) => !Number.isNaN(accuracy))));
  return [
    accuracyAt(front, model.cost) - model.accuracy,
    saving(costAt(withLast(further, singles[judged.offered]), model.accuracy), model.cost),
    meanAbove(front, zero, model.cost),
    ...plans.flatMap((plan, p) =>
      allocations[p] === undefined
        ? [NaN, NaN, NaN, NaN]
        : [
            plan.accuracy - accuracyAt(zero, plan.cost),
            // No mix is this accurate: compare with the most accurate one, which gives a lower bound.
            saving(plan.cost, costAt(zero, Math.min(plan.accuracy, zero.accuracy[zero.accuracy.length - 1]))),
            plan.accuracy - model.accuracy,
            saving(plan.cost, model.cost),
          ],
    ),
  ];
}

function curve(points: readonly { cost: number; accuracy: number }[]): Curve {
  return {
    cost: Float64Array.from(points, ({ cost }) => cost),
    accuracy: Float64Array.from(points, ({ accuracy }) => accuracy),
  };
}

/** Mean accuracy of a curve above another's, over costs from where the other begins; NaN where that is the end. */
function meanAbove(curve: Curve, other: Curve, high: number): number {
  const low = other.cost[0];
  if (!(low < high)) return NaN;
  return (areaUnder(curve, low, high) - areaUnder(other, low, high)) / (high - low);
}

/** A front, and a model used alone as its last point where that costs more. */
function withLast({ cost, accuracy }: Curve, alone: CostAccuracy): Curve {
  if (!(alone.cost > cost[cost.length - 1])) return { cost, accuracy };
  return {
    cost: Float64Array.of(...cost, alone.cost),
    accuracy: Float64Array.of(...accuracy, alone.accuracy),
  };
}

/** Relative: above what sums can round. The same answers, summed in another order, are no saving. */
const ROUNDING = 1e-12;

/** 1 − cost / other; −∞ for a cost that is never enough, or any cost against a free one. */
function saving(cost: number, other: number): number {
  return Math.abs(cost - other) <= ROUNDING * other ? 0 : 1 - cost / other;
}

/** Means over the repeats with intervals over queries and repeats. */
export function evidenceOver(repeats: readonly RepeatEvidence[], plans: number, seed: number): Evidence {
  const replicates = overRepeats(
    repeats.map((repeat) => repeat.replicates),
    seed,
  );
  const at = (f: number): Interval =>
    interval(meanOfKnown(repeats.map((repeat) => repeat.observed[f])), replicates[f]);
  return {
    front: { accuracyAtEqualCost: at(0), savingAtEqualAccuracy: at(1) },
    frontAboveZeroRouter: at(2),
    plans: Array.from({ length: plans }, (_, p) => ({
      againstZeroRouter: { accuracyAtEqualCost: at(3 + 4 * p), savingAtEqualAccuracy: at(4 + 4 * p) },
      againstBestSingle: { accuracy: at(5 + 4 * p), saving: at(6 + 4 * p) },
    })),
  };
}

/** How the intervals of a dataset are made. */
export function resamplingOf(blocks: Blocks): Resampling {
  return { replicates: REPLICATES, blocks: blocks.count };
}
