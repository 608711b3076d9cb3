import type { Command } from "commander";
import { backtest, type Backtest, type BacktestFigures, type Part, readDataset } from "../index.js";
import { readingOf, showing, withLearning, type LearningOptions } from "./common.js";
import type { Io } from "./io.js";
import { part, wholeNumber } from "./parse.js";
import { dollars, percent, plain, table } from "./text.js";

interface Options extends LearningOptions {
  train: Part;
  validation: Part;
  repeats: number;
  distinct?: boolean;
}

export function addBacktest(program: Command, io: Io): void {
  const command = program
    .command("backtest")
    .description("try it on labelled rows: learn from a few, allocate the rest, compare with the records")
    .argument("<labelled>", "rows with <model>__score and <model>__cost, JSONL or CSV, plain or gzip")
    .option("--train <part>", "rows to learn from: 1%, 0.01 or 200", part, { share: 0.05 })
    .option("--validation <part>", "rows to choose settings on", part, { share: 0.05 })
    .option("--repeats <n>", "random splits to try", wholeNumber(1, 10_000), 1)
    .option("--distinct", "keep rows of equal text on one side of the split");
  withLearning(command)
    .addHelpText(
      "after",
      "\n--train and --validation are 5% each by default; repeat r splits by seed + r." +
        "\n\nExample:\n  $ optllm simulate --queries 5000 --models 8 -o labelled.jsonl" +
        "\n  $ optllm backtest labelled.jsonl --train 5% --validation 5% --repeats 3",
    )
    .action(async (labelled: string, options: Options) => {
      const result = await showing(io, options, async (progress) => {
        const { signal } = io;
        const { where } = options;
        const dataset = await readDataset(labelled, { ...readingOf(options, io, progress), where });
        return backtest(dataset, { ...options, signal, onProgress: progress.update });
      });
      io.out(options.json ? `${JSON.stringify(result)}\n` : describe(result));
    });
}

function describe({ dataset, repeats, mean }: Backtest): string {
  const row = (
    name: string,
    model: string,
    figures: BacktestFigures & { bestSingle: { accuracy: number; cost: number } },
  ): string[] => [
    name,
    model,
    percent(figures.bestSingle.accuracy),
    dollars(figures.bestSingle.cost),
    percent(figures.savingAtEqualAccuracy),
    percent(figures.highestAccuracy),
    percent(figures.areaUnderFront),
    figures.prediction.logLoss?.toFixed(4) ?? "-",
  ];
  return (
    `\n${dataset.queries.toLocaleString("en")} queries, ${dataset.models} models; each repeat learns from ` +
    `${repeats[0].trainQueries} + ${repeats[0].validationQueries} rows and is judged on ` +
    `${repeats[0].testQueries.toLocaleString("en")} others\n\n` +
    table([
      [
        "",
        "best single model",
        "accuracy",
        "cost",
        "saving at equal accuracy",
        "highest accuracy",
        "area",
        "log-loss",
      ],
      ...repeats.map((repeat) => row(`seed ${repeat.seed}`, plain(repeat.bestSingle.model), repeat)),
      row("mean", "", mean),
    ]) +
    "\nCosts and accuracies are recorded ones. Saving: against the best single model, at its accuracy." +
    "\nArea: mean accuracy over budgets from the cheapest allocation's cost to the best single model's.\n"
  );
}
