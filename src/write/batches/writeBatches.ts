import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import { version } from "../../package.js";
import { writeFolder } from "../folder.js";
import { fileNames } from "./fileNames.js";
import { GrowingFile } from "./growingFile.js";
import { PartWriter, shortCost, type Part, type PartForm, type PartRequest } from "./parts.js";
import type { Served, Vendor } from "./vendors.js";

/** One request, ready to be written. */
export interface PlannedRequest extends PartRequest {
  /** Index of its model. */
  model: number;
  /** Its id in the work, and the one it is sent under. */
  id: string;
  customId: string;
  /** File and line, for errors. */
  where: string;
}

/** The contents of a folder of batch files; written as manifest.json. */
export interface Manifest {
  tool: string;
  target: string;
  /** Of one file, by vendor. */
  limits: { [vendor in Vendor]?: { requests: number; bytes: number; tokens?: number } };
  requests: number;
  /** Dollars; null where a request has no known cost. */
  expectedCost: number | null;
  /** Requests of models that were not asked for. */
  leftOut: number;
  /** What was changed in the requests' bodies so that their models take them, and in how many. */
  changes: { change: string; requests: number }[];
  /** The file that lists the requests in the order of the work: id, customId, model, file. */
  index: string;
  /** In order of models, then of requests. `sentAs` is the vendor's name of the model. */
  files: BatchFile[];
}

/** A batch file, for one job of one vendor. */
export type BatchFile = Part & {
  vendor: Vendor;
  model: string;
  sentAs: string;
  /** Bedrock: the type that the job must have. */
  invocationType?: "InvokeModel" | "Converse";
};

/** One line of the index. */
export interface IndexEntry {
  id: string;
  customId: string;
  model: string;
  file: string;
}

/** Names of the files beside the batch files. */
export const MANIFEST = "manifest.json";
const INDEX = "requests.jsonl";

/** A model, where it is sent, and the form of its files. */
export interface BatchModel extends Served {
  model: string;
  form: PartForm;
  invocationType?: BatchFile["invocationType"];
}

export interface BatchesOptions {
  target: string;
  /** Undefined for one that gets no request. */
  models: readonly (BatchModel | undefined)[];
  /** Each vendor's files are in a folder of its own. */
  hasFolders: boolean;
  /** Read when the requests have ended. */
  leftOut: () => number;
  changes: () => [string, number][];
  signal?: AbortSignal;
}

/**
 * Writes requests to a new folder, a file for each model, split and numbered where a file is full, an index in the order
 * of the requests, and a manifest with counts, expected cost and SHA-256 of each file. Only a little text per model is in
 * memory at any time. The folder appears when it is complete.
 *
 * @throws InputError naming the path, or file and line of a request that is too large; what `requests` throws.
 */
export async function writeBatches(
  path: string,
  requests: AsyncIterable<PlannedRequest>,
  options: BatchesOptions,
): Promise<Manifest> {
  return writeFolder(path, (folder) => fill(folder, requests, options), { signal: options.signal });
}

async function fill(
  folder: string,
  requests: AsyncIterable<PlannedRequest>,
  options: BatchesOptions,
): Promise<Manifest> {
  const writers = await writersIn(folder, options);
  const index = await GrowingFile.begin(join(folder, INDEX));
  try {
    for await (const request of requests) {
      options.signal?.throwIfAborted();
      const { id, customId, model, where } = request;
      const file = await writers[model]!.add(request).catch((error: unknown) => {
        throw error instanceof InputError
          ? new InputError(`${where}: ${error.message}`, error.details)
          : error;
      });
      const entry: IndexEntry = { id, customId, model: options.models[model]!.model, file };
      await index.put(`${JSON.stringify(entry)}\n`);
    }
    for (const writer of writers) await writer?.close();
  } catch (error) {
    for (const writer of writers) await writer?.abandon();
    await index.abandon();
    throw error;
  }
  await index.close();
  const manifest = manifestOf(writers, options);
  await writeFile(join(folder, MANIFEST), `${JSON.stringify(manifest, null, 2)}\n`, { flag: "wx" });
  return manifest;
}

async function writersIn(
  folder: string,
  { models, hasFolders }: BatchesOptions,
): Promise<(PartWriter | undefined)[]> {
  const vendors = new Set(models.flatMap((one) => one?.vendor ?? []));
  if (hasFolders) for (const vendor of vendors) await mkdir(join(folder, vendor));
  const sent = models.map((one) => one?.name);
  // Two models of the plan, such as gpt-4o and gpt-4o@batch, may be one at the vendor.
  const names = fileNames(
    models.map((one, m) => {
      if (one === undefined) return `unused ${m}`;
      return sent.filter((name) => name === one.name).length === 1 ? one.name : `${one.name} ${one.model}`;
    }),
  );
  return models.map(
    (one, m) => one && new PartWriter(folder, hasFolders ? `${one.vendor}/${names[m]}` : names[m], one.form),
  );
}

function manifestOf(
  writers: readonly (PartWriter | undefined)[],
  { target, models, leftOut, changes }: BatchesOptions,
): Manifest {
  const limits: Manifest["limits"] = {};
  const files = writers.flatMap((writer, m): BatchFile[] => {
    if (writer === undefined) return [];
    const { vendor, name, model, form, invocationType } = models[m]!;
    const { maxRequests, maxBytes, maxTokens } = form;
    limits[vendor] = { requests: maxRequests, bytes: maxBytes, ...(maxTokens && { tokens: maxTokens }) };
    const about = { vendor, model, sentAs: name, ...(invocationType && { invocationType }) };
    return writer.parts.map((part) => ({ ...part, ...about }));
  });
  return {
    tool: `optllm ${version}`,
    target,
    limits,
    requests: files.reduce((total, part) => total + part.requests, 0),
    expectedCost: shortCost(files.reduce((total, { expectedCost }) => total + (expectedCost ?? NaN), 0)),
    leftOut: leftOut(),
    changes: changes().map(([change, requests]) => ({ change, requests })),
    index: INDEX,
    files,
  };
}
