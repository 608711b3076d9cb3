import { InputError } from "../errors.js";
import { checkTarget, type Target } from "../solve/target.js";
import type { Blocks } from "../solve/trace.js";
import type { Dataset } from "../types.js";
import { bestAlone, modelsAlone } from "./alone.js";
import { runRepeat, type Standing } from "./backtestRepeat.js";
import type { Backtest, BacktestOptions, BacktestRepeat, OverRepeats } from "./backtestTypes.js";
import type { ChosenPlan, CostAccuracy } from "./chosenPlans.js";
import type { Alternative } from "./comparators.js";
import { meanCostPrediction } from "./costPrediction.js";
import {
  dealBlocks,
  evidenceOf,
  evidenceOver,
  resamplingOf,
  type Evidence,
  type RepeatEvidence,
} from "./evidence.js";
import { groupsOf, GroupSums } from "../plan/groups.js";
import { limitSummaries } from "./limits.js";
import { countPartial, meanDeviation, meanOf } from "./means.js";
import { judgeable, judgedSize } from "./recorded.js";
import { checkSeveralAnswers } from "./severalAnswers.js";
import { reliabilityOver, type NamedReliability } from "./reliabilityOver.js";
import { verdictOn } from "./verdict.js";
import { changeDataset, checkChanges } from "../plan/whatIf.js";

const DEFAULT_TARGETS: readonly Target[] = [{ matchBest: true }, { knee: true }];

/**
 * Tests the whole method on labelled rows: fits to a few, allocates the others, and compares with what was
 * recorded. A model without a record of a query (a score with a cost) is not given it by any plan, and is judged alone by
 * the queries that it and the best single model have. Throws `InputError` where no row has a record.
 */
export async function backtest(rows: Dataset, options: BacktestOptions): Promise<Backtest> {
  const { seed = 1, targets = DEFAULT_TARGETS, changes } = options;
  checkSeveralAnswers(rows);
  const dataset = judgeable(rows);
  checkOptions(dataset, targets, options);
  const standing = standingOf(changes === undefined ? dataset : changeDataset(dataset, changes));
  const blocks = dealBlocks(dataset.queries, seed, options.distinct === true);
  const { results, evidence, reliable, groups } = await runRepeats(
    dataset,
    blocks,
    standing,
    targets,
    options,
  );
  const over = evidenceOver(evidence, targets.length, seed);
  const mean = meanFigures(results);
  const plans = planSummaries(results, over, targets, mean.bestSingle.model);
  return {
    dataset: judgedSize(rows, dataset),
    repeats: results,
    mean,
    reliability: reliabilityOver(reliable),
    frontAgainstBestSingle: over.front,
    frontAboveZeroRouter: over.frontAboveZeroRouter,
    plans,
    verdict: plans[0].verdict,
    resampling: resamplingOf(blocks),
    ...(options.predictCost && {
      costPrediction: meanCostPrediction(results.map(({ costPrediction }) => costPrediction!)),
    }),
    ...(changes && { changes }),
    ...(groups && { groups: groups.figures(dataset.models, plans[0].feasible) }),
  };
}

function checkOptions(dataset: Dataset, targets: readonly Target[], options: BacktestOptions): void {
  const { changes, predictCost } = options;
  if (targets.length === 0) throw new InputError("no targets; expected at least one", { field: "targets" });
  targets.forEach(checkTarget);
  checkChanges(changes, dataset.models);
  if (predictCost && changes?.price?.length)
    throw new InputError("new prices need recorded tokens, so costs cannot be predicted with them", {
      field: "price",
    });
}

/** Chosen by all rows: by the test rows of each repeat, a mean over repeats would be of different models. */
function standingOf(dataset: Dataset): Standing {
  const models = modelsAlone(dataset);
  return { models, best: bestAlone(dataset, models) };
}

/** Every repeat on its own split. `groups`: sums by group of the first target's plans, if a column was asked for. */
async function runRepeats(
  dataset: Dataset,
  blocks: Blocks,
  standing: Standing,
  targets: readonly Target[],
  options: BacktestOptions,
) {
  const { repeats = 1, seed = 1, group, onProgress } = options;
  const groupOf = group === undefined ? undefined : groupsOf(dataset, group);
  const groups = groupOf && new GroupSums();
  const results: BacktestRepeat[] = [];
  const evidence: RepeatEvidence[] = [];
  const reliable: NamedReliability[] = [];
  for (let r = 0; r < repeats; r++) {
    onProgress?.({ phase: "backtest", done: r, total: repeats });
    const { repeat, judged, rows, reliability } = await runRepeat(
      dataset,
      seed + r,
      standing,
      targets,
      options,
    );
    const ofRows = { of: Uint32Array.from(rows, (row) => blocks.of[row]), count: blocks.count };
    results.push(repeat);
    reliable.push(reliability);
    evidence.push(await evidenceOf(judged, ofRows, seed, options));
    const [allocation] = judged.allocations;
    if (groupOf && groups && allocation) {
      const { records, front } = judged;
      const values = { ...records, models: front.problem.models, accuracy: records.outcome };
      groups.add(
        Array.from(rows, (row) => groupOf[row]),
        allocation,
        values,
      );
    }
  }
  onProgress?.({ phase: "backtest", done: repeats, total: repeats });
  return { results, evidence, reliable, groups };
}

/** The figures of each target's plans over the repeats, and the verdict on them. */
function planSummaries(
  results: readonly BacktestRepeat[],
  { front, frontAboveZeroRouter, plans }: Evidence,
  targets: readonly Target[],
  bestModel: string,
) {
  const basis = {
    fitted: Math.min(...results.map((one) => one.trainQueries + one.validationQueries)),
    judged: Math.min(...results.map(({ testQueries }) => testQueries)),
    repeats: results.length,
  };
  return plans.map((advantages, p) => {
    const summary = summaryOf(results, p);
    const grounds = { ...advantages, ...summary, front, frontAboveZeroRouter };
    return {
      ...summary,
      ...advantages,
      verdict: verdictOn(targets[p], grounds, bestModel, basis),
    };
  });
}

/** The promised and recorded figures of a target, over the repeats in which it was feasible. */
function summaryOf(results: readonly BacktestRepeat[], p: number) {
  const plans = results.map((repeat) => repeat.plans[p]);
  const chosen = plans.filter((plan) => plan.status === "chosen");
  const limits = chosen.flatMap((plan) => (plan.limits === undefined ? [] : [plan.limits]));
  const over = (pick: (plan: (typeof chosen)[number]) => CostAccuracy): OverRepeats => ({
    cost: meanDeviation(chosen.map((plan) => pick(plan).cost)),
    accuracy: meanDeviation(chosen.map((plan) => pick(plan).accuracy)),
  });
  return {
    target: plans[0].target,
    feasible: chosen.length,
    soleModel: soleModelOf(chosen),
    shares: meanShares(chosen),
    savedPerThousand: meanDeviation(
      results.map(({ plans, bestSingle, testQueries }) => {
        const plan = plans[p];
        return plan.status === "chosen"
          ? (1000 * (bestSingle.cost - plan.realised.cost)) / testQueries
          : null;
      }),
    ).mean,
    promised: over(({ promised }) => promised),
    predicted: meanDeviation(chosen.map(({ predicted }) => predicted)),
    realised: over(({ realised }) => realised),
    overpromised: meanDeviation(
      chosen.map(({ promised, realised }) => promised.accuracy - realised.accuracy),
    ),
    ...(limits.length > 0 && { limits: limitSummaries(limits) }),
  };
}

function soleModelOf(plans: readonly ChosenPlan[]): string | null {
  const soles = plans.map(({ shares }) => Object.keys(shares).find((model) => shares[model] === 1));
  return soles.every((model) => model === soles[0]) ? (soles[0] ?? null) : null;
}

/** Mean share of each model over some plans. */
function meanShares(plans: readonly ChosenPlan[]): Record<string, number> {
  const models = [...new Set(plans.flatMap(({ shares }) => Object.keys(shares)))];
  const mean = (model: string): number =>
    plans.reduce((sum, { shares }) => sum + (shares[model] ?? 0), 0) / plans.length;
  return Object.fromEntries(models.map((model) => [model, mean(model)]));
}

/** Means over the repeats; a figure that may be missing is averaged over the repeats that have it. */
function meanFigures(repeats: readonly BacktestRepeat[]): Backtest["mean"] {
  const of = <T extends object>(pick: (repeat: BacktestRepeat) => T): T => meanOf(repeats.map(pick));
  return {
    partial: countPartial(
      repeats.map(({ savingAtEqualAccuracy, prediction, metrics }) => ({
        savingAtEqualAccuracy,
        prediction,
        metrics,
      })),
    ),
    savingRepeats: repeats.filter(({ savingAtEqualAccuracy }) => savingAtEqualAccuracy !== null).length,
    bestSingle: {
      model: repeats[0].bestSingle.model,
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
