import type { Command } from "commander";
import { fewLabelsText, labelledRows } from "../../plan/labels.js";
import { predictProblem } from "../../plan/predictProblem.js";
import { endsOf } from "../../report/frontFigures.js";
import { withUnbeaten } from "../../plan/unbeaten.js";
import { POINT_COLUMNS, pointRow } from "../../report/terminal/points.js";
import { count, dollars, percent } from "../../text/amounts.js";
import { table, wrap } from "../../report/terminal/table.js";
import { type Front, solveFront } from "../../solve/front.js";
import { checkSearchable, searchFront, type SearchedFront } from "../../solve/search.js";
import { outputFormat, writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import { frontRows, type FrontTable } from "../../write/front.js";
import { frontTable, searchedTable } from "../../write/frontTable.js";
import type { TableFormat } from "../../write/table.js";
import { printJson, type Io } from "../io.js";
import { withAlgorithm, type AlgorithmOptions } from "../options/algorithm.js";
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
import { readRows, withVectors } from "../options/vectors.js";
import { wholeNumber } from "../parse.js";
import { running } from "../running.js";

const FORMATS: TableFormat[] = ["jsonl", "csv", "json"];

interface Options extends FittingOptions, SourceOptions, AlgorithmOptions, PriceOptions {
  output?: string;
  points: number;
  search?: boolean;
}

interface Fronts {
  front: Front;
  /** Labelled rows that the predictions rest on, where they are known. */
  labelled: number;
  searched?: SearchedFront;
}

export function addFront(program: Command, io: Io): void {
  const command = program
    .command("front")
    .description("compute the whole front: the best expected accuracy at every cost")
    .argument("<work>", `rows to allocate: id, query, <model>__cost … (${ROW_FILES})`);
  withSource(command)
    .option("-o, --output <file>", "the points: .jsonl, .csv or .json, also .gz (default: stdout)")
    .option("--points <n>", "maximum number of points, evenly spaced", wholeNumber(1, 1e8), 1000)
    .option("--search", "also search for points between the supported ones (at most 2,048 queries)");
  withVectors(withAlgorithm(withFitting(withPrices(command), "rows of the work")), "the work", true)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm front work.jsonl --labels sample.jsonl -o front.csv",
    )
    .action((work: string, options: Options) => {
      checkSource(command, options);
      return run(work, options, io);
    });
}

async function run(work: string, options: Options, io: Io): Promise<void> {
  const { output, json } = options;
  const format = outputFormat(output, FORMATS);
  await checkOutputs([output], [work, ...inputsOf(options)]);
  await settleColumns(options);
  await settleNames(options, [work, options.labels], io, () => modelsOf(options));
  const { price, given } = await knownPrices(options, io);
  const fronts = await running(io, options, async (progress, pool) => {
    const { algorithm, gridNumber, where } = options;
    const reading = { ...readingOf(options, io, progress), price, given };
    const rows = await readRows(work, { ...reading, where, blankCosts: true }, options, options.vectors);
    if (options.search) checkSearchable(rows.ids.length);
    const source = await sourceOf(options, { ...reading, recorded: "try" });
    given?.check([...rows.models, ...source.models]);
    const prediction = await predictProblem(rows, source, {
      ...reading,
      ...fittingOf(options),
      pool,
    });
    const { problem, notes } = withUnbeaten(prediction.problem, prediction.predictor.unbeaten);
    [...prediction.notes, ...notes].forEach((text) => note(progress, text));
    const front = await solveFront(problem, { ...reading, pool, algorithm, gridNumber });
    const labelled = labelledRows(source);
    if (!options.search) return { front, labelled };
    return { front, labelled, searched: await searchFront(problem, { ...reading, seed: options.seed }) };
  });
  const isStdout = output === undefined || output === "-";
  if (!isStdout || !json) await writePoints(fronts, options, format, io.signal);
  if (json && isStdout)
    printJson(io, summaryOf(fronts), "front", frontRows(await rowsOf(fronts, options, io.signal), "json"));
  else if (json) io.out(`${JSON.stringify({ ...summaryOf(fronts), output })}\n`);
  else if (output !== undefined) io.out(describe(fronts, output));
}

async function writePoints(
  fronts: Fronts,
  options: Options,
  format: TableFormat,
  signal: AbortSignal,
): Promise<void> {
  const rows = await rowsOf(fronts, options, signal);
  await writeOut(options.output, frontRows(rows, format), { signal });
}

async function rowsOf(
  { front, searched }: Fronts,
  { points }: Options,
  signal: AbortSignal,
): Promise<FrontTable> {
  return searched ? searchedTable(front, searched, points) : frontTable(front, points, signal);
}

function summaryOf({
  front: { queries, problem, algorithm, resolution, ...front },
  labelled,
  searched,
}: Fronts) {
  const shown = searched ?? front;
  return {
    queries,
    models: problem.models,
    labelledRows: labelled,
    points: shown.totalCost.length,
    algorithm,
    resolution,
    ...endsOf(shown),
    ...(searched && { supported: front.totalCost.length, isComplete: searched.isComplete }),
  };
}

function describe(fronts: Fronts, output: string): string {
  const { cheapest, mostAccurate, points, queries, models, labelledRows: rows } = summaryOf(fronts);
  const evidence = `${count(rows)} labelled ${rows === 1 ? "row" : "rows"}`;
  const sentence =
    `The ${count(queries)} queries can be answered for ${dollars(cheapest.totalCost)} with an expected accuracy of ` +
    `${percent(cheapest.expectedAccuracy)}, up to ${dollars(mostAccurate.totalCost)} with ` +
    `${percent(mostAccurate.expectedAccuracy)}, as predicted from ${evidence}.`;
  return (
    `\n${wrap([fewLabelsText(rows), sentence].filter((text) => text !== "").join(" "))}\n` +
    table([
      POINT_COLUMNS,
      pointRow("cheapest allocation", cheapest),
      pointRow("most accurate allocation", mostAccurate),
    ]) +
    `\n${models.length} models, ${count(points)} points\nfront written to ${output}\n`
  );
}
