import type { Found } from "../core/solve/search.js";
import { spread } from "../core/solve/spread.js";
import { InputError } from "../errors.js";
import { breathe } from "../pool/breathe.js";
import type { Pool } from "../pool/pool.js";
import { inline } from "../pool/runner.js";
import type { OnProgress, Problem } from "../types.js";
import { solveFront } from "./front.js";
import { nondominated } from "./metrics/dominance.js";
import { hypervolume } from "./metrics/indicator.js";
import { isStreamed, type SolveInput } from "./input.js";
import { evaluateAll } from "./objective.js";
import { checkShape } from "./problem.js";
import { modelsOf, optionsOf, placesOf, supportedAllocations, type Options } from "./supported.js";
import { sharedBytes } from "../memory.js";

/** Limits of a search between the supported points, and its seed. */
export interface SearchOptions {
  /** Whole number, default 1; the same seed and step limit give the same front. */
  seed?: number;
  /** Independent searches, 1 … 256, default 8: each starts from its own part of the front. */
  restarts?: number;
  /** Maximum number of steps of each restart; default: none, only the time limit. */
  stepLimit?: number;
  /**
   * Time limit of the search in milliseconds; default 1,000, or none with a step limit. With a time limit the result
   * depends on the machine's speed; without one it is the same to the byte, on any number of threads.
   */
  timeLimitMs?: number;
  /** Partial sums that the exact method may hold before the search takes over, default 8,000,000; 0 skips it. */
  exactStates?: number;
  /** Maximum number of points to return, default 65,536; all supported points are kept even if there are more. */
  maxPoints?: number;
  /** Threads to work on; default: the calling thread alone. */
  pool?: Pool;
  /** Stops the work; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** Nondominated allocations of a problem, supported or not, by strictly rising cost and accuracy. */
export interface SearchedFront {
  /** Dollars, recomputed from the matrices. */
  totalCost: Float64Array;
  /** Mean success probability, 0 … 1, recomputed. */
  expectedAccuracy: Float64Array;
  /** 1 for a vertex of the supported front. */
  isSupported: Uint8Array;
  /** The price of a supported point, as in `Front`; NaN for the others. */
  lambda: Float64Array;
  /** The allocation of a point: one model index per query, in a new array. */
  allocationAt(point: number): Uint8Array;
  /** Proven: no nondominated point is missing. */
  isComplete: boolean;
  /** Steps of all restarts; 0 if the exact method completed. */
  steps: number;
  /**
   * Area dominated beyond that of the supported points, as a share of the rectangle between the cheapest and the most
   * accurate point: 0 … 0.5.
   */
  hypervolumeGain: number;
}

/** Maximum number of queries of a search. */
export const MAX_SEARCH_QUERIES = 2048;

/** Throws `InputError` for more queries than a search takes, so that a caller can check before long work. */
export function checkSearchable(queries: number): void {
  if (queries <= MAX_SEARCH_QUERIES) return;
  throw new InputError(`${queries} queries are too many to search; expected at most ${MAX_SEARCH_QUERIES}`, {
    field: "problem",
  });
}

/** The exact method may take this share of the time. */
const EXACT_SHARE = 0.5;
/** Bytes for the allocations of one restart's archive, beyond those of the supported points. */
const ARCHIVE_BYTES = 2 ** 24;

/**
 * Finds allocations between the supported points of a front: exactly, by dynamic programming, if that completes within
 * its limits, otherwise by a randomised search. At most 2,048 queries; with more, the supported points are so close
 * together that nothing can be gained. Throws `InputError` for what `solveFront` refuses and for a streamed problem.
 */
export async function searchFront(problem: SolveInput, options: SearchOptions = {}): Promise<SearchedFront> {
  const began = performance.now();
  const settings = checkOptions(options);
  const { signal } = options;
  if (isStreamed(problem)) throw new InputError("a search needs the problem in memory", { field: "problem" });
  checkSearchable(checkShape(problem));
  // Checks the values.
  await solveFront(problem, { resolution: "buckets", signal });
  const choices = optionsOf(problem);
  const supported = await supportedAllocations(problem, { signal });

  const stop = new Int32Array(sharedBytes(4));
  const onAbort = (): void => void Atomics.store(stop, 0, 1);
  signal?.addEventListener("abort", onAbort, { once: true });
  const limitsFor = (share: number) => ({
    timeLimitMs: share * Math.max(0, settings.timeLimitMs - (performance.now() - began)),
    stop,
  });
  try {
    const exact = await searchStates(choices, settings, limitsFor(EXACT_SHARE), options);
    const found = exact.isExhaustive
      ? [exact]
      : await searchRandomly(problem, choices, supported, settings, limitsFor, options);
    return await merge(problem, choices, supported, found, settings, signal);
  } finally {
    signal?.removeEventListener("abort", onAbort);
  }
}

interface Limits {
  timeLimitMs: number;
  /** Not 0: end now. */
  stop: Int32Array;
}

/** Enumerates states; exact if it completes within its limits. */
async function searchStates(
  { table }: Options,
  { exactStates: maxStates, maxPoints }: Settings,
  limits: Limits,
  { pool, signal }: SearchOptions,
): Promise<Found> {
  const job = { kind: "states" as const, table, maxStates, maxPoints, limits };
  const [found] = await (pool ?? inline).run<"states">([job], { signal });
  return found;
}

/** Destroys and rebuilds allocations at random, in restarts that share the remaining time. */
function searchRandomly(
  problem: Problem,
  choices: Options,
  { lambda, allocations }: Supported,
  { maxPoints, restarts, seed, stepLimit }: Settings,
  limitsFor: (share: number) => Limits,
  { pool, signal, onProgress }: SearchOptions,
): Promise<Found[]> {
  const queries = choices.table.start.length - 1;
  const capacity = Math.max(lambda.length + 1, Math.min(maxPoints, Math.floor(ARCHIVE_BYTES / queries)));
  const rounds = Math.ceil(restarts / Math.min(restarts, pool?.threads ?? 1));
  const job = {
    kind: "search" as const,
    table: choices.table,
    supported: placesOf(choices, problem.models.length, allocations),
    capacity,
    seed,
    restarts,
    stepLimit,
    limits: limitsFor(1 / rounds),
  };
  const jobs = Array.from({ length: restarts }, (_, restart) => ({ ...job, restart }));
  const onDone = (done: number, total: number): void => onProgress?.({ phase: "searching", done, total });
  return (pool ?? inline).run<"search">(jobs, { signal, onDone });
}

/** The point that meets a target best: the last within a budget, or the first that reaches an accuracy. */
export function pick(
  { totalCost, expectedAccuracy }: Pick<SearchedFront, "totalCost" | "expectedAccuracy">,
  target: { budget: number } | { accuracy: number },
): number | undefined {
  const isBefore = (k: number): boolean =>
    "budget" in target ? totalCost[k] <= target.budget : expectedAccuracy[k] < target.accuracy;
  let low = 0;
  let high = totalCost.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (isBefore(middle)) low = middle + 1;
    else high = middle;
  }
  const point = "budget" in target ? low - 1 : low;
  return point < 0 || point === totalCost.length ? undefined : point;
}

/** The allocations of the supported points. */
interface Supported {
  allocations: Uint8Array;
  lambda: Float64Array;
}

type Settings = Required<
  Pick<SearchOptions, "seed" | "restarts" | "stepLimit" | "timeLimitMs" | "exactStates" | "maxPoints">
>;

function checkOptions(options: SearchOptions): Settings {
  const settings = {
    seed: options.seed ?? 1,
    restarts: options.restarts ?? 8,
    stepLimit: options.stepLimit ?? Infinity,
    timeLimitMs: options.timeLimitMs ?? (options.stepLimit === undefined ? 1000 : Infinity),
    exactStates: options.exactStates ?? 8_000_000,
    maxPoints: options.maxPoints ?? 65_536,
  };
  const { seed, restarts, stepLimit, timeLimitMs, exactStates, maxPoints } = settings;
  const isWhole = (value: number, least: number, most: number): boolean =>
    Number.isInteger(value) && value >= least && value <= most;
  const refuse = (field: keyof Settings, expected: string): never => {
    throw new InputError(`${field} is ${settings[field]}; expected ${expected}`, { field });
  };
  if (!Number.isSafeInteger(seed)) refuse("seed", "a whole number");
  if (!isWhole(restarts, 1, 256)) refuse("restarts", "a whole number from 1 to 256");
  if (stepLimit !== Infinity && !isWhole(stepLimit, 0, 2 ** 53)) refuse("stepLimit", "a whole number ≥ 0");
  if (!(timeLimitMs > 0)) refuse("timeLimitMs", "milliseconds above 0");
  if (timeLimitMs === Infinity && stepLimit === Infinity)
    refuse("timeLimitMs", "a finite time or step limit");
  if (!isWhole(exactStates, 0, 2 ** 26)) refuse("exactStates", "a whole number from 0 to 67,108,864");
  if (!isWhole(maxPoints, 2, 2 ** 20)) refuse("maxPoints", "a whole number from 2 to 1,048,576");
  return settings;
}

/** Adds what was found, in its order, to the supported points; everything is re-evaluated. */
async function merge(
  problem: Problem,
  choices: Options,
  supported: Supported,
  found: readonly Found[],
  { maxPoints }: Settings,
  signal: AbortSignal | undefined,
): Promise<SearchedFront> {
  const { points, parts } = await evaluateParts(problem, choices, supported, found, signal);
  const vertices = front(points.filter((point) => point.isSupported));
  const others = points.filter((point) => !point.isSupported && isBetween(point, vertices));
  const all = front([...vertices, ...others]);
  const isSupported = Uint8Array.from(all, (point) => Number(point.isSupported));
  const chosen = spread(costsOf(all), accuraciesOf(all), maxPoints, isSupported);
  const kept = Array.from(chosen, (k) => all[k]);
  const [totalCost, expectedAccuracy] = [costsOf(kept), accuraciesOf(kept)];
  const isThinned = kept.length < all.length || found.some((part) => part.isThinned);
  const isExhaustive = found.some((part) => part.isExhaustive);
  return {
    totalCost,
    expectedAccuracy,
    isSupported: Uint8Array.from(kept, (point) => Number(point.isSupported)),
    lambda: Float64Array.from(kept, (point) => (point.isSupported ? supported.lambda[point.k] : NaN)),
    allocationAt: allocationsOf(kept, parts, choices.table.start.length - 1),
    isComplete: isExhaustive && !isThinned,
    steps: isExhaustive ? 0 : found.reduce((sum, part) => sum + part.steps, 0),
    hypervolumeGain:
      normalisedArea(totalCost, expectedAccuracy) - normalisedArea(costsOf(vertices), accuraciesOf(vertices)),
  };
}

/** Evaluates the supported allocations and then the found ones, part by part. */
async function evaluateParts(
  problem: Problem,
  choices: Options,
  supported: Supported,
  found: readonly Found[],
  signal: AbortSignal | undefined,
): Promise<{ points: Evaluated[]; parts: Uint8Array[] }> {
  const parts = [supported.allocations];
  const points: Evaluated[] = [];
  const add = (part: number, allocations: Uint8Array): void =>
    evaluateAll(problem, allocations).forEach(({ totalCost, expectedAccuracy }, k) =>
      points.push({ totalCost, expectedAccuracy, part, k, isSupported: part === 0 }),
    );
  add(0, supported.allocations);
  for (const { allocations } of found) {
    await breathe(signal);
    add(parts.push(modelsOf(choices, allocations)) - 1, allocations);
  }
  return { points, parts };
}

function allocationsOf(kept: readonly Evaluated[], parts: readonly Uint8Array[], queries: number) {
  return (point: number): Uint8Array => {
    const at = kept[point];
    if (at === undefined) {
      throw new InputError(`point is ${point}; expected a whole number below ${kept.length}`, {
        field: "point",
      });
    }
    return parts[at.part].slice(at.k * queries, (at.k + 1) * queries);
  };
}

/** A point, and where its allocation is. */
interface Evaluated {
  totalCost: number;
  expectedAccuracy: number;
  part: number;
  k: number;
  isSupported: boolean;
}

const costsOf = (points: readonly Evaluated[]): Float64Array =>
  Float64Array.from(points, (point) => point.totalCost);

const accuraciesOf = (points: readonly Evaluated[]): Float64Array =>
  Float64Array.from(points, (point) => point.expectedAccuracy);

function front(points: readonly Evaluated[]): Evaluated[] {
  const [cost, accuracy] = [costsOf(points), accuraciesOf(points)];
  return Array.from(nondominated({ cost, accuracy }), (k) => points[k]);
}

/** Whether a point neither is dominated by a supported point nor, by rounding alone, dominates one. */
function isBetween(point: Evaluated, vertices: readonly Evaluated[]): boolean {
  let low = 0;
  let high = vertices.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (vertices[middle].totalCost <= point.totalCost) low = middle + 1;
    else high = middle;
  }
  const before = vertices[low - 1];
  const after = vertices[low];
  return (
    before !== undefined &&
    after !== undefined &&
    point.totalCost > before.totalCost &&
    point.expectedAccuracy > before.expectedAccuracy &&
    point.expectedAccuracy < after.expectedAccuracy
  );
}

/** Area dominated within the rectangle between a front's ends, as a share of it. */
function normalisedArea(cost: Float64Array, accuracy: Float64Array): number {
  const last = cost.length - 1;
  const box = (cost[last] - cost[0]) * (accuracy[last] - accuracy[0]);
  if (!(box > 0)) return 0;
  return hypervolume({ cost, accuracy }, { cost: cost[last], accuracy: accuracy[0] }) / box;
}
