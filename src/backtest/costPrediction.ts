import type { Dataset, Problem } from "../types.js";
import type { JudgedPlan } from "./chosenPlans.js";
import type { Records } from "./comparators.js";
import { predictProblem, type PredictOptions, type Prediction } from "../plan/predictProblem.js";
import { takeModels } from "../plan/rows.js";
import { mask } from "../matrix.js";
import { sharedLike } from "../memory.js";

/** Errors of the predicted costs on the test queries: predicted / recorded − 1. */
export interface CostPrediction {
  /** For each target, the promised against the recorded cost of its plan; null: infeasible. */
  plans: (number | null)[];
  /** Error of the first plan. */
  totalErrorShare: number | null;
  perModel: {
    model: string;
    /** Over all queries that the model may answer; null where they were free. */
    totalErrorShare: number | null;
    /** Σ |predicted − recorded| / Σ recorded. */
    rowErrorShare: number | null;
    /** How they were predicted: "mean", "length" or "ridge". */
    form: string;
  }[];
}

/** Over the repeats: means of absolute errors. */
export interface CostPredictionSummary {
  plans: (number | null)[];
  totalErrorShare: number | null;
  perModel: { model: string; totalErrorShare: number | null; rowErrorShare: number | null }[];
}

/** Predicts as for work without any cost; where the records have none, the model still must not answer. */
export async function predictBlindly(
  test: Dataset,
  sample: Dataset,
  options: PredictOptions,
): Promise<Prediction> {
  const blank = sharedLike(test.cost).fill(Infinity);
  const prediction = await predictProblem({ ...test, cost: blank }, sample, options);
  const recorded = takeModels(test, prediction.problem.models).cost;
  const cost = mask(prediction.problem.cost, (option) => recorded[option] === Infinity);
  return { ...prediction, problem: { ...prediction.problem, cost } };
}

/** Compares predicted costs with recorded ones: of every model, and of every plan. O(queries × models). */
export function costPredictionOf(
  { problem }: { problem: Problem },
  { records, plans }: { records: Records; plans: readonly JudgedPlan[] },
  { predictedCosts }: Prediction,
): CostPrediction {
  const { models, cost } = problem;
  const ofPlans = plans.map((plan) =>
    plan.status === "chosen" ? errorShare(plan.promised.cost, plan.realised.cost) : null,
  );
  const perModel = models.map((model, m) => {
    let [predicted, recorded, wrong] = [0, 0, 0];
    for (let option = m; option < cost.length; option += models.length) {
      if (cost[option] === Infinity) continue;
      predicted += cost[option];
      recorded += records.cost[option];
      wrong += Math.abs(cost[option] - records.cost[option]);
    }
    return {
      model,
      totalErrorShare: errorShare(predicted, recorded),
      rowErrorShare: recorded > 0 ? wrong / recorded : null,
      form: predictedCosts.find((one) => one.model === model)!.form,
    };
  });
  return { plans: ofPlans, totalErrorShare: ofPlans[0], perModel };
}

export function meanCostPrediction(repeats: readonly CostPrediction[]): CostPredictionSummary {
  const meanAbsolute = (values: readonly (number | null | undefined)[]): number | null => {
    const known = values.filter((x) => typeof x === "number");
    return known.length === 0 ? null : known.reduce((sum, x) => sum + Math.abs(x), 0) / known.length;
  };
  const models = [...new Set(repeats.flatMap(({ perModel }) => perModel.map(({ model }) => model)))];
  return {
    plans: repeats[0].plans.map((_, p) => meanAbsolute(repeats.map(({ plans }) => plans[p]))),
    totalErrorShare: meanAbsolute(repeats.map(({ totalErrorShare }) => totalErrorShare)),
    perModel: models.map((model) => {
      const found = repeats.map(({ perModel }) => perModel.find((one) => one.model === model));
      return {
        model,
        totalErrorShare: meanAbsolute(found.map((one) => one?.totalErrorShare)),
        rowErrorShare: meanAbsolute(found.map((one) => one?.rowErrorShare)),
      };
    }),
  };
}

function errorShare(predicted: number, recorded: number): number | null {
  return recorded > 0 ? predicted / recorded - 1 : null;
}
