import type { Command } from "commander";
import { checkOutput, outputFormat, writeOut } from "../write/file.js";
import { countShares } from "../solve/trace.js";
import { type Front, type SolveOptions, solveFront } from "../solve/front.js";
import { frontRows } from "../write/front.js";
import { predictProblem } from "../plan/predictProblem.js";
import { checkSearchable, searchFront, type SearchedFront } from "../solve/search.js";
import type { TableFormat } from "../write/table.js";
import { thin } from "../backtest/thin.js";
import {
  checkSource,
  learningOf,
  readingOf,
  running,
  sourceOf,
  withAlgorithm,
  withLearning,
  withSource,
  type AlgorithmOptions,
  type LearningOptions,
  type SourceOptions,
} from "./common.js";
import type { Io } from "./io.js";
import { wholeNumber } from "./parse.js";
import { endsOf } from "../report/frontFigures.js";
import { POINT_COLUMNS, pointRow } from "../report/terminal/points.js";
import { count } from "../report/format.js";
import { table } from "../report/terminal/table.js";
import { oneLine as plain } from "../text/shown.js";
import { readRows, withVectors } from "./vectors.js";

const FORMATS: TableFormat[] = ["jsonl", "csv", "json"];

interface Options extends LearningOptions, SourceOptions, AlgorithmOptions {
  output?: string;
  points: number;
  search?: boolean;
}

export function addFront(program: Command, io: Io): void {
  const command = program
    .command("front")
    .description("compute the whole front: every cost and the accuracy it buys")
    .argument("<work>", "rows to allocate, JSONL or CSV, plain or gzip: id, query, <model>__cost …");
  withSource(command)
    .option("-o, --output <file>", "the points: .jsonl, .csv or .json, also .gz (default: stdout)")
    .option("--points <n>", "at most so many, evenly spaced along the front", wholeNumber(1, 1e8), 1000)
    .option("--search", "points between the supported ones as well (at most 2,048 queries)");
  withVectors(withAlgorithm(withLearning(command)), "the work", true)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm simulate --queries 2000 --models 6 --labelled 10% --labels sample.jsonl -o work.jsonl" +
        "\n  $ optllm front work.jsonl --labels sample.jsonl -o front.csv",
    )
    .action(async (work: string, options: Options) => {
      checkSource(command, options);
      const { front, searched } = await running(io, options, async (progress, pool) => {
        outputFormat(options.output, FORMATS);
        await checkOutput(options.output);
        const { algorithm, gridNumber, where } = options;
        const reading = readingOf(options, io, progress);
        const rows = await readRows(work, { ...reading, where, blankCosts: true }, options, options.vectors);
        if (options.search) checkSearchable(rows.ids.length);
        const { problem, notes } = await predictProblem(rows, await sourceOf(options, reading), {
          ...reading,
          ...learningOf(options),
          pool,
        });
        notes.forEach((note) => progress.note(`note: ${plain(note)}`));
        const front = await solveFront(problem, { ...reading, pool, algorithm, gridNumber });
        const searched = options.search
          ? await searchFront(problem, { ...reading, seed: options.seed })
          : undefined;
        if (!(options.json && options.output === undefined)) {
          progress.clear();
          if (searched === undefined) await writeFront(front, options.output, options.points, reading);
          else await writeSearched(front, searched, options.output, options.points, reading);
        }
        return { front, searched };
      });
      if (options.json) io.out(`${JSON.stringify(summaryOf(front, searched))}\n`);
      else if (options.output !== undefined) io.out(describe(front, options.output, searched));
    });
}

/** Writes at most `most` points of a front with the models' shares. */
export async function writeFront(
  front: Front,
  output: string | undefined,
  most: number,
  options: Pick<SolveOptions, "signal">,
): Promise<void> {
  const points = thin(front.totalCost.length, most);
  const counts = await countShares(front, points, { signal: options.signal });
  await writePoints(front, front, points, counts, output, options);
}

/** As `writeFront`, of a searched front; points that are not supported have no price. */
async function writeSearched(
  front: Front,
  searched: SearchedFront,
  output: string | undefined,
  most: number,
  options: Pick<SolveOptions, "signal">,
): Promise<void> {
  const points = thin(searched.totalCost.length, most);
  const models = front.problem.models.length;
  const counts = new Float64Array(points.length * models);
  points.forEach((k, row) => {
    for (const model of searched.allocationAt(k)) counts[row * models + model]++;
  });
  await writePoints(front, searched, points, counts, output, options);
}

/** `counts`: points × models, the queries that each answers there. */
async function writePoints(
  { problem: { models }, queries }: Front,
  { totalCost, expectedAccuracy, lambda }: Front | SearchedFront,
  points: Uint32Array,
  counts: Float64Array,
  output: string | undefined,
  options: Pick<SolveOptions, "signal">,
): Promise<void> {
  const pick = (values: Float64Array) => Float64Array.from(points, (k) => values[k]);
  const table = {
    models,
    cost: pick(totalCost),
    accuracy: pick(expectedAccuracy),
    lambda: pick(lambda),
    shares: counts.map((count) => count / queries),
  };
  await writeOut(output, frontRows(table, outputFormat(output, FORMATS)), options);
}

function summaryOf({ queries, problem, algorithm, resolution, ...front }: Front, searched?: SearchedFront) {
  const shown = searched ?? front;
  return {
    queries,
    models: problem.models,
    points: shown.totalCost.length,
    algorithm,
    resolution,
    ...endsOf(shown),
    ...(searched && { supported: front.totalCost.length, isComplete: searched.isComplete }),
  };
}

function describe(front: Front, output: string, searched?: SearchedFront): string {
  const { cheapest, mostAccurate, points, queries, models } = summaryOf(front, searched);
  return (
    `\n${count(queries)} queries, ${models.length} models, ${count(points)} points\n\n` +
    table([
      POINT_COLUMNS,
      pointRow("cheapest allocation", cheapest),
      pointRow("most accurate allocation", mostAccurate),
    ]) +
    `\nfront written to ${output}\n`
  );
}
