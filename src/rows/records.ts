import { InputError } from "../errors.js";
import type { ReadOptions } from "../text/bytes.js";
import { CsvParser } from "../text/csv.js";
import { openText } from "../text/openText.js";
import { JsonWalker, type JsonPath } from "../text/json.js";
import { parseObject } from "../text/jsonl.js";
import { blocksOf, linesOf, throwBad, withoutMark } from "../text/lines.js";
import type { BadRows } from "./badRows.js";
import { documentRows } from "./documentRows.js";
import { isParquetFile } from "./parquet/parquetFile.js";
import { parquetValues, Unreadable } from "./parquet/parquetRows.js";
import { fileName, shown } from "../text/shown.js";

/** One row of a file: its fields by name. */
export interface FileRecord {
  /** Its number, from 1. Rows that were left out count. */
  row: number;
  /** Where it begins, from 1; of Parquet and of a JSON document the row. */
  line: number;
  /** JSON values, or the texts of CSV cells. */
  record: Map<string, unknown>;
}

/** How records are read. */
export interface RecordOptions extends ReadOptions {
  /** What happens to rows that cannot be read; default: they are refused. */
  bad?: BadRows;
}

/**
 * The rows of a JSONL, CSV or Parquet file, of a JSON array or of an object with one array of rows ("-": standard input), text also as gzip, one after
 * another; the format is found from the content. Nothing is kept.
 *
 * @throws InputError as `blocksOf`, `parseObject`, `CsvParser`, `JsonWalker` and `openParquet` do.
 */
export async function* readRecords(path: string, options: RecordOptions = {}): AsyncGenerator<FileRecord> {
  const { bad } = options;
  if (path !== "-" && (await isParquetFile(path))) return yield* parquetRecords(path, options);
  const name = fileName(path);
  const { opening, chunks, close } = await openText(path, options);
  try {
    const path = documentRows(opening);
    if (path !== undefined) yield* elementRecords(chunks, name, path, bad);
    else yield* lineRecords(chunks, name, opening.kind === "csv", bad);
  } finally {
    await close();
  }
}

async function* lineRecords(
  chunks: AsyncIterable<Buffer>,
  name: string,
  isCsv: boolean,
  bad: BadRows | undefined,
): AsyncGenerator<FileRecord> {
  const read = isCsv ? csvRecords(name) : jsonRecords(name);
  let row = 0;
  const guarded = <T>(run: () => T, line: number): T | undefined => {
    try {
      return run();
    } catch (error) {
      const lines = read.abandon(line);
      if (bad === undefined || lines === 0) throw error;
      bad.add(error, lines);
      row++;
      return undefined;
    }
  };
  let line = 0;
  for await (const block of blocksOf(chunks, name, bad !== undefined))
    for (const [i, text] of linesOf(block).entries()) {
      line = block.first + i;
      const found = guarded(() => {
        throwBad(block, line);
        return read.push(text, line);
      }, line);
      if (found !== undefined) yield { row: ++row, ...found };
    }
  guarded(() => read.end(), line);
}

/** Takes lines one after another and returns the record that ends with one. */
interface LineRecords {
  push(text: string, line: number): Omit<FileRecord, "row"> | undefined;
  end(): void;
  /** Gives up the record that ends with `line`; returns how many lines it has, 0 if the rest cannot be read without it. */
  abandon(line: number): number;
}

function jsonRecords(name: string): LineRecords {
  return {
    push(text, line) {
      const row = parseObject(text, name, line);
      return row && { line, record: new Map(Object.entries(row)) };
    },
    end: () => undefined,
    abandon: () => 1,
  };
}

function csvRecords(name: string): LineRecords {
  const csv = new CsvParser(name);
  return {
    push(text, line) {
      const row = csv.push(text, line);
      return row && { line: row.line, record: recordOf(csv.header as string[], row.cells) };
    },
    end: () => csv.end(),
    abandon: (line) => (csv.header === undefined ? 0 : csv.abandon(line)),
  };
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
  bad: BadRows | undefined,
): AsyncGenerator<FileRecord> {
  const walker = new JsonWalker(name, [path]);
  let row = 0;
  for await (const chunk of withoutMark(chunks, name))
    for (const { value } of walker.push(chunk)) {
      row++;
      if (typeof value === "object" && value !== null && !Array.isArray(value)) {
        yield { row, line: row, record: new Map(Object.entries(value)) };
        continue;
      }
      const problem = `${name}:${row}: ${shown(value)} is not an object`;
      const error = new InputError(problem, { file: name, line: row });
      if (bad === undefined) throw error;
      bad.add(error);
    }
  walker.end();
}

/** Fields of which one that cannot be read is an error to who asks for it. */
class ReadableFields extends Map<string, unknown> {
  override get(name: string): unknown {
    const value = super.get(name);
    if (value instanceof Unreadable) throw value.error;
    return value;
  }
}

async function* parquetRecords(path: string, { signal }: ReadOptions): AsyncGenerator<FileRecord> {
  const { openParquet } = await import("./parquet/parquet.js");
  const table = await openParquet(path);
  try {
    let row = 0;
    for await (const values of parquetValues(table, { signal })) {
      row++;
      yield { row, line: row, record: new ReadableFields(table.columns.map((name, c) => [name, values[c]])) };
    }
  } finally {
    await table.close();
  }
}
