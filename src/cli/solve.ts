import { Option, type Command } from "commander";
import type { AllocationFile } from "../rows/allocation.js";
import { checkExport, exportAllocation, type Exported } from "../write/targets/exportAllocation.js";
import { DEADLINE_COLUMN } from "../plan/batchArms.js";
import { priceCall } from "../prices/call.js";
import { readPrices } from "../prices/table.js";
import { allocationRows } from "../write/allocation.js";
import type { Chosen } from "../solve/choice.js";
import { checkOutput, outputFormat, writeOut } from "../write/file.js";
import { planAllocation, type Plan } from "../plan/plan.js";
import { solveReport } from "../report/solveReport.js";
import type { TableFormat } from "../write/table.js";
import {
  checkSource,
  groupOption,
  pricesOption,
  readingOf,
  changesOf,
  learningOf,
  running,
  sourceOf,
  targetOf,
  withAlgorithm,
  withChanges,
  withLearning,
  withSource,
  withTarget,
  type AlgorithmOptions,
  type ChangeOptions,
  type LearningOptions,
  type SourceOptions,
  type TargetOptions,
} from "./common.js";
import { describeExport, renamed } from "./export.js";
import { writeFront } from "./front.js";
import { groupTable } from "../report/terminal/groups.js";
import type { Io } from "./io.js";
import { modelPart } from "./parse.js";
import { budgetCommand, originOf, withReport, writeReport, type ReportOptions } from "./report.js";
import { summaryOf, whatIfOf } from "../report/solveSummary.js";
import { describe, infeasible, pictureOf } from "../report/terminal/solveTables.js";
import { oneLine as plain } from "../text/shown.js";
import { readRows, withVectors } from "./vectors.js";

const FORMATS: (TableFormat | "parquet")[] = ["jsonl", "csv", "json", "parquet"];

interface Options
  extends LearningOptions, SourceOptions, AlgorithmOptions, TargetOptions, ChangeOptions, ReportOptions {
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

export function addSolve(
  program: Command,
  io: Io,
  argv: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const command = program
    .command("solve")
    .description("allocate a workload: which model answers which query")
    .argument(
      "<work>",
      "rows to allocate, JSONL or CSV, plain or gzip: id, query, <model>__cost …; costs may be missing",
    );
  withSource(command)
    .option(
      "-o, --output <file>",
      "the allocation: .jsonl, .csv or .json, also .gz, or .parquet (default: stdout)",
    )
    .option("--front <file>", "the front as well, as `optllm front` writes it")
    .option(
      "--predict-cost",
      "predict every blank cost from the sample, not only columns that are blank or missing",
    )
    .option(
      "--batch <model[=part]>",
      "the model in a batch as well, at this part of its cost (default: as the prices say); may be repeated",
      modelPart,
    )
    .option(
      "--deadline-column <name>",
      "hours that each query can wait; a batch takes 24 (default: deadline_hours, where there is one)",
    )
    .addOption(groupOption())
    .addOption(pricesOption())
    .addOption(
      new Option(
        "--export <target>",
        "write batch files to the new folder of -o instead of the allocation",
      ).choices(["openai-batch", "anthropic-batch"]),
    )
    .option("--as <model=name>", "with --export: a model's name in the requests; may be repeated", renamed);
  withVectors(withAlgorithm(withLearning(withChanges(withReport(withTarget(command))))), "the work", true)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl",
    )
    .action(async (work: string, options: Options) => {
      const target = targetOf(command, options);
      checkSource(command, options);
      if (options.deadlineColumn !== undefined && options.batch === undefined) {
        command.error("error: --deadline-column is of --batch");
      }
      if (options.export !== undefined && (work === "-" || options.where.length > 0)) {
        command.error("error: --export reads the whole work again: give a file, and no --where");
      }
      let exported: Exported | undefined;
      const plan = await running(io, options, async (progress, pool) => {
        const { export: batchFiles } = options;
        const format = batchFiles === undefined ? outputFormat(options.output, FORMATS) : "jsonl";
        await (batchFiles === undefined
          ? checkOutput(options.output)
          : checkExport(batchFiles, options.output));
        const { group, batch, deadlineColumn } = options;
        const priceTable = await readPrices(options.prices, io);
        await checkOutput(options.front);
        await checkOutput(options.report);
        const { algorithm, gridNumber, where } = options;
        const reading = { ...readingOf(options, io, progress), price: priceCall(priceTable) };
        const rows = await readRows(
          work,
          {
            ...reading,
            where,
            blankCosts: true,
            columns: [
              ...(batch === undefined ? [] : [deadlineColumn ?? DEADLINE_COLUMN]),
              ...(group === undefined ? [] : [group]),
            ],
          },
          options,
          options.vectors,
        );
        const source = await sourceOf(options, reading);
        const plan = await planAllocation(rows, source, target, {
          ...reading,
          ...learningOf(options),
          predictCost: options.predictCost,
          pool,
          algorithm,
          gridNumber,
          changes: changesOf(options),
          group,
          priceTable,
          batch: batch && { models: batch, deadlineColumn },
        });
        plan.notes.forEach((note) => progress.note(`note: ${plain(note)}`));
        if (options.front !== undefined) await writeFront(plan.front, options.front, 1000, reading);
        if (options.report !== undefined) {
          const origin = {
            ...(await originOf(argv, [work, options.labels ?? options.predictorFile!], io)),
            budgetCommand: budgetCommand(argv),
          };
          const from = { work: rows, source, target, seed: options.seed, origin };
          await writeReport(options.report, await solveReport(plan, from, { ...reading, pool }), io);
        }
        if (batchFiles !== undefined && plan.choice.status === "chosen") {
          const exporting = { ...reading, sentAs: options.as, models: undefined };
          exported = await exportAllocation(batchFiles, allocationOf(plan), work, options.output, exporting);
        } else if (plan.choice.status === "chosen" && !(options.json && options.output === undefined)) {
          progress.clear();
          const table = { ...plan.problem, ids: plan.problem.ids!, allocation: plan.choice.allocation };
          await writeOut(options.output, allocationRows(table, format), { signal: io.signal });
        }
        return plan;
      });
      if (plan.choice.status === "infeasible") setExitCode(3);
      const described = describe(plan, target) + groupTable(plan.groups, options.group, "expected");
      if (options.json) {
        io.out(
          `${JSON.stringify({
            ...summaryOf(plan, target),
            ...whatIfOf(plan, changesOf(options)),
            ...(exported && { exported: exported.manifest }),
          })}\n`,
        );
      } else if (plan.choice.status === "infeasible") io.err(`${infeasible(plan, target)}\n`);
      else if (options.output === undefined) {
        if (!options.quiet) io.err(described);
      } else {
        if (io.isOutTerminal) io.out(pictureOf(plan));
        if (exported) io.out(`${described}\n${describeExport(exported, options.output)}`);
        else io.out(`${described}\nallocation written to ${options.output}\n`);
      }
    });
}

/** The allocation as a file of it would be read. */
function allocationOf({ problem, choice }: Plan): AllocationFile {
  const { models, ids, cost } = problem;
  const { allocation } = choice as Chosen;
  const charged = Float64Array.from(allocation, (m, q) => cost[q * models.length + m]);
  return { ids: ids!, models, allocation, cost: charged };
}
