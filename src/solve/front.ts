import type { Price } from "../core/solve/allocate.js";
import { IN_DOLLARS } from "../core/solve/block.js";
import type { Bracket } from "../core/solve/bracket.js";
import { mergeSums, scanBuckets, type BucketSums } from "../core/solve/buckets.js";
import { scanSteps } from "../core/solve/fullFront.js";
import type { Points } from "../core/solve/points.js";
import { concatSteps, type Steps } from "../core/solve/steps.js";
import { InputError } from "../errors.js";
import { coreFor, sharedCore } from "../pool/cores.js";
import type { RunningOptions } from "../pool/running.js";
import { isStreamed, readyFor, type SolveInput } from "./input.js";
import { sweepFront } from "./optllm.js";
import { passOver } from "./pass.js";
import { checkShape } from "./problem.js";
import { inDollars, placesOfFirst, placesOfInput, unitsPerDollar } from "./exact/units.js";

/** `full`: every supported point; `buckets`: one per non-empty efficiency bucket. */
export type Resolution = "full" | "buckets";

/** `exact`: the whole front; `optllm`: some of its points, found as the paper's OptLLM-M does. */
export const ALGORITHMS = ["exact", "optllm"] as const;
/** One of `ALGORITHMS`. */
export type Algorithm = (typeof ALGORITHMS)[number];

/** How a front is computed. */
export interface SolveOptions extends RunningOptions {
  /** Default `exact`. */
  algorithm?: Algorithm;
  /** For `optllm`: at most twice this number of points; a whole number ≥ 1, default 50. */
  gridNumber?: number;
  /** Default `auto`: full up to a million possible increments, else buckets. `optllm` always uses full resolution. */
  resolution?: Resolution | "auto";
}

/**
 * The front of a problem: rising total cost (dollars), rising expected accuracy (mean success probability),
 * falling price λ (probability per dollar; ∞ at the cheapest allocation). Point k takes every increment whose
 * efficiency is at least `lambda[k]`; each is the exact optimum for its own cost.
 */
export interface Front extends Points {
  readonly algorithm: Algorithm;
  readonly resolution: Resolution;
  readonly problem: SolveInput;
  /** Whole units in a dollar, 10ᵏ, if every cost of the points is a decimal of k places: total costs are then exact. Else 0. */
  readonly unitsPerDollar: number;
  readonly queries: number;
  /** Total weight of all queries: their number if they have no weights. */
  readonly weight: number;
}

const AUTO_FULL_STEPS = 1_000_000;
/** The increments of a full front must fit one WebAssembly memory of 4 GiB, 52 bytes each. */
const MAX_FULL_STEPS = 64_000_000;

/**
 * Computes the front of allocations between cheapest and most accurate.
 *
 * Exact up to float32 slopes at `buckets` resolution, float64 at `full`. O(queries × models × hull) time; memory beyond
 * the problem is constant at `buckets`, 52 bytes per increment at `full`. The same bytes on any number of threads.
 * Throws `InputError` for a cost that is negative or NaN, a probability outside 0 … 1, and a query that no model may
 * answer. For `optllm`, see `sweepFront`.
 */
export async function solveFront(problem: SolveInput, options: SolveOptions = {}): Promise<Front> {
  const { algorithm, gridNumber } = pickAlgorithm(options);
  const resolution = pickResolution(options.resolution ?? "auto", problem, algorithm);
  const input = readyFor(options.pool, problem);
  const isList = resolution === "full" && isStreamed(input);
  const pointsIn = (places: number): Promise<Counted | undefined> =>
    algorithm === "optllm"
      ? optllmFront(input, gridNumber, places, options)
      : resolution === "full"
        ? fullFront(input, places, options)
        : bucketFront(input, places, options);
  let places = isList ? IN_DOLLARS : await placesOfFirst(input, options.signal);
  let points = await pointsIn(places);
  if (points === undefined) {
    places = await placesOfInput(input, options.signal);
    points = (await pointsIn(places))!;
  }
  const scale = unitsPerDollar(places);
  return {
    ...points,
    ...inDollars(points, scale),
    unitsPerDollar: scale,
    algorithm,
    resolution,
    problem: input,
  };
}

function pickAlgorithm({ algorithm = "exact", gridNumber = 50 }: SolveOptions) {
  if (!ALGORITHMS.includes(algorithm)) {
    throw new InputError(`algorithm is "${String(algorithm)}"; expected ${ALGORITHMS.join(" or ")}`, {
      field: "algorithm",
    });
  }
  if (!(Number.isSafeInteger(gridNumber) && gridNumber >= 1)) {
    throw new InputError(`gridNumber is ${String(gridNumber)}; expected a whole number ≥ 1`, {
      field: "gridNumber",
    });
  }
  return { algorithm, gridNumber };
}

function pickResolution(asked: Resolution | "auto", problem: SolveInput, algorithm: Algorithm): Resolution {
  if (asked !== "auto" && asked !== "full" && asked !== "buckets") {
    throw new InputError(`resolution is "${String(asked)}"; expected auto, full or buckets`, {
      field: "resolution",
    });
  }
  if (algorithm === "optllm") {
    if (!isStreamed(problem)) checkShape(problem);
    if (asked !== "buckets") return "full";
    throw new InputError('resolution is "buckets"; expected auto or full with algorithm "optllm"', {
      field: "resolution",
    });
  }
  if (isStreamed(problem)) {
    if (asked !== "full") return "buckets";
    throw new InputError("full resolution needs the problem in memory; use buckets", { field: "resolution" });
  }
  const models = problem.models?.length ?? 0;
  const most = checkShape(problem) * (models - 1);
  if (asked === "full" && most > MAX_FULL_STEPS) {
    throw new InputError(`${most} possible increments are too many for full resolution; use "buckets"`, {
      field: "resolution",
    });
  }
  return asked !== "auto" ? asked : most <= AUTO_FULL_STEPS ? "full" : "buckets";
}

/** Points, and the number and weight of the queries that they were computed from. */
type Counted = Points & { queries: number; weight: number };

/** Costs in units of some decimal places; undefined if one of them is no whole number of units. The same for the others. */
async function bucketFront(
  input: SolveInput,
  places: number,
  options: SolveOptions,
): Promise<Counted | undefined> {
  let sums: BucketSums | undefined;
  let queries = 0;
  let weight = 0;
  for await (const { part, results } of passOver<"sumHulls">(input, options, { kind: "sumHulls", places })) {
    sums = mergeSums(sums === undefined ? results : [sums, ...results]);
    if (!sums.isWhole) return undefined;
    queries += part.queries;
    weight = part.weight;
  }
  return { ...scanBuckets(sharedCore(), sums!, weight), queries, weight };
}

async function fullFront(
  input: SolveInput,
  places: number,
  options: SolveOptions,
): Promise<Counted | undefined> {
  const { brackets, queries, weight } = await bracketParts(input, Infinity, 0, options, false, places);
  if (!areWhole(brackets)) return undefined;
  const steps = brackets.flatMap((part) => part.steps);
  const count = steps.reduce((sum, part) => sum + part.query.length, 0);
  return { ...scanSteps(coreFor(count), steps, sumOf(brackets), weight), queries, weight };
}

async function optllmFront(
  input: SolveInput,
  gridNumber: number,
  places: number,
  options: SolveOptions,
): Promise<Counted | undefined> {
  const { brackets, queries, weight } = await bracketParts(input, Infinity, 0, options, false, places);
  if (!areWhole(brackets)) return undefined;
  const steps = concatSteps(brackets.flatMap((part) => part.steps));
  const { signal, onProgress } = options;
  const sweeping = { gridNumber, signal, onProgress };
  const points = await sweepFront(steps, sumOf(brackets), { queries, weight }, sweeping);
  return { ...points, queries, weight };
}

function areWhole(brackets: readonly Bracket[]): boolean {
  return brackets.every(({ isWhole }) => isWhole);
}

/** A bracket whose increments are one list. */
export type Joined = Omit<Bracket, "steps" | "isWhole"> & { steps: Steps };

/**
 * The allocation at one price. `isChecked`: an earlier pass found the values valid; otherwise throws `InputError` for
 * invalid ones.
 */
export async function allocateInput(
  input: SolveInput,
  price: Price,
  options: RunningOptions,
  isChecked = true,
): Promise<Uint8Array> {
  const parts: Uint8Array[] = [];
  const pass = passOver<"allocate">(input, options, { kind: "allocate", price, isChecked });
  for await (const { results } of pass) parts.push(...results);
  return joined(parts);
}

/**
 * The allocation at one price and the increments from there to a lower one, over all queries; otherwise like
 * `allocateInput`.
 */
export async function bracketAll(
  input: SolveInput,
  high: Price,
  low: Price,
  options: RunningOptions,
  isChecked = true,
): Promise<Joined> {
  const { brackets } = await bracketParts(input, high, low, options, isChecked);
  return {
    allocation: joined(brackets.map(({ allocation }) => allocation)),
    ...sumOf(brackets),
    steps: concatSteps(brackets.flatMap(({ steps }) => steps)),
  };
}

function joined(parts: readonly Uint8Array[]): Uint8Array {
  if (parts.length === 1) return parts[0];
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

async function bracketParts(
  input: SolveInput,
  high: Price,
  low: Price,
  options: RunningOptions,
  isChecked: boolean,
  places = IN_DOLLARS,
): Promise<{ brackets: Bracket[]; queries: number; weight: number }> {
  const brackets: Bracket[] = [];
  let queries = 0;
  let weight = 0;
  for await (const { part, results } of passOver<"bracket">(input, options, {
    kind: "bracket",
    high,
    low,
    isChecked,
    places,
  })) {
    if (part.first > 0) {
      for (const { query } of results.flatMap(({ steps }) => steps))
        for (let s = 0; s < query.length; s++) query[s] += part.first;
    }
    brackets.push(...results);
    queries += part.queries;
    weight = part.weight;
  }
  return { brackets, queries, weight };
}

function sumOf(brackets: readonly Bracket[]): { cost: number; gain: number } {
  return {
    cost: brackets.reduce((sum, { cost }) => sum + cost, 0),
    gain: brackets.reduce((sum, { gain }) => sum + gain, 0),
  };
}
