import { InputError } from "../errors.js";
import { reliability, type PredictorChoice } from "../predict/index.js";
import { solveFront, type SolveOptions } from "../solve/front.js";
import { bestSingle } from "../solve/single.js";
import { traceFront } from "../solve/trace.js";
import type { Dataset } from "../types.js";
import { predictProblem } from "./predictProblem.js";
import {
  areaUnderFront,
  highestAccuracy,
  savingAtEqualAccuracy,
  type RealisedFront,
  type SingleModel,
} from "./realised.js";
import { takeModels, takeRows, type Part } from "./rows.js";
import { splitRows } from "./split.js";
import { thin } from "./thin.js";

export interface BacktestOptions extends Pick<SolveOptions, "pool" | "signal" | "onProgress"> {
  train: Part;
  validation: Part;
  /** Splits to try, default 1. */
  repeats?: number;
  /** Repeat r splits by seed + r; default 1. */
  seed?: number;
  predictor?: PredictorChoice;
  /** Keeps rows of equal text on one side of the split. */
  distinct?: boolean;
}

/** How good the probabilities were on the test queries: means over the models. */
export interface PredictionFigures {
  brier: number | null;
  logLoss: number | null;
  ece: number | null;
  auroc: number | null;
}

/** The figures of one repeat, or their means; cost and realised accuracy are of the test queries, from records. */
export interface BacktestFigures {
  highestAccuracy: number;
  /** 1 − cost / cost of the best single model, at its accuracy; null when never reached. */
  savingAtEqualAccuracy: number | null;
  areaUnderFront: number;
  prediction: PredictionFigures;
}

export interface BacktestRepeat extends BacktestFigures {
  seed: number;
  trainQueries: number;
  validationQueries: number;
  testQueries: number;
  /** On the test queries. */
  bestSingle: SingleModel;
  /** At most 200 points of the front; the figures are of all. */
  front: { cost: number; expectedAccuracy: number; realisedAccuracy: number }[];
}

export interface Backtest {
  dataset: { queries: number; models: number };
  repeats: BacktestRepeat[];
  mean: BacktestFigures & { bestSingle: { accuracy: number; cost: number } };
}

const FRONT_POINTS = 200;

/**
 * Tries the whole method on labelled rows: learns from a few, allocates the others, and compares with what was
 * recorded. Every row needs a score wherever it has a cost. Throws `InputError` for rows that have not.
 */
export async function backtest(dataset: Dataset, options: BacktestOptions): Promise<Backtest> {
  const { repeats = 1, seed = 1 } = options;
  checkRecorded(dataset);
  const results: BacktestRepeat[] = [];
  for (let r = 0; r < repeats; r++) {
    options.onProgress?.({ phase: "backtest", done: r, total: repeats });
    results.push(await runRepeat(dataset, seed + r, options));
  }
  options.onProgress?.({ phase: "backtest", done: repeats, total: repeats });
  return {
    dataset: { queries: dataset.ids.length, models: dataset.models.length },
    repeats: results,
    mean: meanOf(results),
  };
}

async function runRepeat(dataset: Dataset, seed: number, options: BacktestOptions): Promise<BacktestRepeat> {
  const { signal, pool } = options;
  const split = splitRows(dataset.queries, { ...options, seed });
  const sample = takeRows(dataset, Uint32Array.from([...split.train, ...split.validation]));
  const test = takeRows(dataset, split.test);
  const { problem } = await predictProblem(test, sample, {
    predictor: options.predictor,
    seed,
    signal,
  });
  const outcome = outcomesOf(test, problem.models);
  const front = await solveFront(problem, { pool, signal });
  const hits = await traceFront(front, outcome, { pool, signal });
  const realised = { cost: front.totalCost, realisedAccuracy: hits.map((sum) => sum / front.queries) };
  const single = await bestRecorded(test);
  return {
    seed,
    trainQueries: split.train.length,
    validationQueries: split.validation.length,
    testQueries: split.test.length,
    bestSingle: single,
    ...figuresOf(realised, single),
    prediction: reliabilityFigures(problem.successProbability, outcome, problem.models.length),
    front: Array.from(thin(front.totalCost.length, FRONT_POINTS), (k) => ({
      cost: front.totalCost[k],
      expectedAccuracy: front.expectedAccuracy[k],
      realisedAccuracy: realised.realisedAccuracy[k],
    })),
  };
}

function figuresOf(front: RealisedFront, single: SingleModel) {
  return {
    highestAccuracy: highestAccuracy(front),
    savingAtEqualAccuracy: savingAtEqualAccuracy(front, single),
    areaUnderFront: areaUnderFront(front, single),
  };
}

function reliabilityFigures(
  probability: Float32Array,
  outcome: Float32Array,
  models: number,
): PredictionFigures {
  const { mean } = reliability(probability, outcome, models);
  const known = (x: number): number | null => (Number.isNaN(x) ? null : x);
  return {
    brier: known(mean.brier),
    logLoss: known(mean.logLoss),
    ece: known(mean.ece),
    auroc: known(mean.auroc),
  };
}

function checkRecorded({ ids, models, cost, outcome }: Dataset): void {
  if (!outcome.some((y) => !Number.isNaN(y))) {
    throw new InputError("the file has no scores; a backtest needs <model>__score on every row");
  }
  for (let q = 0; q < ids.length; q++) {
    for (let m = 0; m < models.length; m++) {
      const option = q * models.length + m;
      if (!Number.isNaN(outcome[option]) || cost[option] === Infinity) continue;
      throw new InputError(
        `query "${ids[q]}" has no score for model "${models[m]}"; a backtest needs a score wherever there is a cost`,
        { query: q, model: m },
      );
    }
  }
}

/** Outcomes of some models; 0 where a model must not answer and has no score. */
function outcomesOf(dataset: Dataset, models: readonly string[]): Float32Array {
  return takeModels(dataset, models).outcome.map((y) => (Number.isNaN(y) ? 0 : y));
}

/** The best single model by recorded outcomes (ties: the cheaper, then the first) that may answer every query. */
async function bestRecorded({ models, cost, outcome }: Dataset): Promise<SingleModel> {
  const best = await bestSingle({ models, cost, successProbability: outcome });
  if (best === undefined) {
    throw new InputError(
      "no single model has a cost and a score on every test row, so there is none to compare with",
    );
  }
  const { totalCost, expectedAccuracy } = best.objective;
  return { model: models[best.model], accuracy: expectedAccuracy, cost: totalCost };
}

/** Means over the repeats; of figures that may be missing, over the repeats that have them. */
function meanOf(repeats: readonly BacktestRepeat[]): Backtest["mean"] {
  const mean = (pick: (repeat: BacktestRepeat) => number | null): number | null => {
    const values = repeats.map(pick).filter((x) => x !== null);
    return values.length === 0 ? null : values.reduce((sum, x) => sum + x, 0) / values.length;
  };
  return {
    bestSingle: {
      accuracy: mean((r) => r.bestSingle.accuracy)!,
      cost: mean((r) => r.bestSingle.cost)!,
    },
    highestAccuracy: mean((r) => r.highestAccuracy)!,
    savingAtEqualAccuracy: mean((r) => r.savingAtEqualAccuracy),
    areaUnderFront: mean((r) => r.areaUnderFront)!,
    prediction: {
      brier: mean((r) => r.prediction.brier),
      logLoss: mean((r) => r.prediction.logLoss),
      ece: mean((r) => r.prediction.ece),
      auroc: mean((r) => r.prediction.auroc),
    },
  };
}
