import { InputError } from "../errors.js";
import { nonDecreasingHull } from "./figures/hull.js";
import { routerArenaScore } from "./figures/arena.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import { bestOf, singles } from "../solve/single.js";
import { traceFront } from "../solve/trace.js";
import type { Costs, Dataset } from "../types.js";
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

/** A model that answers all test queries alone. */
export type SingleAlternative = Alternative & { model: string };

/** References for a router; none of them looks at a query before it is answered. */
export interface Comparators {
  /** Every model that may answer all test queries, in the file's order. */
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

/** Records every model that may answer all rows. Throws `InputError` where there is none. */
export async function recordedSingles({ models, cost, outcome }: Dataset): Promise<SingleModel[]> {
  const objectives = await singles({ models, cost, successProbability: outcome });
  const found = objectives.flatMap((objective, m) =>
    objective === undefined
      ? []
      : [{ model: models[m], accuracy: objective.expectedAccuracy, cost: objective.totalCost }],
  );
  if (found.length > 0) return found;
  throw new InputError(
    "no single model has a cost and a score on every test row, so there is none to compare with",
  );
}

/** The best of some single models: the most accurate, ties: the cheaper, then the first. */
export function bestSingleOf(recorded: readonly SingleModel[]): SingleModel {
  const best = bestOf(
    recorded.map(({ accuracy, cost }) => ({ expectedAccuracy: accuracy, totalCost: cost })),
  )!;
  return recorded[best.model];
}

/** The comparators of one repeat; `recorded`: single models on the test rows, `sample`: the labelled rows. */
export function comparatorsOf(
  recorded: readonly SingleModel[],
  sample: Dataset,
  queries: number,
): Comparators {
  const bySample = recorded.map(({ model }) => ({ model, ...meanOf(sample, model) }));
  const known = bySample.filter(({ accuracy }) => !Number.isNaN(accuracy));
  const onTest = ({ model }: { model: string }): SingleModel =>
    recorded.find((single) => single.model === model)!;
  // If the sample has no costs of these models, the first one is taken.
  const trained =
    known.length > 0 ? known : bySample.slice(0, 1).map((single) => ({ ...single, cost: 0, accuracy: 0 }));
  const cornersOf = (points: readonly SingleModel[]): SingleModel[] =>
    Array.from(nonDecreasingHull(curveOf(points)).index, (k) => points[k]);
  const cheapest = trained.reduce((least, single) => (single.cost < least.cost ? single : least));
  const scored = <T extends { cost: number; accuracy: number }>(point: T): T & Alternative => ({
    ...point,
    routerArena: routerArenaScore({ cost: point.cost / queries, accuracy: point.accuracy }),
  });
  const mean = (pick: (single: SingleModel) => number): number =>
    recorded.reduce((sum, single) => sum + pick(single), 0) / recorded.length;
  return {
    singles: recorded.map(scored),
    alwaysCheapest: scored(onTest(cheapest)),
    alwaysBest: scored(onTest(bestSingleOf(trained))),
    randomMix: scored({ cost: mean(({ cost }) => cost), accuracy: mean(({ accuracy }) => accuracy) }),
    zeroRouter: { hindsight: cornersOf(recorded), trained: cornersOf(trained).map(onTest) },
  };
}

/** Mean cost and outcome of a model over the rows that it may answer and that label it; NaN where there is none. */
function meanOf({ models, cost, outcome, ids }: Dataset, model: string): { cost: number; accuracy: number } {
  const m = models.indexOf(model);
  let rows = 0;
  let dollars = 0;
  let right = 0;
  for (let q = 0; q < ids.length; q++) {
    const option = q * models.length + m;
    if (cost[option] === Infinity || Number.isNaN(outcome[option])) continue;
    rows++;
    dollars += cost[option];
    right += outcome[option];
  }
  return { cost: dollars / rows, accuracy: right / rows };
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
