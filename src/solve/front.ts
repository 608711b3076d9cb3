import { concatSteps, Core, type BucketSums, type Points } from "../core/core.js";
import { InputError } from "../errors.js";
import { inline, sharedCore, shards, type Pool } from "../pool/index.js";
import type { OnProgress, Problem } from "../types.js";
import { checkShape, matricesOf, shareProblem } from "./problem.js";

/** `full`: every supported point; `buckets`: one a non-empty efficiency bucket. */
export type Resolution = "full" | "buckets";

export interface SolveOptions {
  /** Default `auto`: full up to a million possible increments, else buckets. */
  resolution?: Resolution | "auto";
  /** Threads to work on; default: the calling thread alone. */
  pool?: Pool;
  /** Stops the work; its reason is thrown. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * The front of a problem: rising total cost (dollars), rising expected accuracy (mean success probability),
 * falling price λ (probability per dollar; ∞ at the cheapest allocation). Point k takes every increment whose
 * efficiency is at least `lambda[k]`; each is the exact optimum for its own cost.
 */
export interface Front extends Points {
  readonly resolution: Resolution;
  readonly problem: Problem;
  readonly queries: number;
}

const AUTO_FULL_STEPS = 1_000_000;
/** The increments of a full front must fit one WebAssembly memory of 4 GiB, 60 bytes each. */
const MAX_FULL_STEPS = 64_000_000;

/**
 * Computes the front of allocations between cheapest and most accurate.
 *
 * Exact up to float32 slopes at `buckets` resolution, float64 at `full`. O(queries × models × hull) time;
 * memory beyond the problem is constant at `buckets`, 60 bytes an increment at `full`. The same bytes on any
 * number of threads. Throws `InputError` for a cost that is negative or NaN, a probability outside 0 … 1, and
 * a query that no model may answer.
 */
export async function solveFront(problem: Problem, options: SolveOptions = {}): Promise<Front> {
  const queries = checkShape(problem);
  const resolution = pickResolution(options.resolution ?? "auto", queries, problem.models.length);
  const input = options.pool === undefined ? problem : shareProblem(problem);
  const points = await naming(problem, () =>
    resolution === "full" ? fullFront(input, queries, options) : bucketFront(input, queries, options),
  );
  return { ...points, resolution, problem: input, queries };
}

function pickResolution(asked: Resolution | "auto", queries: number, models: number): Resolution {
  if (asked !== "auto" && asked !== "full" && asked !== "buckets") {
    throw new InputError(`resolution is "${String(asked)}"; expected auto, full or buckets`, {
      field: "resolution",
    });
  }
  const most = queries * (models - 1);
  if (asked === "full" && most > MAX_FULL_STEPS) {
    throw new InputError(`${most} possible increments are too many for full resolution; use "buckets"`, {
      field: "resolution",
    });
  }
  return asked !== "auto" ? asked : most <= AUTO_FULL_STEPS ? "full" : "buckets";
}

async function bucketFront(problem: Problem, queries: number, options: SolveOptions): Promise<Points> {
  const matrices = matricesOf(problem);
  const jobs = shards(queries, matrices.models).map((shard) => ({
    kind: "sumHulls" as const,
    problem: matrices,
    ...shard,
  }));
  const sums = await (options.pool ?? inline).run<"sumHulls">(jobs, running(options));
  return sharedCore().scanBuckets(mergeSums(sums), queries);
}

async function fullFront(problem: Problem, queries: number, options: SolveOptions): Promise<Points> {
  const { allocation, steps } = await listAllSteps(problem, queries, Infinity, 0, options);
  const start = {
    cost: sharedCore().sumAllocated(problem.cost, problem.models.length, allocation),
    gain: sharedCore().sumAllocated(problem.successProbability, problem.models.length, allocation),
  };
  // A core of its own, since its memory grows with the increments and never shrinks.
  const core = steps.query.length > AUTO_FULL_STEPS ? new Core() : sharedCore();
  return core.scanSteps(steps, start, queries);
}

/** The allocation at one price and the increments from there to a lower one, over all queries. */
export async function listAllSteps(
  problem: Problem,
  queries: number,
  high: number,
  low: number,
  options: Pick<SolveOptions, "pool" | "signal" | "onProgress">,
) {
  const matrices = matricesOf(problem);
  const jobs = shards(queries, matrices.models).map((shard) => ({
    kind: "listSteps" as const,
    problem: matrices,
    ...shard,
    high,
    low,
  }));
  const parts = await (options.pool ?? inline).run<"listSteps">(jobs, running(options));
  const allocation = new Uint8Array(queries);
  parts.forEach((part, k) => allocation.set(part.allocation, jobs[k].from));
  return { allocation, steps: concatSteps(parts.map((part) => part.steps)) };
}

export function running({ signal, onProgress }: Pick<SolveOptions, "signal" | "onProgress">) {
  return {
    signal,
    onDone: (done: number, total: number) => onProgress?.({ phase: "solving", done, total }),
  };
}

/** Adds up the shards' sums in shard order. */
function mergeSums(parts: readonly BucketSums[]): BucketSums {
  const [first, ...rest] = parts;
  for (const part of rest) {
    for (let b = 0; b < first.cost.length; b++) {
      first.cost[b] += part.cost[b];
      first.gain[b] += part.gain[b];
    }
    first.startCost += part.startCost;
    first.startGain += part.startGain;
    first.steps += part.steps;
  }
  return first;
}

/** Puts the query's id and the model's name into an error that knows their indices only. */
export async function naming<T>(problem: Problem, run: () => Promise<T>): Promise<T> {
  try {
    return await run();
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    const { query, model } = error.details;
    let message = error.message;
    if (typeof model === "number")
      message = message.replace(`model ${model} `, `model "${problem.models[model]}" `);
    if (typeof query === "number" && problem.ids !== undefined) {
      message = message.replace(`query ${query}`, `query "${problem.ids[query]}"`);
    }
    throw new InputError(message, error.details);
  }
}
