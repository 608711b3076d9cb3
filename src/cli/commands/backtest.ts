import type { Command } from "commander";
import { backtest } from "../../backtest/backtest.js";
import type { Backtest, JudgedRepeat } from "../../backtest/backtestTypes.js";
import { backtestReport } from "../../report/backtestReport.js";
import { describe } from "../../report/terminal/backtestTables.js";
import { frontPlot } from "../../report/terminal/frontPlot.js";
import { groupTable } from "../../report/terminal/groups.js";
import { columnsOf } from "../../plan/limits/resolve.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { changesOf, withChanges, type ChangeOptions } from "../options/changes.js";
import { limitFiles, limitsOf, withConstraints, type ConstraintOptions } from "../options/constraints.js";
import { groupOption, ROW_FILES } from "../options/common.js";
import {
  fittingOf,
  labelledReading,
  readingOf,
  withFitting,
  type FittingOptions,
} from "../options/fitting.js";
import { settleNames } from "../options/names.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";
import { withSplit, type SplitOptions } from "../options/split.js";
import { targetsOf, withTarget, type TargetOptions } from "../options/target.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "../options/vectors.js";
import { originOf, withReport, writeReport, type ReportOptions } from "../report.js";
import { running } from "../running.js";

interface Options
  extends
    FittingOptions,
    SplitOptions,
    VectorOptions,
    TargetOptions,
    ChangeOptions,
    PriceOptions,
    ConstraintOptions,
    ReportOptions {
  predictCost?: boolean;
  group?: string;
}

const HELP =
  "\nRepeat r splits the rows with seed + r." +
  "\n\nChosen plans: --budget (dollars for the test queries), --accuracy, --knee and --match-best may be given" +
  "\ntogether; each plan is chosen on predictions and judged on records (default: --match-best and --knee)." +
  "\n\nVerdict: route, use the best single model, or not enough evidence. It rests on 95 % intervals from a paired" +
  "\nbootstrap over the test queries. Plans are compared with: every single model, always the cheapest, always the" +
  "\nbest, a random mix, the zero router (which mixes models without looking at the query), the paper's OptLLM-M," +
  "\nand the oracle." +
  "\n\nLimits (--limit, --share, --spend, --group-budget, --group-floor, --latency): every plan keeps them by the" +
  "\npredictions, totals on the test queries; the results say whether the records keep them." +
  "\n\nWhat if: --price, --scale-cost, --without and --only change costs and models after predicting; the results" +
  "\nwithout the changes are shown as well." +
  "\n\nExample:\n  $ optllm simulate --queries 2000 --models 5 -o labelled.jsonl" +
  "\n  $ optllm backtest labelled.jsonl --train 5% --validation 5% --repeats 2";

export function addBacktest(program: Command, io: Io, argv: readonly string[]): void {
  const command = program
    .command("backtest")
    .description(
      "test the method on labelled rows: fit to a few, allocate the rest, compare with the records",
    )
    .argument("<labelled>", `rows with <model>__score and <model>__cost (${ROW_FILES})`);
  withSplit(command, 10_000)
    .option(
      "--predict-cost",
      "plan with costs predicted from the labelled sample; results use the recorded costs",
    )
    .addOption(groupOption());
  withVectors(
    withFitting(withChanges(withPrices(withReport(withConstraints(withTarget(command)))))),
    "the labelled rows",
  )
    .addHelpText("after", HELP)
    .action((labelled: string, options: Options) => {
      checkVectorOptions(command, options);
      return run(labelled, options, io, argv);
    });
}

async function run(labelled: string, options: Options, io: Io, argv: readonly string[]): Promise<void> {
  await checkOutputs([options.report], [labelled, options.vectors, options.prices, ...limitFiles(options)]);
  const limits = await limitsOf(options);
  const { signal } = io;
  const { where, group, report } = options;
  await settleNames(options, [labelled], io);
  const { price, given } = await knownPrices(options, io);
  const result = await running(io, options, async (progress, pool) => {
    const columns = [
      ...(group === undefined ? [] : [group]),
      ...(limits === undefined ? [] : columnsOf(limits)),
    ];
    const reading: DatasetOptions = {
      ...{ ...readingOf(options, io, progress), where, columns, price, given },
      recorded: "keep",
    };
    const dataset = await readRows(labelled, labelledReading(reading, options), options, options.vectors);
    const targets = targetsOf(options);
    let first: JudgedRepeat | undefined;
    const result = await backtest(dataset, {
      ...{ ...options, prices: undefined },
      ...fittingOf(options),
      ...(targets.length > 0 && { targets }),
      ...{ changes: changesOf(options, given), limits },
      onJudged: (repeat) => (first ??= repeat),
      ...{ pool, signal, onProgress: progress.update },
    });
    if (report !== undefined) {
      const inputs = [labelled, options.vectors, options.prices, ...limitFiles(options)].filter(
        (path) => path !== undefined,
      );
      const origin = await originOf(argv, inputs, io);
      const data = await backtestReport(result, { judged: first!, origin }, { pool, signal });
      await writeReport(report, data, io);
    }
    return result;
  });
  if (options.json) {
    io.out(`${JSON.stringify({ ...result, report })}\n`);
    return;
  }
  if (io.isOutTerminal) io.out(pictureOf(result));
  io.out(describe(result) + groupTable(result.groups, group, "recorded"));
}

function pictureOf({ repeats: [{ front, comparators, plans, seed }] }: Backtest): string {
  const curve = { x: front.map(({ cost }) => cost), y: front.map((point) => point.realisedAccuracy) };
  const alone = comparators.singles.map(({ model, cost, accuracy }) => ({ name: model, cost, accuracy }));
  const chosen = plans.flatMap((plan) => (plan.status === "chosen" ? [plan.realised] : []));
  return frontPlot(curve, alone, chosen, `the front, seed ${seed}: recorded accuracy by total cost`);
}
