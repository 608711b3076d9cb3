import { InputError } from "../errors.js";
import { reliability, type Predictor } from "../predict/index.js";
import { solveFront, type Front, type RunningOptions } from "../solve/front.js";
import { checkTarget, type Target } from "../solve/target.js";
import type { Dataset, Problem } from "../types.js";
import { choosePlans, rated, type CostAccuracy, type JudgedPlan, type RatedPlan } from "./chosenPlans.js";
import {
  bestSingleOf,
  comparatorsOf,
  oracleFront,
  realise,
  recordedSingles,
  type Alternative,
  type Comparators,
  type Records,
} from "./comparators.js";
import {
  dealBlocks,
  evidenceOf,
  evidenceOver,
  resamplingOf,
  type Advantage,
  type Difference,
  type Judged,
  type RepeatEvidence,
  type Resampling,
} from "./evidence.js";
import { meanOf, spreadOf, type Spread } from "./means.js";
import { predictProblem, type PredictOptions } from "./predictProblem.js";
import {
  areaUnderFront,
  highestAccuracy,
  savingAtEqualAccuracy,
  type RealisedFront,
  type SingleModel,
} from "./realised.js";
import {
  oraclePoints,
  routerMetrics,
  zeroRouterPoints,
  type RouterMetrics,
  type Yardstick,
} from "./routerMetrics.js";
import { takeModels, takeRows, type Part } from "./rows.js";
import { splitRows } from "./split.js";
import { thin } from "./thin.js";
import { twoModelFigures, type TwoModelFigures } from "./twoModelFigures.js";
import { verdictOn, type Verdict } from "./verdict.js";
import { changeDataset, changeProblem, hasChanges, hypervolumes, type Changes } from "./whatIf.js";

export interface BacktestOptions extends PredictOptions {
  train: Part;
  validation: Part;
  /** Splits to try, default 1. */
  repeats?: number;
  /** Repeat r splits by seed + r; default 1. */
  seed?: number;
  /** Keeps rows of equal text on one side of the split. */
  distinct?: boolean;
  /** Points to choose on predictions and to judge on records; a budget is of the test queries. Default: match the best, knee. */
  targets?: readonly Target[];
  /** A changed world to judge in, with the predictions of the unchanged one. */
  changes?: Changes;
  /** Called after each repeat with what it was made of, which nothing else keeps. */
  onJudged?: (repeat: JudgedRepeat) => void;
}

/** What a repeat was made of. */
export interface JudgedRepeat extends Judged {
  /** The rows judged on, in the changed world where there is one. */
  test: Dataset;
  problem: Problem;
  predictor: Predictor;
  notes: string[];
  /** In the order of the targets, as are the allocations. */
  plans: JudgedPlan[];
}

/** How good the probabilities were on the test queries: means over the models. */
export interface PredictionFigures {
  brier: number | null;
  logLoss: number | null;
  ece: number | null;
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

/** The figures of one repeat, or their means; cost and realised accuracy are of the test queries, from records. */
export interface BacktestFigures {
  highestAccuracy: number;
  /** 1 − cost / cost of the best single model, at its accuracy; null when never reached. */
  savingAtEqualAccuracy: number | null;
  areaUnderFront: number;
  prediction: PredictionFigures;
}

/** A point of a judged front: dollars, and accuracies 0 … 1. */
export interface JudgedPoint {
  cost: number;
  expectedAccuracy: number;
  realisedAccuracy: number;
}

export interface BacktestRepeat extends BacktestFigures {
  seed: number;
  trainQueries: number;
  validationQueries: number;
  testQueries: number;
  /** On the test queries. */
  bestSingle: SingleModel;
  /** At most 200 points of the front; the figures are of all. */
  front: JudgedPoint[];
  comparators: Comparators;
  metrics: Routers<RouterMetrics>;
  /** At most 200 points each. */
  fronts: Pick<Routers<JudgedPoint[]>, "optllm" | "oracle">;
  /** In the order of the targets. */
  plans: RatedPlan[];
  /** Only of two models. */
  twoModels?: TwoModelFigures;
  /** Only with changes: the unchanged world beside the changed one. */
  whatIf?: { before: World; after: World };
}

/** A front by the predictions, before or after a change. */
export interface World {
  /** Normalised by ideal and nadir of both fronts together. */
  hypervolume: number;
  /** In the order of the targets; null where infeasible. */
  plans: ({ promised: CostAccuracy; realised: CostAccuracy } | null)[];
}

/** A target over all repeats. */
export interface PlanSummary {
  target: Target;
  /** Repeats in which some allocation promised it; the figures are of these. */
  feasible: number;
  promised: SpreadOf;
  realised: SpreadOf;
  againstZeroRouter: Advantage;
  againstBestSingle: Difference;
  verdict: Verdict;
}

type SpreadOf = { [K in keyof CostAccuracy]: Spread };

export interface Backtest {
  dataset: { queries: number; models: number };
  repeats: BacktestRepeat[];
  mean: BacktestFigures & {
    bestSingle: { accuracy: number; cost: number };
    comparators: Record<"alwaysCheapest" | "alwaysBest" | "randomMix", Alternative>;
    metrics: Routers<RouterMetrics>;
  };
  /** The front against the best single model, over all repeats. */
  frontAgainstBestSingle: Advantage;
  plans: PlanSummary[];
  /** Of the first plan. */
  verdict: Verdict;
  resampling: Resampling;
  changes?: Changes;
}

const FRONT_POINTS = 200;
const DEFAULT_TARGETS: readonly Target[] = [{ matchBest: true }, { knee: true }];

/**
 * Tries the whole method on labelled rows: learns from a few, allocates the others, and compares with what was
 * recorded. Every row needs a score wherever it has a cost. Throws `InputError` for rows that have not.
 */
export async function backtest(dataset: Dataset, options: BacktestOptions): Promise<Backtest> {
  const { repeats = 1, seed = 1, targets = DEFAULT_TARGETS, changes } = options;
  if (targets.length === 0) throw new InputError("no targets; expected at least one", { field: "targets" });
  targets.forEach(checkTarget);
  checkRecorded(dataset);
  const blocks = dealBlocks(dataset.queries, seed, options.distinct === true);
  const results: BacktestRepeat[] = [];
  const evidence: RepeatEvidence[] = [];
  for (let r = 0; r < repeats; r++) {
    options.onProgress?.({ phase: "backtest", done: r, total: repeats });
    const { repeat, judged, rows } = await runRepeat(dataset, seed + r, targets, options);
    const ofRows = { of: Uint32Array.from(rows, (row) => blocks.of[row]), count: blocks.count };
    results.push(repeat);
    evidence.push(await evidenceOf(judged, ofRows, seed, options));
  }
  options.onProgress?.({ phase: "backtest", done: repeats, total: repeats });
  const { front, plans } = evidenceOver(evidence, targets.length, seed);
  const model = commonest(results.map(({ bestSingle }) => bestSingle.model));
  const queries = Math.min(...results.map(({ testQueries }) => testQueries));
  const summaries = plans.map((advantages, p) => {
    const summary = summaryOf(results.map((repeat) => repeat.plans[p]));
    const grounds = { ...advantages, front, feasible: summary.feasible };
    return { ...summary, ...advantages, verdict: verdictOn(targets[p], grounds, model, queries) };
  });
  return {
    dataset: { queries: dataset.ids.length, models: dataset.models.length },
    repeats: results,
    mean: meanFigures(results),
    frontAgainstBestSingle: front,
    plans: summaries,
    verdict: summaries[0].verdict,
    resampling: resamplingOf(blocks),
    ...(changes && { changes }),
  };
}

async function runRepeat(
  dataset: Dataset,
  seed: number,
  targets: readonly Target[],
  options: BacktestOptions,
): Promise<{ repeat: BacktestRepeat; judged: Parameters<typeof evidenceOf>[0]; rows: Uint32Array }> {
  const { signal, pool, changes } = options;
  const running = { pool, signal };
  const split = splitRows(dataset.queries, { ...options, seed });
  const sample = takeRows(dataset, Uint32Array.from([...split.train, ...split.validation]));
  const test = takeRows(dataset, split.test);
  const { predictor, replicates, alpha } = options;
  const learning = { predictor, replicates, alpha, seed };
  const prediction = await predictProblem(test, sample, { ...learning, ...running });
  const { problem } = prediction;
  const isChanged = hasChanges(changes);
  const world = isChanged
    ? {
        problem: changeProblem(problem, changes!),
        test: changeDataset(test, changes!),
        sample: changeDataset(sample, changes!),
      }
    : { problem, test, sample };
  const judgement = await judge(world, targets, running);
  const { front, records, plans } = judgement.judged;
  options.onJudged?.({ ...prediction, ...world, ...judgement.judged });
  const repeat: BacktestRepeat = {
    seed,
    trainQueries: split.train.length,
    validationQueries: split.validation.length,
    testQueries: split.test.length,
    ...judgement.figures,
    prediction: reliabilityFigures(
      world.problem.successProbability,
      records.outcome,
      world.problem.models.length,
    ),
    ...(isChanged && {
      whatIf: await besides({ problem, test }, { front, plans }, targets, running),
    }),
  };
  return { repeat, judged: judgement.judged, rows: split.test };
}

/** What is judged: a predicted problem, the rows that recorded its queries, and the labelled sample. */
interface JudgedWorld {
  problem: Problem;
  test: Dataset;
  sample: Dataset;
}

async function judge(
  { problem, test, sample }: JudgedWorld,
  targets: readonly Target[],
  options: RunningOptions,
) {
  const { models } = problem;
  const kept = takeModels(test, models);
  const records = recordsOf(kept);
  const singles = await recordedSingles(kept);
  const best = bestSingleOf(singles);
  const comparators = comparatorsOf(singles, sample, test.ids.length);

  const front = await solveFront(problem, options);
  const optllm = await solveFront(problem, { ...options, algorithm: "optllm" });
  const oracle = await oracleFront(models, records, options);
  const realised = await realise(front, records, options);
  const realisedOptllm = await realise(optllm, records, options);
  const oracleCurve = oraclePoints(oracle);
  const dearest = [...singles.map(({ cost }) => cost), lastOf(front.totalCost), lastOf(oracle.totalCost)];
  const yardstick: Yardstick = { singles, best, oracle: oracleCurve, maxCost: Math.max(...dearest) };
  const measure = ({ cost, realisedAccuracy }: RealisedFront): RouterMetrics =>
    routerMetrics({ cost, accuracy: realisedAccuracy }, yardstick);

  const standards = {
    random: comparators.randomMix.accuracy,
    best: best.accuracy,
    oracle: lastOf(oracle.expectedAccuracy),
  };
  const { plans, allocations } = await choosePlans(front, targets, records, options);
  return {
    figures: {
      bestSingle: best,
      ...figuresOf(realised, best),
      front: pointsOf(front, realised.realisedAccuracy),
      comparators,
      metrics: {
        front: measure(realised),
        optllm: measure(realisedOptllm),
        zeroRouter: routerMetrics(zeroRouterPoints(singles), yardstick),
        oracle: routerMetrics(oracleCurve, yardstick),
      },
      fronts: {
        optllm: pointsOf(optllm, realisedOptllm.realisedAccuracy),
        oracle: pointsOf(oracle, oracle.expectedAccuracy),
      },
      plans: plans.map((plan) => rated(plan, standards)),
      ...(models.length === 2 && {
        twoModels: await twoModelFigures(front, realised.realisedAccuracy, singles, options),
      }),
    },
    judged: { front, records, singles, best, allocations, plans },
  };
}

/** The unchanged world beside the changed one, for the same targets. */
async function besides(
  { problem, test }: { problem: Problem; test: Dataset },
  after: { front: Front; plans: JudgedPlan[] },
  targets: readonly Target[],
  options: RunningOptions,
): Promise<{ before: World; after: World }> {
  const records = recordsOf(takeModels(test, problem.models));
  const front = await solveFront(problem, options);
  const { plans } = await choosePlans(front, targets, records, options);
  const volumes = hypervolumes([front, after.front]);
  const [before, changed] = [plans, after.plans].map((side, k) => ({
    hypervolume: volumes[k],
    plans: side.map((plan) =>
      plan.status === "chosen" ? { promised: plan.promised, realised: plan.realised } : null,
    ),
  }));
  return { before, after: changed };
}

/** Recorded matrices; 0 where a model must not answer and has no score. */
function recordsOf({ cost, outcome }: Dataset): Records {
  return { cost, outcome: outcome.map((y) => (Number.isNaN(y) ? 0 : y)) };
}

/** At most 200 points of a front. */
function pointsOf({ totalCost, expectedAccuracy }: Front, realisedAccuracy: Float64Array): JudgedPoint[] {
  return Array.from(thin(totalCost.length, FRONT_POINTS), (k) => ({
    cost: totalCost[k],
    expectedAccuracy: expectedAccuracy[k],
    realisedAccuracy: realisedAccuracy[k],
  }));
}

function lastOf(values: Float64Array): number {
  return values[values.length - 1];
}

/** The commonest of some names; ties: the first. */
function commonest(names: readonly string[]): string {
  const count = (name: string): number => names.filter((other) => other === name).length;
  return names.reduce((best, name) => (count(name) > count(best) ? name : best));
}

/** What a target promised and gave, over the repeats in which it was feasible. */
function summaryOf(plans: readonly JudgedPlan[]) {
  const chosen = plans.filter((plan) => plan.status === "chosen");
  const spread = (pick: (plan: (typeof chosen)[number]) => CostAccuracy): SpreadOf => ({
    cost: spreadOf(chosen.map((plan) => pick(plan).cost)),
    accuracy: spreadOf(chosen.map((plan) => pick(plan).accuracy)),
  });
  return {
    target: plans[0].target,
    feasible: chosen.length,
    promised: spread(({ promised }) => promised),
    realised: spread(({ realised }) => realised),
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

/** Means over the repeats; of figures that may be missing, over the repeats that have them. */
function meanFigures(repeats: readonly BacktestRepeat[]): Backtest["mean"] {
  const of = <T extends object>(pick: (repeat: BacktestRepeat) => T): T => meanOf(repeats.map(pick));
  return {
    bestSingle: of(({ bestSingle: { accuracy, cost } }) => ({ accuracy, cost })),
    ...of(({ highestAccuracy, savingAtEqualAccuracy, areaUnderFront }) => ({
      highestAccuracy,
      savingAtEqualAccuracy,
      areaUnderFront,
    })),
    prediction: of(({ prediction }) => prediction),
    comparators: {
      alwaysCheapest: of(({ comparators }) => alone(comparators.alwaysCheapest)),
      alwaysBest: of(({ comparators }) => alone(comparators.alwaysBest)),
      randomMix: of(({ comparators }) => alone(comparators.randomMix)),
    },
    metrics: {
      front: of(({ metrics }) => metrics.front),
      optllm: of(({ metrics }) => metrics.optllm),
      zeroRouter: of(({ metrics }) => metrics.zeroRouter),
      oracle: of(({ metrics }) => metrics.oracle),
    },
  };
}

/** Without the model's name, which has no mean. */
function alone({ cost, accuracy, routerArena }: Alternative): Alternative {
  return { cost, accuracy, routerArena };
}
