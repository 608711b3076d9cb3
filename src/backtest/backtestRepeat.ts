import { InputError } from "../errors.js";
import { reliability } from "../predict/selection/reliability.js";
import type { Predictor } from "../predict/predictor.js";
import { solveFront, type Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { Target } from "../solve/target.js";
import type { Dataset, Problem } from "../types.js";
import type { BacktestOptions, BacktestRepeat, PredictionFigures, World } from "./backtestTypes.js";
import { choosePlans, rated, type JudgedPlan } from "./chosenPlans.js";
import { recordsAlone, rowsRecorded, singlesOf } from "./alone.js";
import { comparatorsOf, realise, type Records } from "./comparators.js";
import { costPredictionOf, predictBlindly } from "./costPrediction.js";
import type { Judged } from "./evidence.js";
import { limitsOn } from "./limits.js";
import type { Limits } from "../plan/limits/read.js";
import { predictProblem } from "../plan/predictProblem.js";
import {
  areaUnderFront,
  byCost,
  highestAccuracy,
  judgedPoints,
  savingAtEqualAccuracy,
  type RealisedFront,
  type SingleModel,
} from "./realised.js";
import { recordsOf } from "./recorded.js";
import { named, type NamedReliability } from "./reliabilityOver.js";
import { routerMetrics, zeroRouterPoints, type RouterMetrics, type Yardstick } from "./routerMetrics.js";
import { takeModels, takeRows } from "../plan/rows.js";
import { splitRows } from "./split.js";
import { trueFront } from "./trueFront.js";
import { twoModelFigures } from "./twoModelFigures.js";
import { withUnbeaten } from "../plan/unbeaten.js";
import { changeDataset, changeProblem, hasChanges, hypervolumes } from "../plan/whatIf.js";

/** The models that are judged alone, and the best of them: the same in all repeats. */
export interface Standing {
  models: string[];
  best: string;
}

/**
 * Splits the rows by a seed, fits to one part, and judges on those of the other where the best single model has a
 * record: every comparison with it is made on the same queries.
 */
export async function runRepeat(
  dataset: Dataset,
  seed: number,
  standing: Standing,
  targets: readonly Target[],
  options: BacktestOptions,
): Promise<{ repeat: BacktestRepeat; judged: Judged; rows: Uint32Array; reliability: NamedReliability }> {
  const { signal, pool, changes, limits } = options;
  const running = { pool, signal, seed };
  const split = splitRows(dataset.queries, { ...options, seed });
  const sample = takeRows(dataset, Uint32Array.from([...split.train, ...split.validation]));
  const rows = rowsRecorded(dataset, standing.best, split.test);
  if (rows.length === 0) {
    throw new InputError(
      `seed ${seed}: none of the ${split.test.length} test rows has a record of "${standing.best}", the best single model`,
      { model: standing.best },
    );
  }
  const test = takeRows(dataset, rows);
  const { predictor, featureColumns, replicates, alpha } = options;
  const fitting = { predictor, featureColumns, replicates, alpha, ...running };
  const costPredicted = options.predictCost ? await predictBlindly(test, sample, fitting) : undefined;
  const prediction = costPredicted ?? (await predictProblem(test, sample, fitting));
  const { problem } = prediction;
  const isChanged = hasChanges(changes);
  const world = isChanged
    ? {
        problem: changeProblem(problem, changes!, test),
        test: changeDataset(test, changes!),
        sample: changeDataset(sample, changes!),
      }
    : { problem, test, sample };
  const { unbeaten } = prediction.predictor;
  const kept = withUnbeaten(world.problem, unbeaten);
  const planned = { ...world, problem: kept.problem };
  const { within, continued } = kept;
  const judgement = await judge({ ...planned, standing, predictor: prediction.predictor }, targets, {
    ...running,
    limits,
    within,
    continued: continued === kept.problem ? undefined : continued,
    isCostPredicted: costPredicted !== undefined,
    gone: problem.models.filter((name) => !world.problem.models.includes(name)),
  });
  const { front, plans } = judgement.judged;
  const notes = [...prediction.notes, ...kept.notes, ...judgement.notes];
  options.onJudged?.({ ...prediction, ...planned, ...judgement.judged, notes });
  const { models, successProbability } = world.problem;
  // Not from `records`, where an option that must not be taken and has no score counts as wrong.
  const { outcome } = takeModels(world.test, models);
  const reliable = named(reliability(successProbability, outcome, models.length), models);
  const repeat: BacktestRepeat = {
    seed,
    predictor: taken(prediction.predictor),
    trainQueries: split.train.length,
    validationQueries: split.validation.length,
    testQueries: rows.length,
    testQueriesLeftOut: split.test.length - rows.length,
    ...judgement.figures,
    prediction: predictionFigures(reliable),
    ...(costPredicted && { costPrediction: costPredictionOf(world, judgement.judged, costPredicted) }),
    ...(isChanged && {
      whatIf: await besides({ problem, test, sample, unbeaten }, { front, plans }, targets, {
        ...{ ...running, limits },
        isCostPredicted: costPredicted !== undefined,
      }),
    }),
  };
  return { repeat, judged: judgement.judged, rows, reliability: reliable };
}

/** What is judged: a predicted problem, the rows that recorded its queries, and the labelled sample. */
interface JudgedWorld {
  problem: Problem;
  test: Dataset;
  sample: Dataset;
  predictor: Predictor;
  standing: Standing;
}

/** How plans are chosen and judged. */
interface Judging extends RunningOptions {
  seed: number;
  limits: Limits | undefined;
  /** How much less accurate than the best single model a plan that matches it may be. */
  within: number;
  isCostPredicted: boolean;
}

async function judge(
  { problem, test, sample, predictor, standing }: JudgedWorld,
  targets: readonly Target[],
  {
    limits,
    isCostPredicted,
    gone,
    continued,
    ...options
  }: Judging & { gone: readonly string[]; continued: Problem | undefined },
) {
  const { models } = problem;
  const records = { ...recordsOf(test, models), isCostPredicted };
  const alone = recordsAlone(test, standing.models, standing.best);
  const singles = singlesOf(alone);
  const best = singles.find(({ model }) => model === standing.best)!;
  const comparators = comparatorsOf(singles, singlesOnSample(sample, standing), test.ids.length);

  const fronts = await frontsOf(problem, records, options);
  const { front, realised, oracle } = fronts;
  // Each front has its own sums: equal allocations may differ in the last bit.
  const costs = [realised.cost, fronts.realisedOptllm.cost, oracle.cost, singles.map(({ cost }) => cost)];
  const yardstick: Yardstick = { singles, best, oracle, maxCost: most(costs.map(most)) };
  const standards = {
    random: comparators.randomMix.accuracy,
    best: best.accuracy,
    oracle: lastOf(oracle.accuracy),
  };
  const limiting = { ...options, isCostPredicted, gone };
  const limited = await limitsOn(limits, { problem, test, sample }, records, limiting);
  const fitted = limited === undefined ? { sample, predictor } : undefined;
  const { plans, allocations } = await choosePlans(front, targets, records, options, { fitted, limited });
  return {
    notes: limited?.notes ?? [],
    figures: {
      bestSingle: best,
      ...figuresOf(realised, best),
      front: judgedPoints(front.expectedAccuracy, realised),
      comparators,
      ...comparedFronts(fronts, yardstick),
      plans: plans.map((plan) => rated(plan, standards)),
      ...(models.length === 2 && {
        twoModels: await twoModelFigures(front, realised.realisedAccuracy, { singles, best }, options),
      }),
    },
    judged: {
      ...{ front, records, alone, singles, best, allocations, plans },
      continued: continued === undefined ? front : await solveFront(continued, options),
      offered: alone.models.indexOf(comparators.alwaysBest.model),
    },
  };
}

/** The single models on the labelled rows that have a record of the best one. */
function singlesOnSample(sample: Dataset, { models, best }: Standing): SingleModel[] {
  const rows = rowsRecorded(sample, best, Uint32Array.from(sample.ids.keys()));
  return rows.length === 0 ? [] : singlesOf(recordsAlone(takeRows(sample, rows), models, best));
}

/** The front, OptLLM-M's and the one that knows the outcomes, each with what it realises by the records. */
async function frontsOf(problem: Problem, records: Records, options: RunningOptions) {
  const front = await solveFront(problem, options);
  const optllm = await solveFront(problem, { ...options, algorithm: "optllm" });
  const oracle = await trueFront({ models: problem.models, cost: records.cost }, records.outcome, options);
  const realised = await realise(front, records, options);
  const realisedOptllm = await realise(optllm, records, options);
  return { front, optllm, oracle, realised, realisedOptllm };
}

/** Metrics of the fronts on one scale, and the points of the reference fronts. */
function comparedFronts(
  { optllm, oracle, realised, realisedOptllm }: Awaited<ReturnType<typeof frontsOf>>,
  yardstick: Yardstick,
) {
  const measure = ({ cost, realisedAccuracy }: RealisedFront): RouterMetrics =>
    routerMetrics({ cost, accuracy: realisedAccuracy }, yardstick);
  return {
    metrics: {
      front: measure(realised),
      optllm: measure(realisedOptllm),
      zeroRouter: routerMetrics(zeroRouterPoints(yardstick.singles), yardstick),
      oracle: routerMetrics(oracle, yardstick),
    },
    fronts: {
      optllm: judgedPoints(optllm.expectedAccuracy, realisedOptllm),
      oracle: judgedPoints(oracle.accuracy, { cost: oracle.cost, realisedAccuracy: oracle.accuracy }),
    },
  };
}

/** The figures without and with the changes, for the same targets. */
async function besides(
  { unbeaten, ...unchanged }: Pick<JudgedWorld, "problem" | "test" | "sample"> & Pick<Predictor, "unbeaten">,
  after: { front: Front; plans: JudgedPlan[] },
  targets: readonly Target[],
  { limits, isCostPredicted, ...options }: Omit<Judging, "within">,
): Promise<{ before: World; after: World }> {
  const { test } = unchanged;
  const { problem, within } = withUnbeaten(unchanged.problem, unbeaten);
  const records = recordsOf(test, problem.models);
  const front = await solveFront(problem, options);
  const world = { ...unchanged, problem };
  const limited = await limitsOn(limits, world, records, { ...options, isCostPredicted });
  const { plans } = await choosePlans(front, targets, records, { ...options, within }, { limited });
  const volumes = hypervolumes([front, after.front]);
  const [before, changed] = [plans, after.plans].map((side, k) => ({
    hypervolume: volumes[k],
    plans: side.map((plan) =>
      plan.status === "chosen"
        ? { promised: { ...plan.promised, accuracy: plan.predicted }, realised: plan.realised }
        : null,
    ),
  }));
  return { before, after: changed };
}

function most(values: ArrayLike<number>): number {
  let high = 0;
  for (let i = 0; i < values.length; i++) high = Math.max(high, values[i]);
  return high;
}

function lastOf(values: Float64Array): number {
  return values[values.length - 1];
}

function taken({ kind, settings, candidates }: Predictor): BacktestRepeat["predictor"] {
  return { kind, settings, candidates };
}

function figuresOf(realised: RealisedFront, single: SingleModel) {
  const front = byCost(realised);
  return {
    highestAccuracy: highestAccuracy(front),
    savingAtEqualAccuracy: savingAtEqualAccuracy(front, single),
    areaUnderFront: areaUnderFront(front, single),
  };
}

function predictionFigures({ mean, pooledEce }: NamedReliability): PredictionFigures {
  const known = (x: number): number | null => (Number.isNaN(x) ? null : x);
  return {
    brier: known(mean.brier),
    logLoss: known(mean.logLoss),
    ece: known(mean.ece),
    pooledEce: known(pooledEce),
    auroc: known(mean.auroc),
  };
}
