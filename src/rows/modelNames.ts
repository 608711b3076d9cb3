import { stat } from "node:fs/promises";
import { InputError } from "../errors.js";
import { openText } from "../text/openText.js";
import { importDataset } from "./dataset.js";
import { formatLike } from "./formats/formats.js";
import { isParquetFile } from "./parquet/parquetFile.js";

const COLUMN = /^(.+)__(?:score|cost|input_tokens|output_tokens)$/s;

/** The models that the beginning of a file of native rows names: its columns, or the keys of its first row. */
export async function modelsAtBeginning(path: string): Promise<string[]> {
  if (!(await canBeReadTwice(path))) return [];
  const names = [...(await columnsOf(path))].flatMap((column) => COLUMN.exec(column)?.[1] ?? []);
  return [...new Set(names)];
}

/** The models of a file, read whole; none where it cannot be read, which the reader that follows tells. */
export async function modelsIn(path: string, signal?: AbortSignal): Promise<string[]> {
  if (!(await canBeReadTwice(path))) return [];
  try {
    const format = formatLike(await columnsOf(path));
    const { dataset } = await importDataset(path, {
      signal,
      ...(format === undefined && { blankCosts: true }),
    });
    return dataset.models;
  } catch (error) {
    if (error instanceof InputError) return [];
    throw error;
  }
}

/** What standard input, a pipe or a device has given is lost to the reader that follows. */
async function canBeReadTwice(path: string): Promise<boolean> {
  const found = path === "-" ? undefined : await stat(path).catch(() => undefined);
  return found !== undefined && (found.isFile() || found.isDirectory());
}

async function columnsOf(path: string): Promise<ReadonlySet<string>> {
  try {
    if (await isParquetFile(path)) {
      const { openParquet } = await import("./parquet/parquet.js");
      const table = await openParquet(path);
      await table.close();
      return new Set(table.columns);
    }
    const { opening, close } = await openText(path, {});
    await close();
    return opening.keys;
  } catch (error) {
    if (error instanceof InputError) return new Set();
    throw error;
  }
}
