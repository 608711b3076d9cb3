import type { Command } from "commander";
import { MAX_MODELS } from "../../../assembly/layout.js";
import { allocateAt } from "../../solve/allocate.js";
import { choose } from "../../solve/choose.js";
import { type Front, solveFront, type SolveOptions } from "../../solve/front.js";
import { InputError } from "../../errors.js";
import { wasmMemoryBytes } from "../../pool/cores.js";
import { Pool } from "../../pool/pool.js";
import { simulateProblem } from "../../simulate/simulate.js";
import type { Io } from "../io.js";
import { seedOption, withCommon, type CommonOptions } from "../options/common.js";
import { wholeNumber } from "../parse.js";
import type { Progress } from "../progress.js";
import { showing } from "../running.js";
import { count } from "../../text/amounts.js";
import { table } from "../../report/terminal/table.js";

interface Options extends CommonOptions {
  queries: number;
  models: number;
  threads: number;
  repeat: number;
  seed: number;
}

/** Medians in milliseconds on this machine. */
interface Timings {
  queries: number;
  models: number;
  threads: number;
  /** `solveFront` at `buckets` resolution. */
  frontMs: number;
  /** `solveFront` at `full` resolution; null where the workload is too large for it. */
  fullFrontMs: number | null;
  /** `choose` at a budget a third of the way from the cheapest to the most accurate allocation. */
  chooseMs: number;
  /** `allocateAt` the λ of that choice. */
  allocateMs: number;
  /** Points of the front at `buckets` resolution. */
  points: number;
  /** Memory of the calling thread's core after fronts at `buckets` resolution, choices and allocations. */
  wasmMemoryBytes: number;
}

export function addBench(program: Command, io: Io): void {
  const command = program
    .command("bench")
    .description("time the core on this machine: front, choice and allocation of a simulated workload")
    .option("--queries <n>", "number of queries", wholeNumber(1, 1e9), 1_000_000)
    .option("--models <n>", "number of models", wholeNumber(1, MAX_MODELS), 12)
    .option("--threads <n>", "number of threads; 1 uses the calling thread alone", wholeNumber(1, 256), 1)
    .option("--repeat <n>", "number of timed runs, at least 5, after one to warm up", wholeNumber(5, 1000), 5)
    .addOption(seedOption());
  withCommon(command)
    .addHelpText(
      "after",
      "\nTimes are medians in milliseconds; making the workload and the threads is not timed." +
        "\n\nExample:\n  $ optllm bench --queries 20000 --models 12 --threads 1",
    )
    .action((options: Options) => run(options, io));
}

async function run(options: Options, io: Io): Promise<void> {
  const timings = await showing(io, options, (progress) => measure(options, io.signal, progress));
  io.out(options.json ? `${JSON.stringify(timings)}\n` : describe(timings, options.repeat));
}

async function measure(
  { queries, models, threads, repeat, seed }: Options,
  signal: AbortSignal,
  progress: Progress,
): Promise<Timings> {
  const problem = simulateProblem({ queries, models, seed });
  const pool = threads === 1 ? undefined : new Pool({ threads });
  const options: SolveOptions = { pool, signal };
  const timed = timer(repeat, progress);
  try {
    const front = await timed("front", () => solveFront(problem, { ...options, resolution: "buckets" }));
    const budget = thirdOfTheWay(front.result);
    const choice = await timed("choice", () => choose(front.result, { budget }, options));
    // Rounding may leave a single model's own cost above its budget: then the cheapest allocation is timed.
    const lambda = choice.result.status === "chosen" ? choice.result.lambda : Infinity;
    const allocation = await timed("allocation", () => allocateAt(problem, lambda, options));
    const memory = wasmMemoryBytes();
    const full = await unlessTooLarge(() =>
      timed("full front", () => solveFront(problem, { ...options, resolution: "full" })),
    );
    return {
      queries,
      models,
      threads,
      frontMs: front.ms,
      fullFrontMs: full?.ms ?? null,
      chooseMs: choice.ms,
      allocateMs: allocation.ms,
      points: front.result.totalCost.length,
      wasmMemoryBytes: memory,
    };
  } finally {
    await pool?.close();
  }
}

/** Runs a part once to warm up, then `repeat` times; gives the median and the last result. */
function timer(repeat: number, progress: Progress) {
  return async <T>(phase: string, part: () => Promise<T>): Promise<{ ms: number; result: T }> => {
    let result = await part();
    const samples: number[] = [];
    while (samples.length < repeat) {
      progress.update({ phase, done: samples.length, total: repeat });
      const start = performance.now();
      result = await part();
      samples.push(performance.now() - start);
    }
    return { ms: median(samples), result };
  };
}

function thirdOfTheWay({ totalCost }: Front): number {
  const [low, high] = [totalCost[0], totalCost[totalCost.length - 1]];
  return low + (high - low) / 3;
}

/** Undefined where `solveFront` refuses the resolution. */
async function unlessTooLarge<T>(run: () => Promise<T>): Promise<T | undefined> {
  try {
    return await run();
  } catch (error) {
    if (error instanceof InputError && error.details.field === "resolution") return undefined;
    throw error;
  }
}

function median(samples: readonly number[]): number {
  const sorted = samples.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[middle] : (sorted[middle - 1] + sorted[middle]) / 2;
}

function describe(timings: Timings, repeat: number): string {
  const { queries, models, threads, points } = timings;
  const row = (name: string, ms: number | null) => [
    name,
    ms === null ? "too large" : ms.toFixed(2),
    ms === null ? "-" : ((1e6 * ms) / queries).toFixed(1),
  ];
  return (
    `\n${count(queries)} queries, ${models} models, ${threads} thread${threads === 1 ? "" : "s"}, ` +
    `medians of ${repeat} runs\n\n` +
    table([
      ["", "ms", "ns a query"],
      row(`front at buckets resolution, ${count(points)} point${points === 1 ? "" : "s"}`, timings.frontMs),
      row("front at full resolution", timings.fullFrontMs),
      row("choice by budget, a third of the way", timings.chooseMs),
      row("allocation at one λ", timings.allocateMs),
    ]) +
    `\nWebAssembly memory of the calling thread: ${(timings.wasmMemoryBytes / 2 ** 20).toFixed(1)} MiB, ` +
    `the full front's not counted\n`
  );
}
