import { Option, type Command } from "commander";
import { nextLabels, type NextLabels } from "../../backtest/nextLabels/nextLabels.js";
import type { Standard } from "../../backtest/nextLabels/difference.js";
import { planAllocation } from "../../plan/plan.js";
import { describeNextLabels } from "../../report/terminal/nextLabels.js";
import { failed } from "../../report/terminal/solveTables.js";
import type { Target } from "../../solve/target.js";
import { readDataset } from "../../rows/dataset.js";
import type { DatasetOptions } from "../../rows/reading.js";
import type { Dataset } from "../../types.js";
import { oneLine } from "../../text/shown.js";
import { askRows, type AskRow } from "../../write/ask.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { TableFormat } from "../../write/table.js";
import { printJson, type Io } from "../io.js";
import { ROW_FILES } from "../options/common.js";
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
import { scoresOf } from "../options/scores.js";
import { targetOf, targetsOf, withTarget, type TargetOptions } from "../options/target.js";
import { readRows, withVectors } from "../options/vectors.js";
import { wholeNumber } from "../parse.js";
import { running } from "../running.js";

const FORMATS: TableFormat[] = ["csv", "jsonl", "json"];
const EXIT_INFEASIBLE = 3;

interface Options extends FittingOptions, SourceOptions, PriceOptions, TargetOptions {
  output?: string;
  budgetLabels: number;
  against: Standard;
  answers?: string;
}

export function addLabels(
  program: Command,
  io: Io,
  _: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const command = program
    .command("labels")
    .description(
      "choose which queries to label next, and tell how many labels would settle whether a plan pays",
    )
    .argument("<work>", `rows to choose from: id, query, <model>__cost … (${ROW_FILES})`);
  withTarget(
    withSource(command)
      .option("--budget-labels <n>", "number of queries to label", wholeNumber(1, 1e6), 200)
      .addOption(
        new Option(
          "--against <standard>",
          "what the plan is compared with; blind: models mixed without looking at the query, at the plan's cost; best: the best single model",
        )
          .choices(["blind", "best"])
          .default("blind"),
      )
      .option(
        "--answers <file>",
        `the queries that the same command chose, now with <model>__score: what they tell (${ROW_FILES})`,
      )
      .option("-o, --output <file>", "the queries: .csv, .jsonl or .json, also .gz (default: stdout)"),
  );
  withVectors(withFitting(withPrices(command), "rows of the work"), "the work", true)
    .addHelpText(
      "after",
      "\nThe plan is that of --budget, --accuracy, --knee or --match-best (default: --knee)." +
        "\n\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm labels work.jsonl --labels sample.jsonl --budget-labels 200 -o ask.csv",
    )
    .action(async (work: string, options: Options) => {
      checkSource(command, options);
      const target = targetsOf(options).length === 0 ? { knee: true as const } : targetOf(command, options);
      if (!(await run(work, target, options, io))) setExitCode(EXIT_INFEASIBLE);
    });
}

/** Whether there is a plan. */
async function run(work: string, target: Target, options: Options, io: Io): Promise<boolean> {
  const { output } = options;
  const format = outputFormat(output, FORMATS);
  await checkOutputs([output], [work, options.answers, ...inputsOf(options)]);
  await settleColumns(options);
  await settleNames(options, [work, options.labels], io, () => modelsOf(options));
  const { price, given } = await knownPrices(options, io);
  const chosen = await running(io, options, async (progress, pool) => {
    const reading = { ...readingOf(options, io, progress), price, given };
    const { where, seed, budgetLabels: labels, against: standard } = options;
    const rows = await readRows(work, { ...reading, where, blankCosts: true }, options, options.vectors);
    const source = await sourceOf(options, { ...reading, recorded: "try" });
    const answers = await readAnswers(options, reading);
    given?.check([...rows.models, ...source.models]);
    const plan = await planAllocation(rows, source, target, { ...reading, ...fittingOf(options), pool });
    plan.notes.forEach((text) => note(progress, text));
    if (plan.choice.status !== "chosen") return { failure: failed(plan, target) };
    const result = await nextLabels(plan, rows, source, { labels, standard, seed, answers });
    const { ids, queries } = rows;
    return { result, ask: result.ask.map((one) => ({ ...one, id: ids[one.row], query: queries[one.row] })) };
  });
  if (chosen.failure !== undefined) io.err(`${chosen.failure}\n`);
  else await show(chosen.result, chosen.ask, format, options, io);
  return chosen.failure === undefined;
}

/** Only ids and scores are looked at. */
function readAnswers(options: Options, reading: DatasetOptions): Promise<Dataset | undefined> {
  const { answers } = options;
  if (answers === undefined) return Promise.resolve(undefined);
  return readDataset(answers, { ...reading, needsTexts: false, recorded: "try", score: scoresOf(options) });
}

async function show(
  result: NextLabels,
  ask: readonly AskRow[],
  format: TableFormat,
  { output, json, quiet }: Options,
  io: Io,
): Promise<void> {
  const isStdout = output === undefined || output === "-";
  // With answers, standard output has what they tell.
  const isWritten = output !== undefined || (!json && result.answered === undefined);
  if (isWritten && !(json && isStdout)) await writeOut(output, askRows(ask, format), { signal: io.signal });
  if (json) {
    const summary = { ...result, ask: undefined, strata: result.strata.map(summaryOf), output };
    if (isStdout) printJson(io, { ...summary, output: undefined }, "ask", askRows(ask, "json"));
    else io.out(`${JSON.stringify(summary)}\n`);
    return;
  }
  const described = describeNextLabels(result);
  if (!isStdout) io.out(`${described}\nqueries to label written to ${oneLine(output)}\n`);
  else if (!isWritten) io.out(described);
  else if (!quiet) io.err(described);
}

function summaryOf({ rows, mean, variance }: NextLabels["strata"][number]) {
  return { queries: rows.length, mean, variance };
}
