import type { Interval } from "./figures/interval.js";
import type { Predictor } from "../predict/predictor.js";
import type { Target } from "../solve/target.js";
import type { Dataset, Problem } from "../types.js";
import type { CostAccuracy, JudgedPlan, RatedPlan } from "./chosenPlans.js";
import type { Alternative, Comparators } from "./comparators.js";
import type { CostPrediction, CostPredictionSummary } from "./costPrediction.js";
import type { Advantage, Difference, Judged, Resampling } from "./evidence.js";
import type { GroupFigures } from "../plan/groups.js";
import type { MeanDeviation } from "./means.js";
import type { LimitSummary } from "./limits.js";
import type { Limits } from "../plan/limits/read.js";
import type { PredictOptions } from "../plan/predictProblem.js";
import type { JudgedPoint, SingleModel } from "./realised.js";
import type { JudgedSize } from "./recorded.js";
import type { NamedReliability } from "./reliabilityOver.js";
import type { RouterMetrics } from "./routerMetrics.js";
import type { Part } from "../plan/rows.js";
import type { TwoModelFigures } from "./twoModelFigures.js";
import type { Verdict } from "./verdict.js";
import type { Changes } from "../plan/whatIf.js";

/** How a backtest splits the rows, predicts and plans. */
export interface BacktestOptions extends PredictOptions {
  train: Part;
  validation: Part;
  /** Splits to try, default 1. */
  repeats?: number;
  /** Repeat r splits by seed + r; default 1. */
  seed?: number;
  /** Keeps rows of equal text on one side of the split. */
  distinct?: boolean;
  /** Points to choose by predictions and judge by records. A budget covers the test queries. Default: match the best, knee. */
  targets?: readonly Target[];
  /**
   * Predicts the costs of the test queries from the labelled sample, and plans with them; what is judged still pays what was
   * recorded. Default: recorded costs are known beforehand.
   */
  predictCost?: boolean;
  /** Changes to costs and models, made after predicting. */
  changes?: Changes;
  /** Limits that every plan keeps by the predictions, totals on the test queries; what is judged is whether the records keep them. */
  limits?: Limits;
  /** A column whose values are reported one by one, for the first plan. */
  group?: string;
  /** Called after each repeat with its parts, which are not kept otherwise. */
  onJudged?: (repeat: JudgedRepeat) => void;
}

/** The parts of a repeat. */
export interface JudgedRepeat extends Judged {
  /** The rows judged on, after the changes if there are any. */
  test: Dataset;
  problem: Problem;
  predictor: Predictor;
  notes: string[];
  /** In the order of the targets, as are the allocations. */
  plans: JudgedPlan[];
}

/** Quality of the probabilities on the test queries: means over the models. */
export interface PredictionFigures {
  brier: number | null;
  logLoss: number | null;
  ece: number | null;
  /** Over all models' predictions together. */
  pooledEce: number | null;
  auroc: number | null;
}

/** A figure of every router compared; none of them but the oracle knows a test query's outcome. */
export interface Routers<T> {
  front: T;
  /** The paper's OptLLM-M on the same predictions. */
  optllm: T;
  /** Mixing single models without looking at the query, in hindsight about which. */
  zeroRouter: T;
  /** The exact front of the recorded outcomes: what perfect predictions would give. */
  oracle: T;
}

/** The figures of one repeat, or their means; cost and realised accuracy come from the records of the test queries. */
export interface BacktestFigures {
  highestAccuracy: number;
  /** 1 − cost / cost of the best single model, at its accuracy; null when never reached. */
  savingAtEqualAccuracy: number | null;
  areaUnderFront: number;
  prediction: PredictionFigures;
}

export interface BacktestRepeat extends BacktestFigures {
  seed: number;
  /** The settings chosen, and all those tried with their log-loss on held-out rows. */
  predictor: Pick<Predictor, "kind" | "settings" | "candidates">;
  trainQueries: number;
  validationQueries: number;
  /** Test queries that are judged: those with a record of the best single model. */
  testQueries: number;
  /** Test queries without one. */
  testQueriesLeftOut: number;
  /** On the test queries. */
  bestSingle: SingleModel;
  /** At most 200 points of the front; the figures use all. */
  front: JudgedPoint[];
  comparators: Comparators;
  metrics: Routers<RouterMetrics>;
  /** At most 200 points each. */
  fronts: Pick<Routers<JudgedPoint[]>, "optllm" | "oracle">;
  /** In the order of the targets. */
  plans: RatedPlan[];
  /** Only for two models. */
  twoModels?: TwoModelFigures;
  /** Only with predicted costs. */
  costPrediction?: CostPrediction;
  /** Only with changes: the figures before and after them. */
  whatIf?: { before: World; after: World };
}

/** A front by the predictions, before or after a change. */
export interface World {
  /** Normalised by ideal and nadir of both fronts together. */
  hypervolume: number;
  /** In the order of the targets; null where infeasible. Promised is what the predictions alone say. */
  plans: ({ promised: CostAccuracy; realised: CostAccuracy } | null)[];
}

/** A target over all repeats. */
export interface PlanSummary {
  target: Target;
  /** Repeats in which the target was feasible; the figures are means over these. */
  feasible: number;
  /** The model that answers every query in all of these; null where there is none. */
  soleModel: string | null;
  /** Mean share of the queries, by model. */
  shares: Record<string, number>;
  /** Mean dollars per 1,000 test queries that the plan cost less than the best single model alone; null: never feasible. */
  savedPerThousand: number | null;
  /** Accuracies midway between predictions and held-out labelled rows where that is possible. */
  promised: OverRepeats;
  /** Accuracy by the predictions alone. */
  predicted: MeanDeviation;
  realised: OverRepeats;
  /** Promised accuracy above the recorded one, over the same repeats: above 0, plans promise too much. */
  overpromised: MeanDeviation;
  againstZeroRouter: Advantage;
  againstBestSingle: Difference;
  verdict: Verdict;
  /** Only with limits. */
  limits?: LimitSummary[];
}

/** Cost and accuracy over the repeats: mean and deviation. */
export type OverRepeats = { [K in keyof CostAccuracy]: MeanDeviation };

/** The result of a backtest: every repeat, their means, the intervals and the verdict. */
export interface Backtest {
  dataset: JudgedSize;
  repeats: BacktestRepeat[];
  mean: BacktestFigures & {
    /** Repeats in which the front reaches the best model's accuracy: `savingAtEqualAccuracy` is their mean alone. */
    savingRepeats: number;
    /** Figures that some repeats lack, by their path such as "metrics.front.costSave", with the repeats that have them. */
    partial: Record<string, number>;
    /** The best model by all rows, the same in every repeat; means of its figures. */
    bestSingle: { model: string; accuracy: number; cost: number };
    comparators: Record<"alwaysCheapest" | "alwaysBest" | "randomMix", Alternative>;
    metrics: Routers<RouterMetrics>;
  };
  /** Over the test queries of all repeats together; `mean.prediction` has the means of the repeats' figures. */
  reliability: NamedReliability;
  /** The front against the best single model, over all repeats. */
  frontAgainstBestSingle: Advantage;
  /** Mean accuracy of the front above the zero router's over costs up to the best model's; null if it is the cheapest. */
  frontAboveZeroRouter: Interval;
  plans: PlanSummary[];
  /** The verdict on the first plan. */
  verdict: Verdict;
  resampling: Resampling;
  /** Only with predicted costs: means over the repeats. */
  costPrediction?: CostPredictionSummary;
  changes?: Changes;
  /** Only with a group column: the first plan by records, where it was feasible; per repeat, the largest group first. */
  groups?: GroupFigures[];
}
