import { nonDecreasingHull } from "./figures/hull.js";
import { routerArenaScore } from "./figures/arena.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import { bestOf } from "../solve/single.js";
import { traceFront } from "../solve/trace.js";
import type { Costs } from "../types.js";
import type { RealisedFront, SingleModel } from "./realised.js";
import { curveOf } from "./routerMetrics.js";

/** A way to answer all test queries, by the records. */
export interface Alternative {
  /** Dollars over the test queries. */
  cost: number;
  /** Mean outcome, 0 … 1. */
  accuracy: number;
  /** RouterArena's score, 0 … 1. */
  routerArena: number;
}

/** A model that answers all test queries alone; where records are missing, as `aloneOf` takes them. */
export type SingleAlternative = Alternative & { model: string };

/** References for a router; none of them looks at a query before it is answered. */
export interface Comparators {
  /** Every model that is judged alone, in the file's order. */
  singles: SingleAlternative[];
  /** The model that was cheapest on the labelled sample. */
  alwaysCheapest: SingleAlternative;
  /** The model that was most accurate on the labelled sample (ties: the cheaper). */
  alwaysBest: SingleAlternative;
  /** Each query to any of these models, all equally likely: the expected values. */
  randomMix: Alternative;
  /** Corners of the zero router, by rising cost: mixing two neighbours gives the points between. */
  zeroRouter: {
    /** The hull of the single models on the test queries themselves. */
    hindsight: SingleModel[];
    /** The models of the hull on the labelled sample, with their records on the test queries. */
    trained: SingleModel[];
  };
}

/** The best of some single models: the most accurate, ties: the cheaper, then the first. */
function mostAccurate(singles: readonly SingleModel[]): SingleModel {
  const best = bestOf(
    singles.map(({ accuracy, cost }) => ({ expectedAccuracy: accuracy, totalCost: cost })),
  )!;
  return singles[best.model];
}

/**
 * The comparators of one repeat. `recorded`: single models on the test rows, `trained`: the same on the labelled rows,
 * as far as they are recorded there.
 */
export function comparatorsOf(
  recorded: readonly SingleModel[],
  trained: readonly SingleModel[],
  queries: number,
): Comparators {
  const onTest = ({ model }: { model: string }): SingleModel | undefined =>
    recorded.find((single) => single.model === model);
  const known = trained.filter((single) => onTest(single) !== undefined);
  // If the sample has no records of these models, the first one is taken.
  const bySample = known.length > 0 ? known : recorded.slice(0, 1);
  const cornersOf = (points: readonly SingleModel[]): SingleModel[] =>
    Array.from(nonDecreasingHull(curveOf(points)).index, (k) => points[k]);
  const cheapest = bySample.reduce((least, single) => (single.cost < least.cost ? single : least));
  const scored = <T extends { cost: number; accuracy: number }>(point: T): T & Alternative => ({
    ...point,
    routerArena: routerArenaScore({ cost: point.cost / queries, accuracy: point.accuracy }),
  });
  const mean = (pick: (single: SingleModel) => number): number =>
    recorded.reduce((sum, single) => sum + pick(single), 0) / recorded.length;
  return {
    singles: recorded.map(scored),
    alwaysCheapest: scored(onTest(cheapest)!),
    alwaysBest: scored(onTest(mostAccurate(bySample))!),
    randomMix: scored({ cost: mean(({ cost }) => cost), accuracy: mean(({ accuracy }) => accuracy) }),
    zeroRouter: {
      hindsight: cornersOf(recorded),
      trained: cornersOf(bySample).map((single) => onTest(single)!),
    },
  };
}

/** Recorded matrices of the models of a problem: queries × models. */
export interface Records {
  cost: Costs;
  /** 0 where a model must not answer and has no score. */
  outcome: Float32Array;
  /** The problem has predicted costs instead of these. */
  isCostPredicted?: boolean;
}

/** A front on recorded cost and outcomes: its points in their order. */
export async function realise(
  front: Front,
  records: Records,
  options: RunningOptions,
): Promise<RealisedFront> {
  const hits = await traceFront(front, records.outcome, options);
  const cost = records.isCostPredicted ? await traceFront(front, records.cost, options) : front.totalCost;
  return { cost, realisedAccuracy: hits.map((sum) => sum / front.queries) };
}
