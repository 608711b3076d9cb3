import { InputError } from "../errors.js";
import type { ReadOptions } from "../text/bytes.js";
import { CsvParser } from "../text/csv.js";
import { openText } from "../text/openText.js";
import { JsonWalker, type JsonPath } from "../text/json.js";
import { parseObject } from "../text/jsonl.js";
import { blocksOf, linesOf, withoutMark } from "../text/lines.js";
import { documentRows } from "./documentRows.js";
import { isParquetFile } from "./parquet/parquetFile.js";
import { parquetValues, Unreadable } from "./parquet/parquetRows.js";
import { fileName, shown } from "../text/shown.js";

/** One row of a file: its fields by name. */
export interface FileRecord {
  /** Where it begins, from 1; of Parquet and of a JSON document the row. */
  line: number;
  /** JSON values, or the texts of CSV cells. */
  record: Map<string, unknown>;
}

/**
 * The rows of a JSONL, CSV or Parquet file, of a JSON array or of an object with one array of rows ("-": standard input), text also as gzip, one after
 * another; the format is found from the content. Nothing is kept.
 *
 * @throws InputError as `blocksOf`, `parseObject`, `CsvParser`, `JsonWalker` and `openParquet` do.
 */
export async function* readRecords(path: string, options: ReadOptions = {}): AsyncGenerator<FileRecord> {
  if (path !== "-" && (await isParquetFile(path))) return yield* parquetRecords(path, options);
  const name = fileName(path);
  const { opening, chunks, close } = await openText(path, options);
  try {
    const path = documentRows(opening);
    if (path !== undefined) yield* elementRecords(chunks, name, path);
    else yield* lineRecords(chunks, name, opening.kind === "csv");
  } finally {
    await close();
  }
}

async function* lineRecords(
  chunks: AsyncIterable<Buffer>,
  name: string,
  isCsv: boolean,
): AsyncGenerator<FileRecord> {
  const csv = isCsv ? new CsvParser(name) : undefined;
  for await (const block of blocksOf(chunks, name))
    for (const [i, text] of linesOf(block).entries()) {
      const line = block.first + i;
      if (csv !== undefined) {
        const row = csv.push(text, line);
        const { header } = csv;
        if (row !== undefined && header !== undefined)
          yield { line: row.line, record: recordOf(header, row.cells) };
      } else {
        const row = parseObject(text, name, line);
        if (row !== undefined) yield { line, record: new Map(Object.entries(row)) };
      }
    }
  csv?.end();
}

function recordOf(header: readonly string[], cells: readonly string[]): Map<string, unknown> {
  const record = new Map<string, unknown>(header.map((column, c) => [column, cells[c]]));
  record.delete("");
  return record;
}

async function* elementRecords(
  chunks: AsyncIterable<Buffer>,
  name: string,
  path: JsonPath,
): AsyncGenerator<FileRecord> {
  const walker = new JsonWalker(name, [path]);
  let line = 0;
  for await (const chunk of withoutMark(chunks, name))
    for (const { value } of walker.push(chunk)) {
      line++;
      if (typeof value !== "object" || value === null || Array.isArray(value))
        throw new InputError(`${name}:${line}: ${shown(value)} is not an object`, { file: name, line });
      yield { line, record: new Map(Object.entries(value)) };
    }
  walker.end();
}

async function* parquetRecords(path: string, { signal }: ReadOptions): AsyncGenerator<FileRecord> {
  const { openParquet } = await import("./parquet/parquet.js");
  const table = await openParquet(path);
  try {
    let line = 0;
    for await (const values of parquetValues(table, { signal })) {
      const unreadable = values.find((value) => value instanceof Unreadable);
      if (unreadable) throw unreadable.error;
      yield { line: ++line, record: new Map(table.columns.map((name, c) => [name, values[c]])) };
    }
  } finally {
    await table.close();
  }
}
