import type { Dataset, OnProgress } from "../types.js";
import { DatasetBuilder } from "./builder.js";
import { readBlocks } from "./lines.js";
import { rowReader, type RowReader } from "./rows.js";
import { fileName } from "./shown.js";

export interface DatasetOptions {
  /** Only these models, in this order; default: all, in order of first appearance. */
  models?: string[];
  /** Ends the reading; its reason is thrown. */
  signal?: AbortSignal;
  /** Phase "read"; done and total in bytes of the file (packed ones of a gzip file). */
  onProgress?: OnProgress;
  /** Refuse rows without text in `query`; default false: a missing text is "". */
  requireText?: boolean;
}

/**
 * Reads native rows from a CSV or JSONL file ("-": standard input), gzip or not; the first character tells which.
 *
 * Columns: `id` (unique; without the column rows are named "1", "2", …), `query` (text), and for each model
 * `<model>__score` (0 … 1, true or false; blank: not labelled, NaN) and `<model>__cost` (dollars ≥ 0; blank or inf:
 * must not answer, `Infinity`). A model's name is what stands before the last `__`. Other columns are ignored.
 * A file without any cost column is a labelled sample: every cost is `Infinity`. The matrices lie in shared memory.
 *
 * @throws InputError naming file, line, column and value: an unreadable file, a malformed row, a value outside its
 * range, a repeated or blank id, a row that no model may answer, no rows, no model columns or more than 255 models.
 */
export async function readDataset(path: string, options: DatasetOptions = {}): Promise<Dataset> {
  const { signal, onProgress } = options;
  const name = fileName(path);
  const builder = new DatasetBuilder(name, options);
  const onBytes = (done: number, total: number): void => {
    if (total > 0) builder.share = done / total;
    onProgress?.({ phase: "read", done, total });
  };
  let rows: RowReader | undefined;
  for await (const block of readBlocks(path, { signal, onBytes })) {
    rows ??= rowReader(block, name, builder);
    rows?.push(block);
  }
  rows?.end();
  return builder.finish();
}
