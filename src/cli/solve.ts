import { Option, type Command } from "commander";
import {
  type AllocationFile,
  checkExport,
  DEADLINE_COLUMN,
  exportAllocation,
  type Exported,
  priceCall,
  readPrices,
  allocationRows,
  type Chosen,
  checkOutput,
  hypervolumes,
  idealNadir,
  normalisedHypervolume,
  outputFormat,
  planAllocation,
  solveReport,
  type Plan,
  type TableFormat,
  type Target,
  writeOut,
} from "../index.js";
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
  withTarget,
  type AlgorithmOptions,
  type ChangeOptions,
  type LearningOptions,
  type TargetOptions,
} from "./common.js";
import { describeExport, renamed } from "./export.js";
import { writeFront } from "./front.js";
import { frontPlot } from "./frontPlot.js";
import { groupTable } from "./groups.js";
import type { Io } from "./io.js";
import { modelPart } from "./parse.js";
import { budgetCommand, originOf, withReport, writeReport, type ReportOptions } from "./report.js";
import { brief, dollars, nameOf, percent, plain, table, wrap } from "./text.js";
import { readRows, withVectors, type VectorOptions } from "./vectors.js";

const FORMATS: (TableFormat | "parquet")[] = ["jsonl", "csv", "json", "parquet"];

interface Options
  extends LearningOptions, VectorOptions, AlgorithmOptions, TargetOptions, ChangeOptions, ReportOptions {
  labels?: string;
  predictorFile?: string;
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
    )
    .option("--labels <sample>", "labelled rows to learn from: query, <model>__score …")
    .option("--predictor-file <file>", "instead of labels: what `optllm fit` wrote")
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
            ...whatIfOf(plan, options),
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

/** The chosen plan for programs: everything but the allocation itself. */
function summaryOf(
  {
    choice,
    bestSingle,
    breakEvens,
    problem,
    front,
    heldOutCheck,
    knee,
    notes,
    predictor,
    predictedCosts,
    groups,
  }: Plan,
  target: Target,
) {
  const common = {
    target,
    queries: front.queries,
    models: problem.models,
    predictor: predictor.kind,
    notes,
    predictedCosts,
    ...(groups && { groups }),
    settings: predictor.settings,
    candidates: predictor.candidates,
    bestSingle: bestSingle ?? null,
    cheapest: endOf(front, 0),
    knee,
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
    dollarsPerRightAnswer: Number.isFinite(lambda) ? 1 / lambda : null,
    heldOutCheck: heldOutCheck ?? null,
    shares,
    breakEven: breakEvens!.map(({ costFactor, ...rest }) => ({
      ...rest,
      costFactor: Number.isFinite(costFactor) ? costFactor : null,
    })),
    ...common,
  };
}

/** The change and both worlds, on one scale; nothing without a change. */
function whatIfOf({ before, front, choice }: Plan, options: ChangeOptions) {
  if (before === undefined) return {};
  const volumes = hypervolumes([before.front, front]);
  const [old, changed] = [before.choice, choice].map((one, k) => ({
    hypervolume: volumes[k],
    status: one.status,
    ...(one.status === "chosen" && { totalCost: one.totalCost, expectedAccuracy: one.expectedAccuracy }),
  }));
  return { whatIf: { changes: changesOf(options), before: old, after: changed } };
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

function pictureOf({ front, singles, choice, problem }: Plan): string {
  const alone = singles.flatMap((single, m) =>
    single === undefined
      ? []
      : [{ name: problem.models[m], cost: single.totalCost, accuracy: single.expectedAccuracy }],
  );
  const chosen =
    choice.status === "chosen" ? [{ cost: choice.totalCost, accuracy: choice.expectedAccuracy }] : [];
  const curve = { x: front.totalCost, y: front.expectedAccuracy };
  return frontPlot(curve, alone, chosen, "expected accuracy by total cost");
}

function describe(plan: Plan, target: Target): string {
  const { choice, singles, bestSingle, breakEvens, front, knee, problem } = plan;
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
    ...("knee" in target ? [] : [point("knee of the front", knee)]),
    point("most accurate allocation", endOf(front, last)),
    ...(bestSingle === undefined ? [] : [point(`best single model, ${plain(bestSingle.model)}`, bestSingle)]),
  ];
  const shares = problem.models.map((model, m) => {
    const alone = singles[m];
    const columns =
      alone === undefined ? ["-", "-"] : [dollars(alone.totalCost), percent(alone.expectedAccuracy)];
    const { costFactor, shareAtHalf, shareAtDouble } = breakEvens![m];
    return [
      plain(model),
      percent(choice.shares[model]),
      ...columns,
      factor(costFactor),
      percent(shareAtHalf),
      percent(shareAtDouble),
    ];
  });
  const queries = front.queries.toLocaleString("en");
  return (
    `\n${queries} queries, ${problem.models.length} models\n` +
    `front: ${front.algorithm}, ${front.totalCost.length.toLocaleString("en")} points, ` +
    `normalised hypervolume ${hypervolumeOf(front).toFixed(6)}\n\n` +
    table(rows) +
    `\n${certificateOf(choice, target)}\n` +
    heldOutText(plan) +
    // At the cheapest allocation nothing has been bought yet, so there is no price to tell.
    (choice.lambda < Infinity
      ? `One more expected right answer costs ${dollars(1 / choice.lambda)} here.\n\n`
      : "\n") +
    table([
      ["model", "share", "alone: cost", "accuracy", "used up to", "share at half price", "at double"],
      ...shares,
    ]) +
    "Used up to: the multiple of its costs beyond which a model answers no query (below 1: at which it would begin to)." +
    `\n${besides(plan)}`
  );
}

/** What labelled rows make of the expected accuracy. */
function heldOutText({ heldOutCheck: check }: Plan): string {
  if (check === undefined) return "";
  const { low, high } = check.accuracy;
  return wrap(
    `Held out: ${check.queries.toLocaleString("en")} labelled rows, each predicted without its own label and allocated at ` +
      `this price of accuracy, promised ${percent(check.predicted)} and kept ${percent(check.recorded)}. ` +
      `By them, expect ${percent(low)} … ${percent(high)} (95 %).`,
    100,
  );
}

/** The unchanged world beside the changed one, when there was a change. */
function besides({ before, front, choice }: Plan): string {
  if (before === undefined) return "";
  const volumes = hypervolumes([before.front, front]);
  const row = (name: string, one: Plan["choice"], volume: number): string[] => [
    name,
    ...(one.status === "chosen"
      ? [dollars(one.totalCost), percent(one.expectedAccuracy)]
      : ["infeasible", "-"]),
    volume.toFixed(6),
  ];
  return `\n${table([
    ["what if", "cost", "expected accuracy", "hypervolume"],
    row("as it is", before.choice, volumes[0]),
    row("changed (the plan above)", choice, volumes[1]),
  ])}`;
}

/** A multiple of a model's costs. */
function factor(value: number): string {
  if (value === 0) return "never";
  return value === Infinity ? "any price" : `× ${brief(value)}`;
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
