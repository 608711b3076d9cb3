import { Option, type Command } from "commander";
import { PREDICTORS, type PredictorChoice } from "../../predict/fit.js";
import { oneLine } from "../../text/shown.js";
import type { DatasetOptions } from "../../rows/reading.js";
import type { Condition } from "../../rows/where.js";
import type { Io } from "../io.js";
import { columnNames, condition, finiteNumber, nameTexts, wholeNumber } from "../parse.js";
import type { Progress } from "../progress.js";
import { scoresOf, withScores, type ScoreOptions } from "./scores.js";
import { seedOption, threadsOption, withCommon, type CommonOptions } from "./common.js";

/** Options of commands that fit predictors. */
export interface FittingOptions extends CommonOptions, ScoreOptions {
  models?: string[];
  where: Condition[];
  queryColumn?: string;
  skipBadRows?: boolean;
  /** Where given, nothing is fitted to texts. */
  predictorFile?: string;
  predictor: PredictorChoice;
  seed: number;
  replicates?: number;
  alpha?: number;
  featureColumns?: string[];
  threads?: number;
}

export function modelsOption(): Option {
  return new Option(
    "--models <names>",
    "only these models, separated by commas; a name that holds a comma alone or in double quotes (may be repeated)",
  ).argParser(nameTexts);
}

/** `rows`: the rows that are filtered, where there are several files. */
export function whereOption(rows = "rows"): Option {
  return new Option(
    "--where <condition>",
    `read only ${rows} that meet this condition, such as task=math or weight>=2 (may be repeated)`,
  )
    .argParser(condition)
    .default([], "all rows");
}

export function queryColumnOption(): Option {
  return new Option(
    "--query-column <name>",
    "column that holds the texts (default: query, or the one named prompt, question, input, text, messages …)",
  );
}

/** `what`: what cannot be read. */
export function skipBadRowsOption(what = "rows"): Option {
  return new Option(
    "--skip-bad-rows",
    `leave out and count ${what} that cannot be read (default: refuse the file); more than 5 % of them are refused even so`,
  );
}

/** `rows`: as `whereOption` takes them. */
export function withFitting(command: Command, rows?: string): Command {
  return withScores(withCommon(command).addOption(modelsOption()).addOption(whereOption(rows)))
    .addOption(queryColumnOption())
    .addOption(skipBadRowsOption())
    .addOption(
      new Option("--predictor <kind>", "method that predicts the success probabilities")
        .choices([...PREDICTORS])
        .default("auto"),
    )
    .option(
      "--feature-columns <names>",
      "columns that tell kinds of queries apart, such as task,tenant: predict from them too, where that helps on held-out rows",
      columnNames,
    )
    .addOption(seedOption())
    .option(
      "--replicates <n>",
      "number of bootstrap replicates to average (default: 0, or 50 with --alpha)",
      wholeNumber(0, 1000),
    )
    .option(
      "--alpha <x>",
      "add this many standard deviations to each prediction (negative = cautious)",
      finiteNumber,
    )
    .addOption(threadsOption());
}

const REPLICATES = 50;

/** How predictors are fitted. */
export function fittingOf({ predictor, seed, alpha, replicates, featureColumns }: FittingOptions) {
  return {
    predictor,
    featureColumns,
    seed,
    alpha,
    replicates: replicates ?? (alpha === undefined ? 0 : REPLICATES),
  };
}

/** How commands that fit predictors read their files. */
export function readingOf(options: FittingOptions, io: Io, progress: Progress): DatasetOptions {
  const { models, queryColumn, skipBadRows, predictor, predictorFile } = options;
  const needsTexts = predictor !== "base-rate" && predictorFile === undefined;
  return {
    models,
    queryColumn,
    skipBadRows,
    needsTexts,
    signal: io.signal,
    onProgress: progress.update,
    onNote: (text) => note(progress, text),
  };
}

/** Options that say how labelled rows are read. */
export type LabelledOptions = Pick<FittingOptions, "featureColumns" | "predictor"> & ScoreOptions;

/** The same for labelled rows. */
export function labelledReading(reading: DatasetOptions, options: LabelledOptions): DatasetOptions {
  const { featureColumns, predictor } = options;
  const suggestsColumns = featureColumns === undefined && predictor !== "base-rate";
  return { ...reading, score: scoresOf(options), suggestsColumns };
}

/** Shows a note on stderr. */
export function note(progress: Progress, text: string): void {
  progress.note(`note: ${oneLine(text)}`);
}
