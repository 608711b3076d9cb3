import { resolve, sep } from "node:path";
import { CsvParser, pointNote, type CsvRecord } from "../../text/csv.js";
import { parseObject } from "../../text/jsonl.js";
import { JsonWalker, notAnObject, type JsonPath } from "../../text/json.js";
import { readBytes } from "../../text/bytes.js";
import { blocksOf, linesOf, throwBad, withoutMark } from "../../text/lines.js";
import { fileName } from "../../text/shown.js";
import { Unreadable } from "../parquet/parquetRows.js";
import type { Format } from "./format.js";
import type { Row } from "./values.js";
import type { Observations } from "./observations.js";

/** Hands the objects of a JSONL file to a format, one a line. */
export async function readJsonLines(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  format: Format,
  sink: Observations,
): Promise<void> {
  const { name } = file;
  const context = { path: folders(file.path), around: {} };
  for await (const block of blocksOf(chunks, name, true))
    for (const [i, text] of linesOf(block).entries()) {
      const line = block.first + i;
      let row: Row | undefined;
      try {
        throwBad(block, line);
        row = parseObject(text, name, line);
      } catch (error) {
        sink.skipRow(error);
      }
      if (row) sink.take(row, `${name}:${line}`, () => format.read(row, sink, context));
    }
}

/** Hands the rows of a CSV file to a format; cells are texts. */
export async function readCsvLines(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  format: Format,
  sink: Observations,
): Promise<void> {
  const { name } = file;
  const context = { path: folders(file.path), around: {} };
  const parser = new CsvParser(name, (what) => sink.note(what), format.repeatsColumns);
  let line = 0;
  const skip = (error: unknown): void => {
    if (parser.header === undefined) throw error;
    sink.skipRow(error, parser.abandon(line));
  };
  for await (const block of blocksOf(chunks, name, true))
    for (const [i, text] of linesOf(block).entries()) {
      line = block.first + i;
      let record: CsvRecord | undefined;
      try {
        throwBad(block, line);
        record = parser.push(text, line);
      } catch (error) {
        skip(error);
      }
      if (!record) continue;
      for (const cell of parser.delimiter === ";" ? record.cells : []) {
        const note = pointNote(cell, parser.delimiter);
        if (note !== undefined) sink.note(note);
      }
      const row = rowOf(parser.header as string[], record.cells);
      sink.take(row, `${name}:${record.line}`, () => format.read(row, sink, context));
    }
  try {
    parser.end();
  } catch (error) {
    skip(error);
  }
}

/** Hands the rows of a JSON document to a format. `rows`: where they may be; default: where the format has them. */
export async function readJsonDocument(
  chunks: AsyncIterable<Buffer>,
  file: { path: string; name: string },
  format: Format,
  sink: Observations,
  rows: readonly JsonPath[] = format.rows ?? [],
): Promise<void> {
  const { name } = file;
  const around = Object.create(null) as Row;
  const context = { path: folders(file.path), around };
  const keys = rows === format.rows ? (format.around ?? []) : [];
  const walker = new JsonWalker(name, [...keys.map((key) => [key]), ...rows]);
  let count = 0;
  for await (const chunk of withoutMark(chunks, name))
    for (const { path, at, value } of walker.push(chunk)) {
      if (path < keys.length) {
        around[keys[path]] = value;
        continue;
      }
      count++;
      const row = value as Row;
      if (typeof value !== "object" || value === null || Array.isArray(value))
        sink.skipRow(notAnObject(name, at, value));
      else sink.take(row, `${name}, byte ${at}`, () => format.read(row, sink, context));
    }
  walker.end();
  if (count === 0 && rows === format.rows) sink.skipFile(`file without ${format.rows?.[0].at(-2) ?? "rows"}`);
}

/** The values `around` the rows of a document, of which nothing else is read. */
export async function aroundOf(path: string, { around = [] }: Format, signal?: AbortSignal): Promise<Row> {
  const name = fileName(path);
  const found = Object.create(null) as Row;
  const walker = new JsonWalker(
    name,
    around.map((key) => [key]),
  );
  for await (const chunk of withoutMark(readBytes(path, { signal }), name)) {
    for (const part of walker.push(chunk)) found[around[part.path]] = part.value;
    if (around.every((key) => key in found)) break;
  }
  return found;
}

/** A row without prototype: its keys are data; a column without a name is none. A copy of each cell, for a slice would keep its whole block alive. */
export function rowOf(columns: readonly string[], values: ArrayLike<unknown>): Row {
  const row = Object.create(null) as Row;
  for (let i = 0; i < columns.length; i++) {
    const value = values[i];
    if (columns[i] === "") continue;
    if (value instanceof Unreadable) defineUnreadable(row, columns[i], value);
    else
      row[columns[i]] =
        typeof value === "string" && value.length >= 13 ? Buffer.from(value).toString() : value;
  }
  return row;
}

/** The error of a column is that of the first who needs a value of it. */
function defineUnreadable(row: Row, column: string, { error }: Unreadable): void {
  Object.defineProperty(row, column, {
    enumerable: true,
    get: () => {
      throw error;
    },
  });
}

/** Folders above a file, its own name last. */
export function folders(path: string): string[] {
  return path === "-" ? [] : resolve(path).split(sep);
}
