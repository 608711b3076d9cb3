import type { Command } from "commander";
import { backtest } from "../backtest/backtest.js";
import type { Backtest, JudgedRepeat } from "../backtest/backtestTypes.js";
import { backtestReport } from "../report/backtestReport.js";
import { checkOutput } from "../write/file.js";
import { describe } from "../report/terminal/backtestTables.js";
import {
  changesOf,
  groupOption,
  learningOf,
  readingOf,
  running,
  targetsOf,
  withChanges,
  withLearning,
  withSplit,
  withTarget,
  type ChangeOptions,
  type LearningOptions,
  type SplitOptions,
  type TargetOptions,
} from "./common.js";
import { groupTable } from "../report/terminal/groups.js";
import { frontPlot } from "../report/terminal/frontPlot.js";
import type { Io } from "./io.js";
import { originOf, withReport, writeReport, type ReportOptions } from "./report.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "./vectors.js";

interface Options
  extends LearningOptions, SplitOptions, VectorOptions, TargetOptions, ChangeOptions, ReportOptions {
  predictCost?: boolean;
  group?: string;
}

export function addBacktest(program: Command, io: Io, argv: readonly string[]): void {
  const command = program
    .command("backtest")
    .description("try it on labelled rows: learn from a few, allocate the rest, compare with the records")
    .argument("<labelled>", "rows with <model>__score and <model>__cost, JSONL or CSV, plain or gzip");
  withSplit(command, 10_000)
    .option(
      "--predict-cost",
      "plan with costs predicted from the rows learned from; recorded ones are charged",
    )
    .addOption(groupOption());
  withVectors(withLearning(withChanges(withReport(withTarget(command)))), "the labelled rows")
    .addHelpText(
      "after",
      "\n--train and --validation are 5% each by default; repeat r splits by seed + r." +
        "\n\nChosen plans: --budget (dollars for the test queries), --accuracy, --knee and --match-best may be given" +
        "\ntogether; each is chosen on predictions and judged on records (default: --match-best and --knee)." +
        "\n\nVerdict: route, use the best single model, or not enough evidence. It rests on 95 % intervals from a paired" +
        "\nbootstrap over the test queries. Compared with: every single model, always the cheapest, always the best, a" +
        "\nrandom mix, the zero router (mixing models without looking at the query), the paper's OptLLM-M, the oracle." +
        "\nWhat if: --price, --scale-cost, --without and --only change the world after predicting; the old one stands beside it." +
        "\n\nExample:\n  $ optllm simulate --queries 2000 --models 5 -o labelled.jsonl" +
        "\n  $ optllm backtest labelled.jsonl --train 5% --validation 5% --repeats 2",
    )
    .action(async (labelled: string, options: Options) => {
      checkVectorOptions(command, options);
      const result = await running(io, options, async (progress, pool) => {
        const { signal } = io;
        const { where } = options;
        await checkOutput(options.report);
        const dataset = await readRows(
          labelled,
          {
            ...readingOf(options, io, progress),
            where,
            columns: options.group === undefined ? [] : [options.group],
          },
          options,
          options.vectors,
        );
        const targets = targetsOf(options);
        let first: JudgedRepeat | undefined;
        const result = await backtest(dataset, {
          ...options,
          ...learningOf(options),
          pool,
          ...(targets.length > 0 && { targets }),
          changes: changesOf(options),
          signal,
          onProgress: progress.update,
          onJudged: (repeat) => (first ??= repeat),
        });
        if (options.report !== undefined) {
          const origin = await originOf(argv, [labelled], io);
          const data = await backtestReport(result, { judged: first!, origin }, { pool, signal });
          await writeReport(options.report, data, io);
        }
        return result;
      });
      if (io.isOutTerminal && !options.json) io.out(pictureOf(result));
      io.out(
        options.json
          ? `${JSON.stringify(result)}\n`
          : describe(result) + groupTable(result.groups, options.group, "recorded"),
      );
    });
}

function pictureOf({ repeats: [{ front, comparators, plans, seed }] }: Backtest): string {
  const curve = { x: front.map(({ cost }) => cost), y: front.map((point) => point.realisedAccuracy) };
  const alone = comparators.singles.map(({ model, cost, accuracy }) => ({ name: model, cost, accuracy }));
  const chosen = plans.flatMap((plan) => (plan.status === "chosen" ? [plan.realised] : []));
  return frontPlot(curve, alone, chosen, `the front, seed ${seed}: recorded accuracy by total cost`);
}
