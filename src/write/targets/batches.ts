import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../../errors.js";
import { version } from "../../package.js";
import { fileNames } from "./fileNames.js";
import { writeFolder } from "../folder.js";
import { PartWriter, shortCost, type Part, type PartForm } from "./parts.js";

/** One request, ready to be written. */
export interface PlannedRequest {
  /** Index of its model. */
  model: number;
  text: string;
  /** Dollars; NaN if not known. */
  cost: number;
  /** File and line, for errors. */
  where: string;
}

/** The contents of a folder of batch files; written as manifest.json. */
export interface Manifest {
  tool: string;
  target: string;
  limits: { requests: number; bytes: number };
  requests: number;
  /** Dollars; null where a request has no known cost. */
  expectedCost: number | null;
  /** Requests of models that were not asked for. */
  leftOut: number;
  /** In order of models, then of requests. `sentAs` is the model's name in the requests. */
  files: (Part & { model: string; sentAs: string })[];
}

export interface BatchesOptions {
  target: string;
  form: PartForm;
  models: readonly string[];
  /** For each model its name in the requests. */
  sentAs: readonly string[];
  /** Read when the requests have ended. */
  leftOut: () => number;
  signal?: AbortSignal;
}

/**
 * Writes requests to a new folder, a file for each model, split and numbered where a file is full, and a manifest with
 * counts, expected cost and SHA-256 of each file. Only a little text per model is in memory at any time. The folder appears
 * when it is complete.
 *
 * @throws InputError naming the path, or file and line of a request that is too large; what `requests` throws.
 */
export async function writeBatches(
  path: string,
  requests: AsyncIterable<PlannedRequest>,
  options: BatchesOptions,
): Promise<Manifest> {
  const { target, form, models, sentAs, signal } = options;
  const names = fileNames(models);
  const fill = async (folder: string): Promise<Manifest> => {
    const writers = names.map((name) => new PartWriter(folder, name, form));
    try {
      for await (const { model, text, cost, where } of requests) {
        signal?.throwIfAborted();
        await writers[model].add(text, cost).catch((error: unknown) => {
          throw error instanceof InputError
            ? new InputError(`${where}: ${error.message}`, error.details)
            : error;
        });
      }
      for (const writer of writers) await writer.close();
    } finally {
      for (const writer of writers) await writer.abandon();
    }
    const files = writers.flatMap(({ parts }, m) =>
      parts.map((part) => ({ ...part, model: models[m], sentAs: sentAs[m] })),
    );
    const sum = files.reduce((total, { expectedCost }) => total + (expectedCost ?? NaN), 0);
    const manifest: Manifest = {
      tool: `optllm ${version}`,
      target,
      limits: { requests: form.maxRequests, bytes: form.maxBytes },
      requests: files.reduce((total, part) => total + part.requests, 0),
      expectedCost: shortCost(sum),
      leftOut: options.leftOut(),
      files,
    };
    await writeFile(join(folder, "manifest.json"), `${JSON.stringify(manifest, null, 2)}\n`, { flag: "wx" });
    return manifest;
  };
  return writeFolder(path, fill, { signal });
}
