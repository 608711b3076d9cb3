import { Option, type Command } from "commander";
import { DEADLINE_COLUMN } from "../plan/batchArms.js";
import { allocationOf, planAllocation, type Plan } from "../plan/plan.js";
import type { Source } from "../plan/source.js";
import type { Pool } from "../pool/pool.js";
import { priceCall } from "../prices/call.js";
import { readPrices, type PriceTable } from "../prices/table.js";
import { solveReport } from "../report/solveReport.js";
import { groupTable } from "../report/terminal/groups.js";
import { summaryOf, whatIfOf } from "../report/solveSummary.js";
import { describe, infeasible, pictureOf } from "../report/terminal/solveTables.js";
import type { DatasetOptions } from "../rows/dataset.js";
import type { Target } from "../solve/target.js";
import type { Dataset } from "../types.js";
import { allocationRows } from "../write/allocation.js";
import { checkOutput, outputFormat, writeOut } from "../write/file.js";
import { frontRows } from "../write/front.js";
import { frontTable } from "../write/frontTable.js";
import type { TableFormat } from "../write/table.js";
import { checkExport, exportAllocation, type Exported } from "../write/targets/exportAllocation.js";
import { describeExport, renamed } from "./export.js";
import type { Io } from "./io.js";
import { withAlgorithm, type AlgorithmOptions } from "./options/algorithm.js";
import { changesOf, withChanges, type ChangeOptions } from "./options/changes.js";
import { groupOption, pricesOption, ROW_FILES } from "./options/common.js";
import { fittingOf, note, readingOf, withFitting, type FittingOptions } from "./options/fitting.js";
import { checkSource, sourceOf, withSource, type SourceOptions } from "./options/source.js";
import { targetOf, withTarget, type TargetOptions } from "./options/target.js";
import { readRows, withVectors, type VectorOptions } from "./options/vectors.js";
import { modelPart } from "./parse.js";
import { budgetCommand, originOf, withReport, writeReport, type ReportOptions } from "./report.js";
import { running } from "./running.js";

const FORMATS: (TableFormat | "parquet")[] = ["jsonl", "csv", "json", "parquet"];
const FRONT_FORMATS: TableFormat[] = ["jsonl", "csv", "json"];
const FRONT_POINTS = 1000;

interface Options
  extends FittingOptions, SourceOptions, AlgorithmOptions, TargetOptions, ChangeOptions, ReportOptions {
  output?: string;
  front?: string;
  predictCost?: boolean;
  batch?: Map<string, number | undefined>;
  deadlineColumn?: string;
  group?: string;
  prices?: string;
  export?: "openai-batch" | "anthropic-batch";
  as?: Map<string, string>;
}

/** Inputs of a plan. */
interface Inputs {
  work: Dataset;
  source: Source;
  target: Target;
  priceTable: PriceTable;
}

export function addSolve(
  program: Command,
  io: Io,
  argv: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const command = withOutputs(
    program
      .command("solve")
      .description("allocate a workload: which model answers which query")
      .argument("<work>", `rows to allocate: id, query, optional <model>__cost … (${ROW_FILES})`),
  );
  withVectors(
    withAlgorithm(withFitting(withChanges(withTarget(command)), "rows of the work")),
    "the work",
    true,
  )
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl",
    )
    .action(async (work: string, options: Options) => {
      const target = targetOf(command, options);
      checkOptions(command, work, options);
      const { plan, exported } = await run(work, target, options, io, argv);
      if (plan.choice.status === "infeasible") setExitCode(3);
      show(plan, exported, target, options, io);
    });
}

/** Options of this command alone. */
function withOutputs(command: Command): Command {
  withSource(command)
    .option(
      "-o, --output <file>",
      "the allocation: .jsonl, .csv or .json, also .gz, or .parquet (default: stdout)",
    )
    .option("--front <file>", "also write the front, as `optllm front` does")
    .option(
      "--predict-cost",
      "predict every missing cost from the sample (default: only those of models without any cost)",
    )
    .option(
      "--batch <model[=part]>",
      "also offer MODEL through its batch API, at this fraction of its cost (default: from the price table); may be repeated",
      modelPart,
    )
    .option(
      "--deadline-column <name>",
      "with --batch: column of the hours that each query can wait; a batch takes 24 (default: deadline_hours, if present)",
    )
    .addOption(groupOption())
    .addOption(pricesOption())
    .addOption(
      new Option(
        "--export <target>",
        "write batch files instead of the allocation, to the new folder that -o names",
      ).choices(["openai-batch", "anthropic-batch"]),
    )
    .option(
      "--as <model=name>",
      "with --export: the name of a model in the requests (may be repeated)",
      renamed,
    );
  return withReport(command);
}

function checkOptions(command: Command, work: string, options: Options): void {
  checkSource(command, options);
  if (options.deadlineColumn !== undefined && options.batch === undefined) {
    command.error("error: --deadline-column needs --batch");
  }
  if (options.export !== undefined && (work === "-" || options.where.length > 0)) {
    command.error("error: --export reads the whole work again: give a file, and no --where");
  }
}

async function run(
  work: string,
  target: Target,
  options: Options,
  io: Io,
  argv: readonly string[],
): Promise<{ plan: Plan; exported?: Exported }> {
  await checkOutputs(options);
  const priceTable = await readPrices(options.prices, io);
  return running(io, options, async (progress, pool) => {
    const reading = { ...readingOf(options, io, progress), price: priceCall(priceTable) };
    const inputs: Inputs = {
      work: await readWork(work, options, reading),
      source: await sourceOf(options, reading),
      target,
      priceTable,
    };
    const plan = await planFor(inputs, options, reading, pool);
    plan.notes.forEach((text) => note(progress, text));
    if (options.front !== undefined) await writeFront(plan, options.front, reading);
    if (options.report !== undefined) {
      const paths = [work, options.labels ?? options.predictorFile!, ...inputsOf(options)];
      const origin = { ...(await originOf(argv, paths, io)), budgetCommand: budgetCommand(argv) };
      const data = await solveReport(plan, { ...inputs, seed: options.seed, origin }, { ...reading, pool });
      await writeReport(options.report, data, io);
    }
    if (plan.choice.status === "infeasible") return { plan };
    if (options.export !== undefined)
      return { plan, exported: await exportPlan(plan, work, options, reading) };
    progress.clear();
    await writeAllocation(plan, options, io);
    return { plan };
  });
}

/** Further files that the plan depends on. */
function inputsOf({ prices, vectors, labelVectors }: Options & VectorOptions): string[] {
  return [prices, vectors, labelVectors].filter((path) => path !== undefined);
}

/** Refuses outputs that cannot be written, before long work. */
async function checkOutputs({ output, export: batchFiles, front, report }: Options): Promise<void> {
  if (batchFiles === undefined) {
    outputFormat(output, FORMATS);
    await checkOutput(output);
  } else await checkExport(batchFiles, output);
  if (front !== undefined) outputFormat(front, FRONT_FORMATS);
  await checkOutput(front);
  await checkOutput(report);
}

function readWork(path: string, options: Options, reading: DatasetOptions): Promise<Dataset> {
  const { where, group, batch, deadlineColumn } = options;
  const columns = [
    ...(batch === undefined ? [] : [deadlineColumn ?? DEADLINE_COLUMN]),
    ...(group === undefined ? [] : [group]),
  ];
  return readRows(path, { ...reading, where, blankCosts: true, columns }, options, options.vectors);
}

function planFor(
  { work, source, target, priceTable }: Inputs,
  options: Options,
  reading: DatasetOptions,
  pool: Pool,
): Promise<Plan> {
  const { predictCost, algorithm, gridNumber, group, batch, deadlineColumn } = options;
  return planAllocation(work, source, target, {
    ...reading,
    ...fittingOf(options),
    ...{ predictCost, pool, algorithm, gridNumber, group, priceTable },
    changes: changesOf(options),
    batch: batch && { models: batch, deadlineColumn },
  });
}

async function writeFront({ front }: Plan, path: string, { signal }: DatasetOptions): Promise<void> {
  const rows = await frontTable(front, FRONT_POINTS, signal);
  await writeOut(path, frontRows(rows, outputFormat(path, FRONT_FORMATS)), { signal });
}

function exportPlan(plan: Plan, work: string, options: Options, reading: DatasetOptions): Promise<Exported> {
  const { signal, onProgress } = reading;
  const exporting = { sentAs: options.as, signal, onProgress };
  return exportAllocation(options.export!, allocationOf(plan), work, options.output, exporting);
}

async function writeAllocation(plan: Plan, { output, json }: Options, { signal }: Io): Promise<void> {
  // Standard output has the result for programs.
  if (json && output === undefined) return;
  const rows = { ...plan.problem, ...allocationOf(plan), cost: plan.problem.cost };
  await writeOut(output, allocationRows(rows, outputFormat(output, FORMATS)), { signal });
}

function show(plan: Plan, exported: Exported | undefined, target: Target, options: Options, io: Io): void {
  const { output } = options;
  if (options.json) {
    const result = {
      ...summaryOf(plan, target),
      ...whatIfOf(plan, changesOf(options)),
      ...(exported && { exported: exported.manifest }),
    };
    io.out(`${JSON.stringify(result)}\n`);
    return;
  }
  if (plan.choice.status === "infeasible") {
    io.err(`${infeasible(plan, target)}\n`);
    return;
  }
  const described = describe(plan, target) + groupTable(plan.groups, options.group, "expected");
  if (output === undefined) {
    if (!options.quiet) io.err(described);
    return;
  }
  if (io.isOutTerminal) io.out(pictureOf(plan));
  const written = exported ? describeExport(exported, output) : `allocation written to ${output}\n`;
  const reported = options.report === undefined ? "" : `report written to ${options.report}\n`;
  io.out(`${described}\n${written}${reported}`);
}
