import type { Command } from "commander";
import {
  allocationRows,
  type Chosen,
  checkOutput,
  idealNadir,
  normalisedHypervolume,
  outputFormat,
  planAllocation,
  readDataset,
  type Plan,
  type TableFormat,
  type Target,
  writeOut,
} from "../index.js";
import {
  readingOf,
  showing,
  targetOf,
  withAlgorithm,
  withLearning,
  withTarget,
  type AlgorithmOptions,
  type LearningOptions,
  type TargetOptions,
} from "./common.js";
import { writeFront } from "./front.js";
import type { Io } from "./io.js";
import { brief, dollars, percent, plain, table } from "./text.js";

const FORMATS: (TableFormat | "parquet")[] = ["jsonl", "csv", "json", "parquet"];

interface Options extends LearningOptions, AlgorithmOptions, TargetOptions {
  labels: string;
  output?: string;
  front?: string;
}

export function addSolve(program: Command, io: Io, setExitCode: (code: number) => void): void {
  const command = program
    .command("solve")
    .description("allocate a workload: which model answers which query")
    .argument("<work>", "rows to allocate, JSONL or CSV, plain or gzip: id, query, <model>__cost …")
    .requiredOption("--labels <sample>", "labelled rows to learn from: query, <model>__score …")
    .option(
      "-o, --output <file>",
      "the allocation: .jsonl, .csv or .json, also .gz, or .parquet (default: stdout)",
    )
    .option("--front <file>", "the front as well, as `optllm front` writes it");
  withAlgorithm(withLearning(withTarget(command)))
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl",
    )
    .action(async (work: string, options: Options) => {
      const target = targetOf(command, options);
      const plan = await showing(io, options, async (progress) => {
        const format = outputFormat(options.output, FORMATS);
        await checkOutput(options.output);
        await checkOutput(options.front);
        const { algorithm, gridNumber, where } = options;
        const reading = readingOf(options, io, progress);
        const plan = await planAllocation(
          await readDataset(work, { ...reading, where }),
          await readDataset(options.labels, reading),
          target,
          { ...reading, predictor: options.predictor, seed: options.seed, algorithm, gridNumber },
        );
        plan.notes.forEach((note) => progress.note(`note: ${plain(note)}`));
        if (options.front !== undefined) await writeFront(plan.front, options.front, 1000, reading);
        if (plan.choice.status === "chosen" && !(options.json && options.output === undefined)) {
          progress.clear();
          const table = { ...plan.problem, ids: plan.problem.ids!, allocation: plan.choice.allocation };
          await writeOut(options.output, allocationRows(table, format), { signal: io.signal });
        }
        return plan;
      });
      if (plan.choice.status === "infeasible") setExitCode(3);
      if (options.json) io.out(`${JSON.stringify(summaryOf(plan, target))}\n`);
      else if (plan.choice.status === "infeasible") io.err(`${infeasible(plan, target)}\n`);
      else if (options.output === undefined) {
        if (!options.quiet) io.err(describe(plan, target));
      } else io.out(describe(plan, target) + `\nallocation written to ${options.output}\n`);
    });
}

/** The chosen plan for programs: everything but the allocation itself. */
function summaryOf({ choice, bestSingle, problem, front, notes, predictor }: Plan, target: Target) {
  const common = {
    target,
    queries: front.queries,
    models: problem.models,
    predictor: predictor.kind,
    notes,
    settings: predictor.settings,
    bestSingle: bestSingle ?? null,
    cheapest: endOf(front, 0),
    mostAccurate: endOf(front, front.totalCost.length - 1),
    front: {
      points: front.totalCost.length,
      algorithm: front.algorithm,
      resolution: front.resolution,
      hypervolume: hypervolumeOf(front),
    },
  };
  if (choice.status === "infeasible") return { status: choice.status, closest: choice.closest, ...common };
  const { status, totalCost, expectedAccuracy, bound, gap, costBound, costGap, optimal, lambda, shares } =
    choice;
  return {
    status,
    totalCost,
    expectedAccuracy,
    bound,
    gap,
    costBound,
    costGap,
    optimal,
    lambda: Number.isFinite(lambda) ? lambda : null,
    shares,
    ...common,
  };
}

function endOf(front: Plan["front"], k: number) {
  return { totalCost: front.totalCost[k], expectedAccuracy: front.expectedAccuracy[k] };
}

/** Normalised by the front's own ends, which every algorithm finds. */
function hypervolumeOf({ totalCost, expectedAccuracy }: Plan["front"]): number {
  const points = { cost: totalCost, accuracy: expectedAccuracy };
  return normalisedHypervolume(points, idealNadir(points));
}

function infeasible({ choice }: Plan, target: Target): string {
  if (choice.status !== "infeasible") return "";
  const { totalCost, expectedAccuracy } = choice.closest;
  return "budget" in target
    ? `infeasible: the cheapest allocation costs ${dollars(totalCost)}, above the budget of ${dollars(target.budget)}`
    : `infeasible: the most accurate allocation reaches ${percent(expectedAccuracy)} for ${dollars(totalCost)}`;
}

function describe({ choice, singles, bestSingle, front, problem }: Plan, target: Target): string {
  if (choice.status === "infeasible") return "";
  const last = front.totalCost.length - 1;
  const point = (name: string, at: { totalCost: number; expectedAccuracy: number }) => [
    name,
    dollars(at.totalCost),
    percent(at.expectedAccuracy),
  ];
  const rows = [
    ["", "cost", "expected accuracy"],
    point(`chosen, ${nameOf(target)}`, choice),
    point("cheapest allocation", endOf(front, 0)),
    point("most accurate allocation", endOf(front, last)),
    ...(bestSingle === undefined ? [] : [point(`best single model, ${plain(bestSingle.model)}`, bestSingle)]),
  ];
  const shares = problem.models.map((model, m) => {
    const alone = singles[m];
    const columns =
      alone === undefined ? ["-", "-"] : [dollars(alone.totalCost), percent(alone.expectedAccuracy)];
    return [plain(model), percent(choice.shares[model]), ...columns];
  });
  const queries = front.queries.toLocaleString("en");
  return (
    `\n${queries} queries, ${problem.models.length} models\n` +
    `front: ${front.algorithm}, ${front.totalCost.length.toLocaleString("en")} points, ` +
    `normalised hypervolume ${hypervolumeOf(front).toFixed(6)}\n\n` +
    table(rows) +
    `\n${certificateOf(choice, target)}\n` +
    // At the cheapest allocation nothing has been bought yet, so there is no price to tell.
    (choice.lambda < Infinity
      ? `One more expected right answer costs ${dollars(1 / choice.lambda)} here.\n\n`
      : "\n") +
    table([["model", "share", "all queries: cost", "expected accuracy"], ...shares])
  );
}

/** How far the choice can be from the best, in words. */
function certificateOf({ optimal, bound, gap, costBound, costGap }: Chosen, target: Target): string {
  if ("budget" in target) {
    return optimal
      ? "Proven optimal: no allocation within the budget has a higher expected accuracy."
      : `No allocation within the budget has an expected accuracy above ${percent(bound)} (gap ${brief(gap)}).`;
  }
  return optimal
    ? "Proven optimal: no allocation as accurate costs less."
    : `No allocation as accurate costs less than ${dollars(costBound)} (gap ${dollars(costGap)}).`;
}

function nameOf(target: Target): string {
  if ("budget" in target) return `budget ${dollars(target.budget)}`;
  if ("accuracy" in target) return `accuracy ${percent(target.accuracy)}`;
  return "knee" in target ? "knee" : "matching the best single model";
}
