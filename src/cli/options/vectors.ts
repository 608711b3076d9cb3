import type { Command } from "commander";
import { embedTexts } from "../../embed/embeddings.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { readVectorRows, vectorConflict } from "../../rows/vectors.js";
import type { Dataset } from "../../types.js";

/** Vectors that predictors use in place of the queries' texts, or beside them. */
export interface VectorOptions {
  vectors?: string;
  vectorsAdd?: boolean;
  labelVectors?: string;
  vectorColumns?: string;
  embed?: string;
  embedModel?: string;
  embedCache?: string;
}

/** `rows`: the file that the rows of --vectors belong to. */
export function withVectors(command: Command, rows: string, hasSample = false): Command {
  command.option(
    "--vectors <file>",
    `predict from vectors instead of texts: a .npy file with one row for each row of ${rows}`,
  );
  if (hasSample) command.option("--label-vectors <file>", "the same for the labelled rows");
  return command
    .option(
      "--vector-columns <prefix>",
      "predict from the numeric columns whose names begin with this prefix",
    )
    .option(
      "--embed <url>",
      "predict from embeddings of the texts, requested from this OpenAI-compatible /v1/embeddings address",
    )
    .option(
      "--embed-model <name>",
      "embedding model to request; the API key is read from OPTLLM_EMBEDDINGS_KEY",
    )
    .option("--embed-cache <folder>", "keep embeddings in this folder, so that no text is paid for twice")
    .option(
      "--vectors-add",
      "predict from the texts and the vectors, as far as vectors help on held-out rows (default: in place of the texts)",
    )
    .addHelpText(
      "after",
      "\nVectors: give one of --vectors, --vector-columns and --embed. Only --embed uses the network: it sends the" +
        "\ntexts of the queries to that address.",
    );
}

interface Sources extends VectorOptions {
  labels?: string;
  where?: readonly unknown[];
  skipBadRows?: boolean;
}

/** Refuses options that do not go together. */
export function checkVectorOptions(command: Command, options: Sources): void {
  const { embed, embedModel, embedCache } = options;
  const fail = (problem: string): void => command.error(`error: ${problem}`);
  if ((embed === undefined) !== (embedModel === undefined)) fail("give --embed and --embed-model together");
  if (embedCache !== undefined && embed === undefined) fail("--embed-cache needs --embed");
  const conflict = vectorConflict(options);
  if (conflict !== undefined) fail(conflict);
}

interface RowOptions extends VectorOptions {
  featureColumns?: readonly string[];
}

/** Reads rows with the feature columns, and their vectors if the options ask for them. `npy`: the file of --vectors. */
export async function readRows(
  path: string,
  reading: DatasetOptions,
  { vectorsAdd, vectorColumns, embed, embedModel, embedCache, featureColumns }: RowOptions,
  npy?: string,
): Promise<Dataset> {
  const needsTexts = embed !== undefined || reading.needsTexts;
  const choice = { vectorsAdd, vectorColumns, featureColumns };
  const dataset = await readVectorRows(path, { ...reading, needsTexts }, choice, npy);
  if (embed === undefined) return dataset;
  const { columns, value } = await embedTexts(dataset.queries, {
    url: embed,
    model: embedModel!,
    cacheFolder: embedCache,
    signal: reading.signal,
    onProgress: reading.onProgress,
  });
  return { ...dataset, vectors: { columns, value, beside: vectorsAdd } };
}
