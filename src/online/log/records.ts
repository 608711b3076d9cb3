import { InputError } from "../../errors.js";
import { isParquetFile } from "../../rows/parquet/parquetFile.js";
import { parseObject } from "../../text/jsonl.js";
import { readLines } from "../../text/lines.js";
import { fileName, shown } from "../../text/shown.js";
import { LOG_NOTE, LOG_VERSION, wrongField, type LogRecord } from "./record.js";
import { columnsRead, recordAt } from "./table.js";

/** How a decision log is read. */
export interface ReadLogOptions {
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
}

/** A record, and its line or row in its file, from 1. */
export interface Placed {
  record: LogRecord;
  line: number;
}

/** Rows of a Parquet file that are read at a time. */
const ROWS = 1_024;

/**
 * The records of one file of a decision log, JSON lines or Parquet, checked. Returns whether its last line was cut.
 *
 * @throws InputError naming file and line.
 */
export async function* recordsOf(file: string, options: ReadLogOptions): AsyncGenerator<Placed[], boolean> {
  if (file !== "-" && (await isParquetFile(file))) {
    yield* rowsOf(file, options);
    return false;
  }
  return yield* linesOf(file, options);
}

async function* linesOf(file: string, options: ReadLogOptions): AsyncGenerator<Placed[], boolean> {
  const name = fileName(file);
  let isFirst = true;
  // An unreadable line is an error as soon as another follows.
  let damage: unknown;
  for await (const { first, lines } of readLines(file, options)) {
    const records: Placed[] = [];
    for (const [k, text] of lines.entries()) {
      if (text.trim() === "") continue;
      if (damage !== undefined) throw damage as Error;
      const line = first + k;
      let value: Record<string, unknown>;
      try {
        value = parseObject(text, name, line)!;
      } catch (error) {
        damage = error;
        continue;
      }
      if (isFirst || Object.hasOwn(value, "optllm")) checkHeader(value, name, line);
      else records.push({ record: checked(value, name, line), line });
      isFirst = false;
    }
    yield records;
  }
  // A log begins with a whole line: a file whose only line is damaged is another.
  if (isFirst && damage !== undefined) throw damage as Error;
  return damage !== undefined;
}

async function* rowsOf(file: string, { signal }: ReadLogOptions): AsyncGenerator<Placed[]> {
  // The Parquet reader is loaded with the first file that needs it.
  const { openParquet } = await import("../../rows/parquet/parquet.js");
  const name = fileName(file);
  const table = await openParquet(file);
  try {
    const version = table.notes.get(LOG_NOTE);
    checkHeader({ optllm: version && "decision log", version: Number(version) }, name, 1);
    const columns = columnsRead(table.columns);
    let from = 0;
    for (const [group, to] of table.borders.entries()) {
      const readers = [];
      for (const column of columns) readers.push(await table.column(column, group));
      for (; from < to; from += ROWS) {
        signal?.throwIfAborted();
        const count = Math.min(ROWS, to - from);
        const values = new Map<string, ArrayLike<unknown>>();
        for (const [k, reader] of readers.entries()) values.set(columns[k], await reader.next(count));
        yield Array.from({ length: count }, (_, i) => {
          const line = from + i + 1;
          return { record: checked(recordAt(values, i), name, line), line };
        });
      }
      from = to;
    }
  } finally {
    await table.close();
  }
}

function checkHeader({ optllm, version }: Record<string, unknown>, file: string, line: number): void {
  const refuse = (problem: string): never => {
    throw new InputError(`${file}:${line}: ${problem}`, { file, line });
  };
  if (optllm !== "decision log")
    refuse("not a decision log; expected a file that logDecisions() or the server wrote");
  if (version !== LOG_VERSION)
    refuse(`version ${shown(version)} of the decision log; expected ${LOG_VERSION}; update the package`);
}

function checked(record: Record<string, unknown>, file: string, line: number): LogRecord {
  const field = wrongField(record);
  if (field === undefined) return record as unknown as LogRecord;
  const value = Object.hasOwn(record, field) ? record[field] : undefined;
  throw new InputError(`${file}:${line}: ${field} is ${shown(value)}, which no decision log has`, {
    file,
    line,
    field,
  });
}
