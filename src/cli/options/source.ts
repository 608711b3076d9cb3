import type { Command } from "commander";
import { readPredictor } from "../../plan/savedPredictor.js";
import type { Predictor } from "../../predict/predictor.js";
import type { DatasetOptions } from "../../rows/reading.js";
import type { Dataset } from "../../types.js";
import { ROW_FILES } from "./common.js";
import { labelledReading, type LabelledOptions } from "./fitting.js";
import { checkVectorOptions, readRows, type VectorOptions } from "./vectors.js";

/** Where predictions come from. */
export interface SourceOptions extends VectorOptions {
  labels?: string;
  predictorFile?: string;
  featureColumns?: string[];
}

export function withSource(command: Command): Command {
  return command
    .option(
      "--labels <sample>",
      `labelled rows to fit a predictor to: query, <model>__score … (${ROW_FILES})`,
    )
    .option("--predictor-file <file>", "a predictor saved by `optllm fit`, in place of --labels");
}

export function checkSource(command: Command, options: SourceOptions): void {
  const { labels, predictorFile, featureColumns } = options;
  if ((labels === undefined) === (predictorFile === undefined)) {
    command.error("error: give one of --labels and --predictor-file");
  }
  if (predictorFile !== undefined && featureColumns !== undefined)
    command.error("error: --feature-columns needs --labels; a saved predictor has its own columns");
  checkVectorOptions(command, options);
}

/** The files that the options name as inputs. */
export function inputsOf({
  labels,
  predictorFile,
  vectors,
  labelVectors,
  prices,
}: SourceOptions & { prices?: string }): (string | undefined)[] {
  return [labels, predictorFile, vectors, labelVectors, prices];
}

/** The labelled sample, or the saved predictor. */
export function sourceOf(
  { labels, predictorFile, ...options }: SourceOptions & LabelledOptions,
  reading: DatasetOptions,
): Promise<Dataset | Predictor> {
  return predictorFile === undefined
    ? readRows(labels!, labelledReading(reading, options), options, options.labelVectors)
    : readPredictor(predictorFile);
}

/** The models of the saved predictor, if there is one. */
export async function modelsOf({ predictorFile }: SourceOptions): Promise<readonly string[]> {
  return predictorFile === undefined ? [] : (await readPredictor(predictorFile)).models;
}

/** Takes the feature columns of the saved predictor, if there is one. */
export async function settleColumns(options: SourceOptions): Promise<void> {
  if (options.predictorFile === undefined) return;
  options.featureColumns = [...(await readPredictor(options.predictorFile)).featureColumns];
}
