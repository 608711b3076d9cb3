import { Option, type Command } from "commander";
import { batchChoiceOf, DEADLINE_COLUMN, type BatchChoice } from "../../plan/batchArms.js";
import { allocationOf, planAllocation, type Plan } from "../../plan/plan.js";
import type { Limits } from "../../plan/limits/read.js";
import { columnsOf } from "../../plan/limits/resolve.js";
import type { Source } from "../../plan/source.js";
import { changesOf, keptModels, type Changes } from "../../plan/whatIf.js";
import type { Pool } from "../../pool/pool.js";
import type { PriceTable } from "../../prices/table.js";
import { MOST_SWEPT, solveReport } from "../../report/solveReport.js";
import { groupTable } from "../../report/terminal/groups.js";
import { summaryOf, whatIfOf } from "../../report/solveSummary.js";
import { describe, failed, pictureOf } from "../../report/terminal/solveTables.js";
import type { DatasetOptions } from "../../rows/reading.js";
import type { Target } from "../../solve/target.js";
import { oneLine } from "../../text/shown.js";
import type { Dataset } from "../../types.js";
import { allocationRows, type AllocationTable } from "../../write/allocation.js";
import { BATCH_TARGETS, servedModels, type BatchTarget } from "../../write/batches/exportBatches.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import { frontRows } from "../../write/front.js";
import { frontTable, tableUnder } from "../../write/frontTable.js";
import type { TableFormat } from "../../write/table.js";
import { checkExport, exportAllocation, type Exported } from "../../write/targets/exportAllocation.js";
import { batchFilesOf, describeExport, withBatchFiles, type BatchFileOptions } from "./export.js";
import { printJson, type Io } from "../io.js";
import { withAlgorithm, type AlgorithmOptions } from "../options/algorithm.js";
import { withChanges, type ChangeOptions } from "../options/changes.js";
import { limitFiles, limitsOf, withConstraints, type ConstraintOptions } from "../options/constraints.js";
import { checkBatches, withBatches, type BatchOptions } from "../options/batch.js";
import { groupOption, ROW_FILES } from "../options/common.js";
import { fittingOf, note, readingOf, withFitting, type FittingOptions } from "../options/fitting.js";
import { settleNames } from "../../rows/modelNames.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";
import {
  checkSource,
  inputsOf,
  modelsOf,
  settleColumns,
  sourceOf,
  withSource,
  type SourceOptions,
} from "../options/source.js";
import { targetOf, withTarget, type TargetOptions } from "../options/target.js";
import { readRows, withVectors } from "../options/vectors.js";
import { checkPolicyOut, withPolicyOut, type PolicyOptions } from "../options/policyOut.js";
import { writePolicy } from "../../online/writePolicy.js";
import { budgetCommand, originOf, withReport, writeReport, type ReportOptions } from "../report.js";
import { running } from "../running.js";

const FORMATS: (TableFormat | "parquet")[] = ["jsonl", "csv", "json", "parquet"];
const FRONT_FORMATS: TableFormat[] = ["jsonl", "csv", "json"];
const FRONT_POINTS = 1000;
const EXIT_INFEASIBLE = 3;
/** No plan under the limits was found, and no proof that there is none. */
const EXIT_NOT_FOUND = 4;

interface Options
  extends
    FittingOptions,
    SourceOptions,
    AlgorithmOptions,
    TargetOptions,
    ChangeOptions,
    PriceOptions,
    ReportOptions,
    ConstraintOptions,
    BatchOptions,
    BatchFileOptions,
    Pick<PolicyOptions, "policyOut"> {
  output?: string;
  front?: string;
  predictCost?: boolean;
  group?: string;
  export?: BatchTarget;
  livePrices?: boolean;
}

/** Inputs of a plan. */
interface Inputs {
  work: Dataset;
  source: Source;
  target: Target;
  priceTable: PriceTable;
  limits?: Limits;
}

/** A plan, the changes it was made with, and the batch files that were written. */
interface Planned {
  plan: Plan;
  changes?: Changes;
  exported?: Exported;
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
    withAlgorithm(
      withFitting(withChanges(withPrices(withConstraints(withTarget(command)))), "rows of the work"),
    ),
    "the work",
    true,
  )
    .addHelpText(
      "after",
      "\nLimits (--limit, --share, --spend, --group-budget, --group-floor, --latency) go with every target; the plan keeps" +
        "\nall of them, or says which conflict. docs/guide/constraints.md has examples and the grammar." +
        "\n\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl",
    )
    .action(async (work: string, options: Options) => {
      const target = targetOf(command, options);
      checkOptions(command, work, options);
      const planned = await run(work, target, options, io, argv);
      const { status } = planned.plan.choice;
      if (status !== "chosen") setExitCode(status === "infeasible" ? EXIT_INFEASIBLE : EXIT_NOT_FOUND);
      show(planned, target, options, io);
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
    );
  withBatches(command)
    .addOption(groupOption())
    .addOption(
      new Option(
        "--export <target>",
        "write batch files instead of the allocation, to the new folder that -o names; batch: for the API of each model's vendor",
      ).choices([...BATCH_TARGETS]),
    )
    .option("--live-prices", "with --export: plan at live prices (default: at batch prices)");
  withBatchFiles(command, "with --export: ");
  return withReport(withPolicyOut(command));
}

function checkOptions(command: Command, work: string, options: Options): void {
  checkSource(command, options);
  checkPolicyOut(command, options);
  checkBatches(command, options);
  if (options.export !== undefined && (work === "-" || options.where.length > 0)) {
    command.error("error: --export reads the whole work again: give a file, and no --where");
  }
  if (options.livePrices && (options.export === undefined || options.batch !== undefined)) {
    command.error("error: --live-prices needs --export, without --batch");
  }
}

async function run(
  work: string,
  target: Target,
  options: Options,
  io: Io,
  argv: readonly string[],
): Promise<Planned> {
  await checkPaths(work, options);
  const limits = await limitsOf(options);
  await settleColumns(options);
  await settleNames(options, [work, options.labels], io, () => modelsOf(options));
  const { table: priceTable, price, given } = await knownPrices(options, io);
  return running(io, options, async (progress, pool) => {
    const reading = { ...readingOf(options, io, progress), price, given };
    const inputs: Inputs = {
      work: await readWork(work, options, { ...reading, recorded: "keep" }, limits),
      source: servedSource(await sourceOf(options, { ...reading, recorded: "try" }), options),
      target,
      priceTable,
      limits,
    };
    const changes = changesOf(options, given);
    const plan = await planFor(inputs, changes, options, reading, pool);
    plan.notes.forEach((text) => note(progress, text));
    if (options.front !== undefined) await writeFront(plan, options.front, reading);
    if (options.report !== undefined) {
      const paths = [work, ...inputsOf(options), ...limitFiles(options)].filter((path) => path !== undefined);
      const origin = { ...(await originOf(argv, paths, io)), budgetCommand: budgetCommand(argv) };
      const data = await solveReport(plan, { ...inputs, seed: options.seed, origin }, { ...reading, pool });
      await writeReport(options.report, data, io);
    }
    if (plan.choice.status !== "chosen") return { plan, changes };
    if (options.policyOut !== undefined) {
      const { problem, choice, constraints } = plan;
      const made = { models: problem.models, constraints, target, prices: priceTable };
      // Standard input is refused where predictors are read.
      const predictorFile = options.predictorFile!;
      await writePolicy(options.policyOut, { ...made, choice, predictorFile }, io.signal);
    }
    if (options.export !== undefined)
      return { plan, changes, exported: await exportPlan(plan, work, options, reading) };
    progress.clear();
    await writeAllocation(plan, options, io);
    return { plan, changes };
  });
}

/** Refuses outputs that cannot be written, before long work. */
async function checkPaths(work: string, options: Options): Promise<void> {
  const { output, export: target, front, report, policyOut } = options;
  if (target === undefined) outputFormat(output, FORMATS);
  else await checkExport(target, output);
  if (front !== undefined) outputFormat(front, FRONT_FORMATS);
  const files = [...(target === undefined ? [output] : []), front, report, policyOut];
  await checkOutputs(
    files,
    [work, ...inputsOf(options), ...limitFiles(options)],
    target === undefined ? [] : [output],
  );
}

function readWork(
  path: string,
  options: Options,
  reading: DatasetOptions,
  limits: Limits | undefined,
): Promise<Dataset> {
  const { where, group, deadlineColumn } = options;
  const columns = [
    ...(batchOf(options) === undefined ? [] : [deadlineColumn ?? DEADLINE_COLUMN]),
    ...(group === undefined ? [] : [group]),
    ...(limits === undefined ? [] : columnsOf(limits)),
  ];
  return readRows(path, { ...reading, where, blankCosts: true, columns }, options, options.vectors);
}

/** The source, if the target of --export serves each of its models that may be planned. */
function servedSource(source: Source, { export: target, as, models, without, only }: Options): Source {
  if (target === undefined) return source;
  servedModels(target, keptModels(source.models, { models, without, only }), as);
  return source;
}

function batchOf({ batch, deadlineColumn, ...options }: Options): BatchChoice | undefined {
  return batchChoiceOf(batch && { ...batch, deadlineColumn }, options);
}

function planFor(
  { work, source, target, priceTable, limits }: Inputs,
  changes: Changes | undefined,
  options: Options,
  reading: DatasetOptions,
  pool: Pool,
): Promise<Plan> {
  const { predictCost, algorithm, gridNumber, group, front, report } = options;
  const sweepsBudget = front !== undefined || (report !== undefined && work.ids.length <= MOST_SWEPT);
  return planAllocation(work, source, target, {
    ...reading,
    ...fittingOf(options),
    ...{ predictCost, pool, algorithm, gridNumber, group, priceTable, changes, limits, sweepsBudget },
    batch: batchOf(options),
  });
}

/** The front, with limits the one under them; then a note says so, or that there is none. */
async function writeFront(
  { front, frontUnder, problem }: Plan,
  path: string,
  { signal, onNote }: DatasetOptions,
): Promise<void> {
  if (frontUnder?.status !== "found" && frontUnder !== undefined) {
    onNote?.(`no front is written to ${oneLine(path)}: no plan that keeps all limits was found`);
    return;
  }
  const rows =
    frontUnder === undefined
      ? await frontTable(front, FRONT_POINTS, signal)
      : tableUnder(problem.models, frontUnder.points);
  await writeOut(path, frontRows(rows, outputFormat(path, FRONT_FORMATS)), { signal });
  if (frontUnder !== undefined) {
    onNote?.(`${oneLine(path)} has ${frontUnder.points.length} plans, all of which keep the limits`);
  }
}

function exportPlan(plan: Plan, work: string, options: Options, reading: DatasetOptions): Promise<Exported> {
  const { skipBadRows, signal, onProgress, onNote } = reading;
  const exporting = { ...batchFilesOf(options), skipBadRows, signal, onProgress, onNote };
  return exportAllocation(options.export!, allocationOf(plan), work, options.output, exporting);
}

async function writeAllocation(plan: Plan, { output, json }: Options, { signal }: Io): Promise<void> {
  // With --json, standard output has the allocation within the result.
  if (json && isStdout(output)) return;
  await writeOut(output, allocationRows(tableOf(plan), outputFormat(output, FORMATS)), { signal });
}

/** Whether a front under limits was asked for, and there is none. */
function isFrontless({ frontUnder }: Plan): boolean {
  return frontUnder !== undefined && frontUnder.status !== "found";
}

function isStdout(output: string | undefined): boolean {
  return output === undefined || output === "-";
}

function tableOf(plan: Plan): AllocationTable {
  return { ...plan.problem, ...allocationOf(plan), cost: plan.problem.cost };
}

function show({ plan, changes, exported }: Planned, target: Target, options: Options, io: Io): void {
  const { output, front, report, policyOut } = options;
  if (options.json) {
    const result = {
      ...summaryOf(plan, target),
      ...whatIfOf(plan, changes),
      ...(exported && { exported: exported.manifest }),
      files: {
        output: isStdout(output) ? undefined : output,
        front: isFrontless(plan) ? undefined : front,
        report,
        policy: policyOut,
      },
    };
    if (plan.choice.status === "chosen" && isStdout(output))
      printJson(io, result, "allocation", allocationRows(tableOf(plan), "json"));
    else io.out(`${JSON.stringify(result)}\n`);
    return;
  }
  if (plan.choice.status !== "chosen") {
    io.err(`${failed(plan, target)}\n`);
    return;
  }
  const described = describe(plan, target) + groupTable(plan.groups, options.group, "expected");
  if (output === undefined) {
    if (!options.quiet) io.err(described);
    return;
  }
  if (io.isOutTerminal) io.out(pictureOf(plan));
  const written = exported ? describeExport(exported, output) : `allocation written to ${oneLine(output)}\n`;
  const reported =
    (options.report === undefined ? "" : `report written to ${oneLine(options.report)}\n`) +
    (options.policyOut === undefined ? "" : `policy written to ${oneLine(options.policyOut)}\n`);
  io.out(`${described}\n${written}${reported}`);
}
