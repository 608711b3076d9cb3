import type { Baseline } from "./baselines/index.js";
import { InputError } from "../src/errors.js";
import { solveFront, type Algorithm } from "../src/solve/front.js";
import { igd, normalisedHypervolume, spread } from "../src/solve/metrics/indicator.js";
import { realisedAccuracy } from "../src/solve/objective.js";
import { idealNadir, select, type Bounds, type PointSet } from "../src/solve/metrics/pointSet.js";
import type { Dataset, Problem } from "../src/types.js";
import { bestAlone, modelsAlone, recordsAlone, rowsRecorded, singlesOf } from "../src/backtest/alone.js";
import { realise, type Records } from "../src/backtest/comparators.js";
import { meanDeviation, type MeanDeviation } from "../src/backtest/means.js";
import { predictProblem, type PredictOptions } from "../src/plan/predictProblem.js";
import { withUnbeaten } from "../src/plan/unbeaten.js";
import { rankTest, type RankTest } from "./ranks.js";
import {
  highestAccuracy,
  judgedPoints,
  savingAtEqualAccuracy,
  type JudgedPoint,
  type RealisedFront,
  type SingleModel,
} from "../src/backtest/realised.js";
import { judgeable, judgedSize, recordsOf, type JudgedSize } from "../src/backtest/recorded.js";
import { takeRows, type Part } from "../src/plan/rows.js";
import { splitRows } from "../src/backtest/split.js";
import { thin } from "../src/solve/thin.js";
import { trueFront } from "../src/backtest/trueFront.js";

export interface CompareOptions extends PredictOptions {
  train: Part;
  validation: Part;
  /** Splits to try, default 1. */
  repeats?: number;
  /** Repeat r splits, predicts and runs the baselines by seed + r; default 1. */
  seed?: number;
  /** Keeps rows of equal text on one side of the split. */
  distinct?: boolean;
  /** Names of the baselines to run; default: all. */
  algorithms?: readonly string[];
  /** Leaves the extremes out of the baselines' first populations; default false. See paper/README.md. */
  asPublished?: boolean;
  /** Allocations in a baseline's population, default 100. */
  population?: number;
  /** Default 100. */
  generations?: number;
}

/** `exact`: our front; `optllm`: the paper's OptLLM-M; the others are baselines. */
export type Method = Algorithm | Baseline;

/** Their names in tables. */
export const METHOD_TITLES: Record<Method, string> = {
  exact: "our front (exact)",
  optllm: "OptLLM-M",
  nsga2: "NSGA-II",
  rnsga2: "R-NSGA-II",
  "sms-emoa": "SMS-EMOA",
  moead: "MOEA/D",
  "moead-gen": "MOEA/D-GEN",
  mopso: "MOPSO",
};

/** How good a method's allocations are by the records of the test queries. */
export interface MethodFigures {
  /** Allocations, nondominated by prediction. */
  points: number;
  /** The highest of them, 0 … 1. */
  highestAccuracy: number;
  /** Dollars: what the cheapest allocation of that accuracy costs. */
  highestAccuracyCost: number;
  /** Dollars for which OptLLM-M and our front have an allocation as accurate as that; null where they have none. */
  optllmCost: number | null;
  exactCost: number | null;
  /** 1 − cost / cost of the best single model, at its accuracy; null when never reached. */
  savingAtEqualAccuracy: number | null;
  /** Mean distance from the true front to at most 32,768 of the points, in dollars and accuracy as they are [Liu2024]. */
  igdRaw: number;
  /** The same between the true front's ideal and nadir. */
  igd: number;
  /** Deb's Δ, normalised; 0 is even and reaches both ends of the true front. */
  spread: number;
  /** Up to (1.1, 1.1), 1 for the ideal. */
  hypervolume: number;
  /** Wall-clock time of the optimisation alone, on one thread. */
  timeMs: number;
}

export interface MethodResult extends MethodFigures {
  method: Method;
  /** At most 200 of its points; the figures are of all. */
  front: JudgedPoint[];
}

export interface CompareRepeat {
  seed: number;
  trainQueries: number;
  validationQueries: number;
  testQueries: number;
  /** The best of the models that may answer every test query, by records. */
  singles: SingleModel[];
  bestSingle: SingleModel;
  /** The true front of the test queries. */
  reference: { points: number } & Bounds;
  methods: MethodResult[];
}

export interface MethodSummary {
  method: Method;
  figures: Record<keyof MethodFigures, MeanDeviation>;
}

/** A single model by records, over the repeats in which it may answer every test query. */
export interface SingleSummary {
  model: string;
  accuracy: MeanDeviation;
  /** Dollars. */
  cost: MeanDeviation;
}

/** Numbers of repeats in which a method was better than the best baseline, equal to it, or worse. */
export interface Standing {
  ahead: number;
  level: number;
  behind: number;
}

/** The figures by which methods are ranked. */
export type RankedFigure = "highestAccuracy" | "igd" | "hypervolume";

export interface Comparison {
  dataset: JudgedSize;
  settings: { population: number; generations: number; asPublished: boolean; baselines: Baseline[] };
  repeats: CompareRepeat[];
  summary: MethodSummary[];
  singles: SingleSummary[];
  /** Over all methods, in the order of `summary`. */
  ranks: Record<RankedFigure, RankTest>;
  standings: Record<Algorithm, Record<RankedFigure, Standing>>;
}

/** Number of evenly spaced points used for the IGD of a larger front. */
const IGD_POINTS = 32_768;
const RANKED: Record<RankedFigure, "high" | "low"> = {
  highestAccuracy: "high",
  igd: "low",
  hypervolume: "high",
};

/**
 * The paper's evaluation on labelled rows: every method optimises the same predictions, fitted to a few rows, and is
 * judged by the records of the others. Rows without a score where there is a cost are left out. The same seed gives the
 * same figures, but for times. Throws `InputError` for rows without scores and for unknown baselines.
 */
export async function compare(rows: Dataset, options: CompareOptions): Promise<Comparison> {
  const { repeats = 1, seed = 1, population = 100, generations = 100, asPublished = false } = options;
  // Loaded here, so that nothing else of the library carries the evolutionary code.
  const { BASELINES, checkBaselines } = await import("./baselines/index.js");
  const baselines = checkBaselines(options.algorithms ?? BASELINES);
  const settings = { population, generations, asPublished, baselines };
  if (!(Number.isSafeInteger(repeats) && repeats >= 1)) {
    throw new InputError(`repeats is ${repeats}; expected a whole number ≥ 1`, { field: "repeats" });
  }
  const dataset = judgeable(rows);
  const results: CompareRepeat[] = [];
  for (let r = 0; r < repeats; r++) {
    const { onProgress } = options;
    const named = onProgress && {
      onProgress: (progress: Parameters<typeof onProgress>[0]) =>
        onProgress({ ...progress, phase: `repeat ${r + 1} of ${repeats}: ${progress.phase}` }),
    };
    results.push(await runRepeat(dataset, seed + r, { ...options, ...named }, settings));
  }
  return {
    dataset: judgedSize(rows, dataset),
    settings,
    repeats: results,
    ...summarise(results),
  };
}

async function runRepeat(
  dataset: Dataset,
  seed: number,
  options: CompareOptions,
  { baselines, population, generations, asPublished }: Comparison["settings"],
): Promise<CompareRepeat> {
  const { signal, onProgress } = options;
  const split = splitRows(dataset.queries, { ...options, seed });
  const sample = takeRows(dataset, Uint32Array.from([...split.train, ...split.validation]));
  const names = modelsAlone(dataset);
  const bestName = bestAlone(dataset, names);
  const test = takeRows(dataset, rowsRecorded(dataset, bestName, split.test));
  const { predictor, replicates, alpha, pool } = options;
  const fitting = { predictor, replicates, alpha, seed };
  const predicted = await predictProblem(test, sample, { ...fitting, pool, signal, onProgress });
  const { problem } = withUnbeaten(predicted.problem, predicted.predictor.unbeaten);
  const records = recordsOf(test, problem.models);
  const { outcome } = records;
  const all = singlesOf(recordsAlone(test, names, bestName));
  const best = all.find(({ model }) => model === bestName)!;
  const reference = await trueFront(problem, outcome, { signal });

  const found: Found[] = [];
  for (const algorithm of ["exact", "optllm"] as const) {
    onProgress?.({ phase: algorithm, done: 0, total: 0 });
    found.push(await runOurs(algorithm, problem, records, signal));
  }
  const { runBaseline } = await import("./baselines/index.js");
  for (const name of baselines) {
    const start = performance.now();
    const matrices = {
      models: problem.models.length,
      cost: Float32Array.from(problem.cost),
      successProbability: problem.successProbability,
    };
    const isSeeded = !asPublished;
    const running = { population, generations, isSeeded, seed, signal, onProgress };
    const { genes, cost, accuracy } = await runBaseline(name, matrices, running);
    const timeMs = performance.now() - start;
    const queries = test.ids.length;
    const realised = Float64Array.from(cost, (_, k) =>
      realisedAccuracy(outcome, matrices.models, genes.subarray(k * queries, (k + 1) * queries)),
    );
    found.push({ method: name, timeMs, expectedAccuracy: accuracy, cost, realisedAccuracy: realised });
  }
  const bounds = idealNadir(reference);
  const [exact, optllm] = found;
  return {
    seed,
    trainQueries: split.train.length,
    validationQueries: split.validation.length,
    testQueries: split.test.length,
    singles: all,
    bestSingle: best,
    reference: { points: reference.cost.length, ...bounds },
    methods: found.map((front) => ({
      method: front.method,
      ...judge(front, { reference, bounds, best, exact, optllm }),
      front: judgedPoints(front.expectedAccuracy, front),
    })),
  };
}

/** A method's allocations by rising cost. */
interface Found extends RealisedFront {
  method: Method;
  expectedAccuracy: Float64Array;
  timeMs: number;
}

async function runOurs(
  algorithm: Algorithm,
  problem: Problem,
  records: Records,
  signal: AbortSignal | undefined,
): Promise<Found> {
  const start = performance.now();
  const front = await solveFront(problem, { algorithm, signal });
  const timeMs = performance.now() - start;
  const realised = await realise(front, records, { signal });
  return { method: algorithm, timeMs, expectedAccuracy: front.expectedAccuracy, ...realised };
}

/** The references for every method. */
interface Yardstick {
  reference: PointSet;
  bounds: Bounds;
  best: SingleModel;
  exact: RealisedFront;
  optllm: RealisedFront;
}

function judge(front: Found, { reference, bounds, best, exact, optllm }: Yardstick): MethodFigures {
  const points = { cost: front.cost, accuracy: front.realisedAccuracy };
  // Every distance is measured, since realised accuracy does not rise along a front.
  const some = select(points, thin(front.cost.length, IGD_POINTS));
  const highest = highestAccuracy(front);
  return {
    points: front.cost.length,
    highestAccuracy: highest,
    highestAccuracyCost: costOf(front, highest)!,
    optllmCost: costOf(optllm, highest),
    exactCost: costOf(exact, highest),
    savingAtEqualAccuracy: savingAtEqualAccuracy(front, best),
    igdRaw: igd(some, reference),
    igd: igd(some, reference, bounds),
    spread: spread(points, reference, bounds),
    hypervolume: normalisedHypervolume(points, bounds),
    timeMs: front.timeMs,
  };
}

/** The least cost at which a front reaches a realised accuracy; null when it never does. */
function costOf({ cost, realisedAccuracy }: RealisedFront, accuracy: number): number | null {
  const k = realisedAccuracy.findIndex((a) => a >= accuracy);
  return k < 0 ? null : cost[k];
}

function summarise(
  repeats: readonly CompareRepeat[],
): Pick<Comparison, "summary" | "singles" | "ranks" | "standings"> {
  const [{ methods }] = repeats;
  const FIGURES = Object.keys(FIGURE_NAMES) as (keyof MethodFigures)[];
  const record = <Key extends string, T>(keys: readonly Key[], value: (key: Key) => T) =>
    Object.fromEntries(keys.map((key) => [key, value(key)])) as Record<Key, T>;
  const ranked = Object.keys(RANKED) as RankedFigure[];
  return {
    summary: methods.map(({ method }, k) => ({
      method,
      figures: record(FIGURES, (figure) => meanDeviation(repeats.map((repeat) => repeat.methods[k][figure]))),
    })),
    singles: singlesOver(repeats),
    ranks: record(ranked, (figure) =>
      rankTest(
        repeats.map((repeat) => repeat.methods.map((result) => result[figure])),
        RANKED[figure] === "high",
      ),
    ),
    standings: record(["exact", "optllm"], (algorithm) =>
      record(ranked, (figure) => standingOf(repeats, algorithm, figure)),
    ),
  };
}

/** Every figure, so that none is forgotten in the summary. */
const FIGURE_NAMES: Record<keyof MethodFigures, true> = {
  points: true,
  highestAccuracy: true,
  highestAccuracyCost: true,
  optllmCost: true,
  exactCost: true,
  savingAtEqualAccuracy: true,
  igdRaw: true,
  igd: true,
  spread: true,
  hypervolume: true,
  timeMs: true,
};

function singlesOver(repeats: readonly CompareRepeat[]): SingleSummary[] {
  const all = repeats.flatMap(({ singles }) => singles);
  return [...new Set(all.map(({ model }) => model))].map((model) => {
    const own = all.filter((single) => single.model === model);
    return {
      model,
      accuracy: meanDeviation(own.map(({ accuracy }) => accuracy)),
      cost: meanDeviation(own.map(({ cost }) => cost)),
    };
  });
}

function standingOf(repeats: readonly CompareRepeat[], algorithm: Algorithm, figure: RankedFigure): Standing {
  const sign = RANKED[figure] === "high" ? 1 : -1;
  const standing = { ahead: 0, level: 0, behind: 0 };
  for (const { methods } of repeats) {
    const own = sign * methods.find(({ method }) => method === algorithm)![figure];
    const baselines = methods.filter(({ method }) => method !== "exact" && method !== "optllm");
    if (baselines.length === 0) continue;
    const best = Math.max(...baselines.map((result) => sign * result[figure]));
    standing[own > best ? "ahead" : own === best ? "level" : "behind"]++;
  }
  return standing;
}
