import { closeSync, fstatSync, ftruncateSync, openSync, readSync, renameSync, writeSync } from "node:fs";
import { writeError } from "../../text/fileError.js";
import { checkFields, checkNumber, checkObject, refuse } from "../checks.js";
import { lock } from "../ledger/lock.js";
import { Converter } from "./converter.js";
import { partsOf, prune } from "./parts.js";
import { LOG_VERSION, type DecisionLog, type HeaderRecord, type LogRecord } from "./record.js";

/** How a decision log is written. */
export interface LogOptions {
  /**
   * What a file becomes when it is put aside: `jsonl`, JSON lines as before, or `parquet`, FILE.1.parquet, … The file that
   * is written is always JSON lines. Default jsonl.
   */
  format?: "jsonl" | "parquet";
  /** Bytes after which the file is put aside as FILE.1, FILE.2, … and a new one begun. Default 64 MiB. */
  maxBytes?: number;
  /** The newest files that are kept, the one that is written included. Default: all. */
  maxFiles?: number;
  /** Also keep the texts of requests, which may be private. Default false. */
  texts?: boolean;
  /** Milliseconds that a record may wait before it is written. Default 100. */
  flushMs?: number;
  /**
   * Called once if the file can no longer be written, and for each part that cannot become Parquet, which then stays JSON
   * lines. Default: a warning of the process.
   */
  onError?: (error: Error) => void;
}

/** A decision log that is being written. */
export interface DecisionLogWriter extends DecisionLog {
  /** Records that could not be written. */
  readonly lost: number;
  /** Hands what waits to the operating system. */
  flush(): void;
  /** The same, and closes the file at once. Resolves when parts that were put aside have become Parquet. */
  close(): Promise<void>;
}

const FIELDS: Record<keyof LogOptions, true> = {
  format: true,
  maxBytes: true,
  maxFiles: true,
  texts: true,
  flushMs: true,
  onError: true,
};
const MAX_BYTES = 64 * 2 ** 20;
const FLUSH_MS = 100;
/** Text that waits is written at this length even before the time. */
const WAITING_UNITS = 2 ** 16;

/**
 * Opens a decision log: a file of JSON lines, begun anew or continued. Give it to `createRouter` as `log`. Records are
 * written within 100 ms; a crash loses those that waited. A last line that a crash has cut is removed. One process at a
 * time writes a log. If the file cannot be written any more, routing goes on, and the records that are lost are counted.
 *
 * @throws InputError naming the file, if it is in use or cannot be written.
 */
export function logDecisions(path: string, options: LogOptions = {}): DecisionLogWriter {
  if (typeof path !== "string" || path === "" || path.includes("\0"))
    refuse("path", path, "the name of a file");
  checkObject("options", options, "{ format, maxBytes, maxFiles, … }");
  checkFields("options", options, FIELDS);
  const {
    format = "jsonl",
    maxBytes = MAX_BYTES,
    maxFiles = Infinity,
    texts = false,
    flushMs = FLUSH_MS,
  } = options;
  if (format !== "jsonl" && format !== "parquet") refuse("format", format, "jsonl or parquet");
  checkNumber("maxBytes", maxBytes, { least: 1, most: Infinity, expected: "bytes ≥ 1" });
  checkNumber("maxFiles", maxFiles, { least: 1, most: Infinity, expected: "files ≥ 1" });
  checkNumber("flushMs", flushMs, { least: 1, most: 2 ** 31 - 1, expected: "milliseconds ≥ 1" });
  if (typeof texts !== "boolean") refuse("texts", texts, "true or false");
  const { onError = (error: Error) => process.emitWarning(`decision log: ${error.message}`) } = options;
  const unlock = lock(path);
  try {
    return new FileLog(path, { format, maxBytes, maxFiles, texts, flushMs, onError }, unlock);
  } catch (error) {
    unlock();
    throw writeError(error, path);
  }
}

class FileLog implements DecisionLogWriter {
  readonly texts: boolean;
  lost = 0;
  private file: number;
  private bytes: number;
  private waiting: string[] = [];
  private waitingUnits = 0;
  private hasFailed = false;
  private readonly timer: NodeJS.Timeout;
  private readonly converter: Converter | undefined;
  private closing: Promise<void> | undefined;

  constructor(
    private readonly path: string,
    private readonly options: Required<LogOptions>,
    private readonly unlock: () => void,
  ) {
    this.texts = options.texts;
    this.file = openSync(path, "a+", 0o600);
    this.bytes = withoutTornLine(this.file);
    if (this.bytes === 0) this.append(HEADER);
    const { format, maxFiles, onError } = options;
    // What a crash left as lines becomes Parquet now.
    if (format === "parquet") this.converter = new Converter(path, maxFiles - 1, onError);
    this.converter?.convert();
    this.timer = setInterval(() => this.flush(), options.flushMs);
    this.timer.unref();
  }

  write(record: LogRecord): void {
    if (this.file < 0 || this.hasFailed) {
      this.lost++;
      return;
    }
    const line = `${JSON.stringify(record)}\n`;
    this.waiting.push(line);
    this.waitingUnits += line.length;
    if (this.waitingUnits >= WAITING_UNITS) this.flush();
  }

  flush(): void {
    const { waiting } = this;
    if (waiting.length === 0 || this.file < 0) return;
    [this.waiting, this.waitingUnits] = [[], 0];
    try {
      if (this.bytes >= this.options.maxBytes) this.rotate();
      this.append(waiting.join(""));
    } catch (error) {
      this.lost += waiting.length;
      this.hasFailed = true;
      this.options.onError(writeError(error, this.path) as Error);
    }
  }

  close(): Promise<void> {
    return (this.closing ??= this.end());
  }

  private async end(): Promise<void> {
    clearInterval(this.timer);
    this.flush();
    closeSync(this.file);
    this.file = -1;
    // Without parts to wait for, the log can be opened again at once.
    if (this.converter !== undefined) await this.converter.close();
    this.unlock();
  }

  private append(text: string): void {
    const bytes = Buffer.from(text);
    for (let written = 0; written < bytes.length;) written += writeSync(this.file, bytes, written);
    this.bytes += bytes.length;
  }

  /** Puts the file aside under the next number, and removes the oldest beyond the limit. */
  private rotate(): void {
    const { path } = this;
    const next = (partsOf(path).at(-1)?.number ?? 0) + 1;
    const file = openSync(`${path}.new`, "w", 0o600);
    renameSync(path, `${path}.${next}`);
    renameSync(`${path}.new`, path);
    closeSync(this.file);
    [this.file, this.bytes] = [file, 0];
    this.append(HEADER);
    prune(path, this.options.maxFiles - 1);
    this.converter?.convert();
  }
}

const header: HeaderRecord = { optllm: "decision log", version: LOG_VERSION };
const HEADER = `${JSON.stringify(header)}\n`;

/** Cuts off what follows the last end of a line; returns the bytes that are left. */
function withoutTornLine(file: number): number {
  const { size } = fstatSync(file);
  const room = Buffer.alloc(2 ** 16);
  for (let end = size; end > 0;) {
    const from = Math.max(0, end - room.length);
    const read = readSync(file, room, 0, end - from, from);
    const at = room.subarray(0, read).lastIndexOf(10);
    if (at >= 0) {
      if (from + at + 1 < size) ftruncateSync(file, from + at + 1);
      return from + at + 1;
    }
    end = from;
  }
  if (size > 0) ftruncateSync(file, 0);
  return 0;
}
