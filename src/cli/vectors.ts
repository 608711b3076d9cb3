import type { Command } from "commander";
import { embedTexts } from "../embed/embeddings.js";
import { InputError } from "../errors.js";
import { readDataset, type DatasetOptions } from "../rows/dataset.js";
import { readNpy } from "../rows/npy.js";
import type { Dataset } from "../types.js";

/** Vectors that take the place of the queries' texts. */
export interface VectorOptions {
  vectors?: string;
  labelVectors?: string;
  vectorColumns?: string;
  embed?: string;
  embedModel?: string;
  embedCache?: string;
}

/** `rows`: the file that the rows of --vectors belong to. */
export function withVectors(command: Command, rows: string, hasSample = false): Command {
  command.option("--vectors <file>", `predict from vectors, not texts: .npy, row i for row i of ${rows}`);
  if (hasSample) command.option("--label-vectors <file>", "the same for the labelled rows");
  return command
    .option("--vector-columns <prefix>", "predict from the numeric columns whose names begin so")
    .option("--embed <url>", "predict from vectors that this OpenAI-compatible /v1/embeddings address gives")
    .option("--embed-model <name>", "the model to ask there; a key is read from OPTLLM_EMBEDDINGS_KEY")
    .option("--embed-cache <folder>", "keep its answers there, so that none is paid twice")
    .addHelpText(
      "after",
      "\nVectors: give one of --vectors, --vector-columns and --embed. Only --embed uses the network: it sends the" +
        "\nqueries' texts to that address.",
    );
}

interface Sources extends VectorOptions {
  labels?: string;
  where?: readonly unknown[];
}

/** Refuses options that do not go together. */
export function checkVectorOptions(command: Command, options: Sources): void {
  const { vectors, labelVectors, vectorColumns, embed, embedModel, embedCache, labels, where } = options;
  const fail = (problem: string): void => command.error(`error: ${problem}`);
  if ([vectors ?? labelVectors, vectorColumns, embed].filter((one) => one !== undefined).length > 1)
    fail("give at most one of --vectors, --vector-columns and --embed");
  if ((embed === undefined) !== (embedModel === undefined)) fail("give --embed and --embed-model together");
  if (embedCache !== undefined && embed === undefined) fail("--embed-cache needs --embed");
  if (labelVectors !== undefined && labels === undefined) fail("--label-vectors needs --labels");
  if (labels !== undefined && (vectors === undefined) !== (labelVectors === undefined))
    fail("give --vectors and --label-vectors together: both files need vectors");
  if (vectors !== undefined && (where?.length ?? 0) > 0)
    fail("--where leaves rows out, so that the rows of --vectors do not match; use --vector-columns");
}

/** Reads rows, with their vectors where such are asked for. `npy`: the file that has them. */
export async function readRows(
  path: string,
  reading: DatasetOptions,
  { vectorColumns, embed, embedModel, embedCache }: VectorOptions,
  npy?: string,
): Promise<Dataset> {
  const dataset = await readDataset(path, { ...reading, vectorPrefix: vectorColumns });
  if (vectorColumns !== undefined && dataset.vectors === undefined)
    throw new InputError(
      `${path} is in a format of which --vector-columns reads nothing; expected native rows`,
    );
  if (npy !== undefined) return { ...dataset, vectors: await npyVectors(npy, path, dataset.ids.length) };
  if (embed === undefined) return dataset;
  const { columns, value } = await embedTexts(dataset.queries, {
    url: embed,
    model: embedModel!,
    cacheFolder: embedCache,
    signal: reading.signal,
    onProgress: reading.onProgress,
  });
  return { ...dataset, vectors: { columns, value } };
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
