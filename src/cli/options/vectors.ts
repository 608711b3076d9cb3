import type { Command } from "commander";
import { embedTexts } from "../../embed/embeddings.js";
import { InputError } from "../../errors.js";
import { readDataset } from "../../rows/dataset.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { readNpy } from "../../rows/npy.js";
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
  const { vectors, labelVectors, vectorsAdd, vectorColumns, embed, embedModel, embedCache } = options;
  const { labels, where = [] } = options;
  const fail = (problem: string): void => command.error(`error: ${problem}`);
  if ([vectors ?? labelVectors, vectorColumns, embed].filter((one) => one !== undefined).length > 1)
    fail("give at most one of --vectors, --vector-columns and --embed");
  if ((embed === undefined) !== (embedModel === undefined)) fail("give --embed and --embed-model together");
  if (vectorsAdd && (vectors ?? labelVectors ?? vectorColumns ?? embed) === undefined)
    fail("--vectors-add needs --vectors, --vector-columns or --embed");
  if (embedCache !== undefined && embed === undefined) fail("--embed-cache needs --embed");
  if (labelVectors !== undefined && labels === undefined) fail("--label-vectors needs --labels");
  if (labels !== undefined && (vectors === undefined) !== (labelVectors === undefined))
    fail("give --vectors and --label-vectors together: both files need vectors");
  const leavesOut = where.length > 0 ? "--where" : options.skipBadRows ? "--skip-bad-rows" : undefined;
  if (vectors !== undefined && leavesOut !== undefined)
    fail(`${leavesOut} leaves rows out, so the rows of --vectors would not match; use --vector-columns`);
}

interface RowOptions extends VectorOptions {
  featureColumns?: readonly string[];
}

/** Reads rows with the feature columns, and their vectors if the options ask for them. `npy`: the file of --vectors. */
export async function readRows(
  path: string,
  reading: DatasetOptions,
  { vectorsAdd: beside, vectorColumns, embed, embedModel, embedCache, featureColumns = [] }: RowOptions,
  npy?: string,
): Promise<Dataset> {
  const hasVectors = !beside && (npy !== undefined || vectorColumns !== undefined);
  const needsTexts = embed !== undefined || (reading.needsTexts === true && !hasVectors);
  const others = reading.columns ?? [];
  const dataset = await readDataset(path, {
    ...reading,
    columns: others === "all" ? others : [...new Set([...others, ...featureColumns])],
    needsTexts,
    vectorPrefix: vectorColumns,
  });
  if (vectorColumns !== undefined && dataset.vectors === undefined)
    throw new InputError(
      `--vector-columns cannot read ${path}: it is in another tool's format; expected native rows`,
    );
  const found = dataset.vectors;
  if (npy !== undefined)
    return { ...dataset, vectors: { ...(await npyVectors(npy, path, dataset.ids.length)), beside } };
  if (embed === undefined) return found ? { ...dataset, vectors: { ...found, beside } } : dataset;
  const { columns, value } = await embedTexts(dataset.queries, {
    url: embed,
    model: embedModel!,
    cacheFolder: embedCache,
    signal: reading.signal,
    onProgress: reading.onProgress,
  });
  return { ...dataset, vectors: { columns, value, beside } };
}

async function npyVectors(npy: string, path: string, queries: number) {
  const { rows, columns, value } = await readNpy(npy);
  if (rows !== queries) {
    throw new InputError(`${npy} has ${rows} rows, ${path} has ${queries}; expected a vector for each row`, {
      file: npy,
      rows,
      queries,
    });
  }
  return { columns, value };
}
