import { InputError } from "../errors.js";
import { reliability, type Predictor } from "../predict/index.js";
import { solveFront, type Front, type RunningOptions } from "../solve/front.js";
import { checkTarget, type Target } from "../solve/target.js";
import type { Dataset, Problem } from "../types.js";
import {
  choosePlans,
  rated,
  type ChosenPlan,
  type CostAccuracy,
  type JudgedPlan,
  type RatedPlan,
} from "./chosenPlans.js";
import {
  bestSingleOf,
  comparatorsOf,
  realise,
  recordedSingles,
  type Alternative,
  type Comparators,
} from "./comparators.js";
import type { Interval } from "../evaluate/index.js";
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
import { groupsOf, GroupSums, type GroupFigures } from "./groups.js";
import { meanDeviation, meanOf, type MeanDeviation } from "./means.js";
import {
  costPredictionOf,
  meanCostPrediction,
  predictBlindly,
  type CostPrediction,
  type CostPredictionSummary,
} from "./costPrediction.js";
import { predictProblem, type PredictOptions } from "./predictProblem.js";
import {
  areaUnderFront,
  byCost,
  highestAccuracy,
  judgedPoints,
  savingAtEqualAccuracy,
  type JudgedPoint,
  type RealisedFront,
  type SingleModel,
} from "./realised.js";
import { recordsOf, requireScores } from "./recorded.js";
import { routerMetrics, zeroRouterPoints, type RouterMetrics, type Yardstick } from "./routerMetrics.js";
import { takeModels, takeRows, type Part } from "./rows.js";
import { splitRows } from "./split.js";
import { trueFront } from "./trueFront.js";
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
  /**
   * Predicts the costs of the test queries from the labelled sample, and plans with them; what is judged still pays what was
   * recorded. Default: recorded costs are known beforehand.
   */
  predictCost?: boolean;
  /** A changed world to judge in, with the predictions of the unchanged one. */
  changes?: Changes;
  /** A column whose values are reported one by one, for the first plan. */
  group?: string;
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

export interface BacktestRepeat extends BacktestFigures {
  seed: number;
  /** What was taken, and everything that was tried with its log-loss on rows held out. */
  predictor: Pick<Predictor, "kind" | "settings" | "candidates">;
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
  /** Only with predicted costs. */
  costPrediction?: CostPrediction;
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
  /** The model that answers every query in all of these; null where there is none. */
  soleModel: string | null;
  promised: OverRepeats;
  realised: OverRepeats;
  againstZeroRouter: Advantage;
  againstBestSingle: Difference;
  verdict: Verdict;
}

type OverRepeats = { [K in keyof CostAccuracy]: MeanDeviation };

export interface Backtest {
  dataset: { queries: number; models: number };
  repeats: BacktestRepeat[];
  mean: BacktestFigures & {
    /** The commonest of the repeats, and means of its place. */
    bestSingle: { model: string; accuracy: number; cost: number };
    comparators: Record<"alwaysCheapest" | "alwaysBest" | "randomMix", Alternative>;
    metrics: Routers<RouterMetrics>;
  };
  /** The front against the best single model, over all repeats. */
  frontAgainstBestSingle: Advantage;
  /** Mean accuracy of the front above the zero router's over costs up to the best model's; null if it is the cheapest. */
  frontAboveZeroRouter: Interval;
  plans: PlanSummary[];
  /** Of the first plan. */
  verdict: Verdict;
  resampling: Resampling;
  /** Only with predicted costs: means over the repeats. */
  costPrediction?: CostPredictionSummary;
  changes?: Changes;
  /** Only with a group column: the first plan by records, where it was feasible; per repeat, the largest group first. */
  groups?: GroupFigures[];
}

const DEFAULT_TARGETS: readonly Target[] = [{ matchBest: true }, { knee: true }];

/**
 * Tries the whole method on labelled rows: learns from a few, allocates the others, and compares with what was
 * recorded. Every row needs a score wherever it has a cost. Throws `InputError` for rows that have not.
 */
export async function backtest(dataset: Dataset, options: BacktestOptions): Promise<Backtest> {
  const { repeats = 1, seed = 1, targets = DEFAULT_TARGETS, changes } = options;
  if (targets.length === 0) throw new InputError("no targets; expected at least one", { field: "targets" });
  targets.forEach(checkTarget);
  requireScores(dataset);
  if (options.predictCost && changes?.price?.length)
    throw new InputError("new prices need recorded tokens, so costs cannot be predicted with them", {
      field: "price",
    });
  const groups = options.group === undefined ? undefined : groupsOf(dataset, options.group);
  const groupSums = new GroupSums();
  const blocks = dealBlocks(dataset.queries, seed, options.distinct === true);
  const results: BacktestRepeat[] = [];
  const evidence: RepeatEvidence[] = [];
  for (let r = 0; r < repeats; r++) {
    options.onProgress?.({ phase: "backtest", done: r, total: repeats });
    const { repeat, judged, rows } = await runRepeat(dataset, seed + r, targets, options);
    const ofRows = { of: Uint32Array.from(rows, (row) => blocks.of[row]), count: blocks.count };
    results.push(repeat);
    evidence.push(await evidenceOf(judged, ofRows, seed, options));
    const [allocation] = judged.allocations;
    if (groups && allocation) {
      const values = {
        ...judged.records,
        models: judged.front.problem.models,
        accuracy: judged.records.outcome,
      };
      const ofTest = Array.from(rows, (row) => groups[row]);
      groupSums.add(ofTest, allocation, values);
    }
  }
  options.onProgress?.({ phase: "backtest", done: repeats, total: repeats });
  const { front, frontAboveZeroRouter, plans } = evidenceOver(evidence, targets.length, seed);
  const mean = meanFigures(results);
  const queries = Math.min(...results.map(({ testQueries }) => testQueries));
  const summaries = plans.map((advantages, p) => {
    const summary = summaryOf(results.map((repeat) => repeat.plans[p]));
    const { feasible, soleModel } = summary;
    const grounds = { ...advantages, front, frontAboveZeroRouter, feasible, soleModel };
    return {
      ...summary,
      ...advantages,
      verdict: verdictOn(targets[p], grounds, mean.bestSingle.model, queries),
    };
  });
  return {
    dataset: { queries: dataset.ids.length, models: dataset.models.length },
    repeats: results,
    mean,
    frontAgainstBestSingle: front,
    frontAboveZeroRouter,
    plans: summaries,
    verdict: summaries[0].verdict,
    resampling: resamplingOf(blocks),
    ...(options.predictCost && {
      costPrediction: meanCostPrediction(results.map(({ costPrediction }) => costPrediction!)),
    }),
    ...(changes && { changes }),
    ...(groups && { groups: groupSums.figures(dataset.models, summaries[0].feasible) }),
  };
}

function taken({ kind, settings, candidates }: Predictor): BacktestRepeat["predictor"] {
  return { kind, settings, candidates };
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
  const learning = { predictor, replicates, alpha, seed, ...running };
  const costPredicted = options.predictCost ? await predictBlindly(test, sample, learning) : undefined;
  const prediction = costPredicted ?? (await predictProblem(test, sample, learning));
  const { problem } = prediction;
  const isChanged = hasChanges(changes);
  const world = isChanged
    ? {
        problem: changeProblem(problem, changes!, test),
        test: changeDataset(test, changes!),
        sample: changeDataset(sample, changes!),
      }
    : { problem, test, sample };
  const judgement = await judge(world, targets, { ...running, isCostPredicted: costPredicted !== undefined });
  const { front, records, plans } = judgement.judged;
  options.onJudged?.({ ...prediction, ...world, ...judgement.judged });
  const repeat: BacktestRepeat = {
    seed,
    predictor: taken(prediction.predictor),
    trainQueries: split.train.length,
    validationQueries: split.validation.length,
    testQueries: split.test.length,
    ...judgement.figures,
    prediction: reliabilityFigures(
      world.problem.successProbability,
      records.outcome,
      world.problem.models.length,
    ),
    ...(costPredicted && { costPrediction: costPredictionOf(world, judgement.judged, costPredicted) }),
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
  { isCostPredicted, ...options }: RunningOptions & { isCostPredicted: boolean },
) {
  const { models } = problem;
  const kept = takeModels(test, models);
  const records = { ...recordsOf(test, models), isCostPredicted };
  const singles = await recordedSingles(kept);
  const best = bestSingleOf(singles);
  const comparators = comparatorsOf(singles, sample, test.ids.length);

  const front = await solveFront(problem, options);
  const optllm = await solveFront(problem, { ...options, algorithm: "optllm" });
  const oracle = await trueFront({ models, cost: records.cost }, records.outcome, options);
  const realised = await realise(front, records, options);
  const realisedOptllm = await realise(optllm, records, options);
  const dearest = [...singles.map(({ cost }) => cost), lastOf(realised.cost), lastOf(oracle.cost)];
  const yardstick: Yardstick = { singles, best, oracle, maxCost: Math.max(...dearest) };
  const measure = ({ cost, realisedAccuracy }: RealisedFront): RouterMetrics =>
    routerMetrics({ cost, accuracy: realisedAccuracy }, yardstick);

  const standards = {
    random: comparators.randomMix.accuracy,
    best: best.accuracy,
    oracle: lastOf(oracle.accuracy),
  };
  const { plans, allocations } = await choosePlans(front, targets, records, options);
  return {
    figures: {
      bestSingle: best,
      ...figuresOf(realised, best),
      front: judgedPoints(front.expectedAccuracy, realised),
      comparators,
      metrics: {
        front: measure(realised),
        optllm: measure(realisedOptllm),
        zeroRouter: routerMetrics(zeroRouterPoints(singles), yardstick),
        oracle: routerMetrics(oracle, yardstick),
      },
      fronts: {
        optllm: judgedPoints(optllm.expectedAccuracy, realisedOptllm),
        oracle: judgedPoints(oracle.accuracy, { cost: oracle.cost, realisedAccuracy: oracle.accuracy }),
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
  const records = recordsOf(test, problem.models);
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
  const over = (pick: (plan: (typeof chosen)[number]) => CostAccuracy): OverRepeats => ({
    cost: meanDeviation(chosen.map((plan) => pick(plan).cost)),
    accuracy: meanDeviation(chosen.map((plan) => pick(plan).accuracy)),
  });
  return {
    target: plans[0].target,
    feasible: chosen.length,
    soleModel: soleModelOf(chosen),
    promised: over(({ promised }) => promised),
    realised: over(({ realised }) => realised),
  };
}

function soleModelOf(plans: readonly ChosenPlan[]): string | null {
  const soles = plans.map(({ shares }) => Object.keys(shares).find((model) => shares[model] === 1));
  return soles.every((model) => model === soles[0]) ? (soles[0] ?? null) : null;
}

function figuresOf(realised: RealisedFront, single: SingleModel) {
  const front = byCost(realised);
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

/** Means over the repeats; of figures that may be missing, over the repeats that have them. */
function meanFigures(repeats: readonly BacktestRepeat[]): Backtest["mean"] {
  const of = <T extends object>(pick: (repeat: BacktestRepeat) => T): T => meanOf(repeats.map(pick));
  return {
    bestSingle: {
      model: commonest(repeats.map(({ bestSingle }) => bestSingle.model)),
      ...of(({ bestSingle: { accuracy, cost } }) => ({ accuracy, cost })),
    },
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
