import { stat } from "node:fs/promises";
import { InputError } from "../../errors.js";
import { readLines } from "../../text/lines.js";
import { parseObject } from "../../text/jsonl.js";
import { fileName, shown } from "../../text/shown.js";
import { Join, type LoggedRequest } from "./join.js";
import { LOG_VERSION, wrongField, type LogRecord } from "./record.js";
import { rotatedFiles } from "./writer.js";

/** A decision log as it was read. */
export interface LoggedDecisions {
  /** In the order of their decisions; an attempt after a failed one belongs to its request. */
  requests: LoggedRequest[];
  /** Files read, oldest first. */
  files: string[];
  /** Requests that no model could answer. */
  refused: number;
  /** Settlements, judgements and further attempts whose decision is in no file. */
  unmatched: number;
  /** Last lines that were cut, as a crash leaves them. */
  cut: number;
}

/** How a decision log is read. */
export interface ReadLogOptions {
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
}

/**
 * Reads a decision log: a file, and before it those that were put aside from it (FILE.1, FILE.2, …). A last line that
 * was cut is left out and counted. About 1 KB of memory a decision.
 *
 * @throws InputError naming file and line: no decision log, a damaged line, a decision that is there twice.
 */
export async function readDecisions(path: string, options: ReadLogOptions = {}): Promise<LoggedDecisions> {
  const files = path === "-" ? [path] : [...((await isThere(path)) ? rotatedFiles(path) : []), path];
  const join = new Join();
  let cut = 0;
  for (const file of files) if (await readFileInto(join, file, options)) cut++;
  const { requests, refused, unmatched } = join;
  return { requests, files, refused, unmatched, cut };
}

async function isThere(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Reads one file. True if its last line was cut. */
async function readFileInto(join: Join, file: string, options: ReadLogOptions): Promise<boolean> {
  const name = fileName(file);
  let isFirst = true;
  // An unreadable line is an error as soon as another follows.
  let damage: unknown;
  for await (const { first, lines } of readLines(file, options)) {
    for (const [k, line] of lines.entries()) {
      if (line.trim() === "") continue;
      if (damage !== undefined) throw damage as Error;
      let record: Record<string, unknown>;
      try {
        record = parseObject(line, name, first + k)!;
      } catch (error) {
        damage = error;
        continue;
      }
      if (isFirst || Object.hasOwn(record, "optllm")) checkHeader(record, name, first + k);
      else join.add(checked(record, name, first + k), name, first + k);
      isFirst = false;
    }
  }
  // A log begins with a whole line: a file whose only line is damaged is another.
  if (isFirst && damage !== undefined) throw damage as Error;
  return damage !== undefined;
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
