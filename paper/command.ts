import type { Command } from "commander";
import { runProgram } from "../src/cli/app.js";
import { checkOutput } from "../src/write/file.js";
import { compare, type Comparison, METHOD_TITLES, type MethodFigures, type RankedFigure } from "./compare.js";
import { compareReport } from "./report.js";
import { fittingOf, readingOf, withFitting, type FittingOptions } from "../src/cli/options/fitting.js";
import { withSplit, type SplitOptions } from "../src/cli/options/split.js";
import { running } from "../src/cli/running.js";
import { frontPlot } from "../src/report/terminal/frontPlot.js";
import type { Io } from "../src/cli/io.js";
import { names } from "../src/cli/parse.js";
import { originOf, withReport, writeReport, type ReportOptions } from "../src/cli/report.js";
import { spread } from "../src/report/format.js";
import { brief, count, dollars, percent } from "../src/text/amounts.js";
import { oneLine } from "../src/text/shown.js";
import { missingSentences, sizesOf } from "../src/report/words.js";
import { table, wrap } from "../src/report/terminal/table.js";
import { checkVectorOptions, readRows, withVectors, type VectorOptions } from "../src/cli/options/vectors.js";

interface Options extends FittingOptions, SplitOptions, VectorOptions, ReportOptions {
  algorithms?: string[];
  asPublished?: boolean;
}

/** Runs one `compare` command line (without node and script) and returns its exit code. */
export function runCompare(argv: readonly string[], io: Io): Promise<number> {
  return runProgram("compare", argv, io, (command) => addCompare(command, io, argv));
}

function addCompare(command: Command, io: Io, argv: readonly string[]): void {
  command
    .description("compare OptLLM with the paper's evolutionary baselines, on labelled rows")
    .argument("<labelled>", "rows with <model>__score and <model>__cost: any file that optllm reads");
  withSplit(command, 1_000)
    .option(
      "--algorithms <names>",
      "some of nsga2, rnsga2, sms-emoa, moead, moead-gen and mopso (default: all)",
      names,
    )
    .option("--as-published", "start the baselines without the cheapest and the most accurate allocation");
  withVectors(withFitting(withReport(command)), "the labelled rows")
    .addHelpText(
      "after",
      "\nRepeat r uses seed + r throughout." +
        "\n\nExample:\n  $ optllm simulate --queries 400 --models 4 -o recorded.jsonl" +
        "\n  $ npm run compare -- recorded.jsonl --train 10% --validation 10%",
    )
    .action((labelled: string, options: Options) => run(command, labelled, options, io, argv));
}

async function run(
  command: Command,
  labelled: string,
  options: Options,
  io: Io,
  argv: readonly string[],
): Promise<void> {
  checkVectorOptions(command, options);
  const result = await running(io, options, async (progress, pool) => {
    await checkOutput(options.report);
    const reading = readingOf(options, io, progress);
    const dataset = await readRows(labelled, { ...reading, where: options.where }, options, options.vectors);
    const result = await compare(dataset, { ...options, ...fittingOf(options), ...reading, pool });
    if (options.report !== undefined) {
      const origin = await originOf(argv, [labelled], io, ["npm", "run", "compare", "--"]);
      await writeReport(options.report, compareReport(result, origin), io);
    }
    return result;
  });
  if (io.isOutTerminal && !options.json) io.out(pictureOf(result));
  io.out(options.json ? `${JSON.stringify(result)}\n` : describe(result));
}

function pictureOf({ repeats: [{ methods, singles, seed }] }: Comparison): string {
  const { front } = methods.find(({ method }) => method === "exact")!;
  const curve = { x: front.map(({ cost }) => cost), y: front.map((point) => point.realisedAccuracy) };
  const alone = singles.map(({ model, ...at }) => ({ name: model, ...at }));
  return frontPlot(curve, alone, [], `our front, seed ${seed}: recorded accuracy by total cost`);
}

function describe(result: Comparison): string {
  const { settings, repeats } = result;
  const seeds = repeats.map(({ seed }) => seed).join(", ");
  return (
    `\n${missingSentences(result.dataset).map(wrap).join("")}${sizesOf(result)}; seeds ${seeds}\n` +
    `baselines: ${settings.generations} generations of ${settings.population} allocations, ` +
    `${settings.asPublished ? "random at first" : "the cheapest and the most accurate among the first"}\n\n` +
    accuracyTable(result) +
    "\n" +
    indicatorTable(result) +
    "\n" +
    singlesTable(result) +
    "\n" +
    rankTable(result) +
    "\nMean ± deviation over the repeats. Costs and accuracies are recorded ones; every method sees only predictions." +
    "\nCost in OptLLM-M, cost in our front: the least cost at which that front is as accurate as the row's best," +
    "\nover the repeats in which it ever is." +
    "\nSaving: at the best single model's accuracy, against its cost." +
    "\nIGD: mean distance from the true front, in dollars and normalised; spread Δ: 0 is even and complete;" +
    "\nhypervolume: 1 is the ideal. Time: the optimisation alone.\n"
  );
}

type Format = (value: number) => string;

function accuracyTable({ summary }: Comparison): string {
  return table([
    ["", "highest accuracy", "at a cost of", "cost in OptLLM-M", "cost in our front", "saving"],
    ...summary.map(({ method, figures }) => [
      METHOD_TITLES[method],
      spread(figures.highestAccuracy, percent),
      spread(figures.highestAccuracyCost, dollars),
      spread(figures.optllmCost, dollars),
      spread(figures.exactCost, dollars),
      spread(figures.savingAtEqualAccuracy, percent),
    ]),
  ]);
}

function indicatorTable({ summary }: Comparison): string {
  const columns: [title: string, key: keyof MethodFigures, format: Format][] = [
    ["points", "points", (value) => count(Math.round(value))],
    ["IGD, $", "igdRaw", brief],
    ["IGD", "igd", brief],
    ["spread Δ", "spread", brief],
    ["hypervolume", "hypervolume", brief],
    ["time, s", "timeMs", (value) => (value / 1000).toFixed(2)],
  ];
  return table([
    ["", ...columns.map(([title]) => title)],
    ...summary.map(({ method, figures }) => [
      METHOD_TITLES[method],
      ...columns.map(([, key, format]) => spread(figures[key], format)),
    ]),
  ]);
}

function singlesTable({ singles }: Comparison): string {
  return table([
    ["single models", "accuracy", "cost"],
    ...singles.map(({ model, accuracy, cost }) => [
      oneLine(model),
      spread(accuracy, percent),
      spread(cost, dollars),
    ]),
  ]);
}

const RANKED: [title: string, key: RankedFigure][] = [
  ["highest accuracy", "highestAccuracy"],
  ["IGD", "igd"],
  ["hypervolume", "hypervolume"],
];

function rankTable({ summary, ranks, standings, repeats, settings }: Comparison): string {
  const rows = [
    ["average rank", ...RANKED.map(([title]) => title)],
    ...summary.map(({ method }, k) => [
      METHOD_TITLES[method],
      ...RANKED.map(([, key]) => brief(ranks[key].averageRanks[k])),
    ]),
    ["Friedman, p", ...RANKED.map(([, key]) => brief(ranks[key].chiSquareP))],
    ["Iman and Davenport, p", ...RANKED.map(([, key]) => brief(ranks[key].fP))],
    ["critical difference, 5 %", ...RANKED.map(([, key]) => brief(ranks[key].criticalDifference))],
  ];
  if (settings.baselines.length === 0) return table(rows);
  const standing = (method: "exact" | "optllm", key: RankedFigure): string => {
    const { ahead, level } = standings[method][key];
    return `${ahead} of ${repeats.length}${level > 0 ? `, ${level} level` : ""}`;
  };
  return table([
    ...rows,
    ...(["exact", "optllm"] as const).map((method) => [
      `${METHOD_TITLES[method]} ahead of all baselines`,
      ...RANKED.map(([, key]) => standing(method, key)),
    ]),
  ]);
}
