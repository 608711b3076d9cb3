import { readFile, stat } from "node:fs/promises";
import { dirname, join } from "node:path";
import { InputError } from "../../errors.js";
import { readError } from "../../text/fileError.js";
import { parseObject } from "../../text/jsonl.js";
import { readLines } from "../../text/lines.js";
import { oneLine } from "../../text/shown.js";
import { MANIFEST, type IndexEntry, type Manifest } from "../batches/writeBatches.js";
import type { Vendor } from "../batches/vendors.js";

/** An export's requests, in the order of the work. */
export interface ExportedRequests {
  ids: string[];
  /** Index in `models` for each request. */
  model: Uint16Array;
  models: ExportedModel[];
  rowOf: ReadonlyMap<string, number>;
  /** Dollars; null if not known. */
  expectedCost: number | null;
}

/** A model of the plan and where its requests went. */
export interface ExportedModel {
  model: string;
  sentAs: string;
  vendor: Vendor;
}

/**
 * The requests of a folder that `export` wrote, named by the folder or its manifest.
 *
 * @throws InputError naming the file: it is missing, or no manifest or index of an export.
 */
export async function readExported(path: string, signal?: AbortSignal): Promise<ExportedRequests> {
  const { folder, manifest } = await readManifest(path);
  const models: ExportedModel[] = [];
  for (const { model, sentAs, vendor } of manifest.files)
    if (!models.some((one) => one.model === model)) models.push({ model, sentAs, vendor });
  const index = join(folder, manifest.index);
  const ids: string[] = [];
  const rowOf = new Map<string, number>();
  const model: number[] = [];
  for await (const { first, lines } of readLines(index, { signal }))
    for (const [i, text] of lines.entries()) {
      const entry = parseObject(text, oneLine(index), first + i) as Partial<IndexEntry> | undefined;
      if (entry === undefined) continue;
      const m = models.findIndex((one) => one.model === entry.model);
      const { id, customId } = entry;
      if (typeof id !== "string" || typeof customId !== "string" || m < 0 || rowOf.has(customId))
        throw new InputError(`${oneLine(index)}:${first + i}: not a request of the export`, { file: index });
      rowOf.set(customId, ids.length);
      ids.push(id);
      model.push(m);
    }
  const { expectedCost } = manifest;
  return { ids, model: Uint16Array.from(model), models, rowOf, expectedCost };
}

/**
 * The paths of an export's manifest, index and batch files; see `readExported`.
 */
export async function filesOf(path: string): Promise<string[]> {
  const { folder, manifest } = await readManifest(path);
  const files = manifest.files.map(({ file }) => file).filter((file) => typeof file === "string");
  return [MANIFEST, manifest.index, ...files].map((file) => join(folder, file));
}

async function readManifest(path: string): Promise<{ folder: string; manifest: Manifest }> {
  let file = path;
  let text: string;
  try {
    if ((await stat(path)).isDirectory()) file = join(path, MANIFEST);
    text = await readFile(file, "utf8");
  } catch (error) {
    throw readError(error, file);
  }
  const manifest = parsed(text);
  if (manifest === undefined || !Array.isArray(manifest.files) || typeof manifest.index !== "string")
    throw new InputError(
      `${oneLine(file)} is no manifest of batch files; expected the folder that export or solve --export wrote`,
      { file },
    );
  return { folder: dirname(file), manifest };
}

function parsed(text: string): Manifest | undefined {
  try {
    return (JSON.parse(text) as Manifest | null) ?? undefined;
  } catch {
    return undefined;
  }
}
