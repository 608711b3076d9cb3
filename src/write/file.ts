import { randomUUID } from "node:crypto";
import { constants, createWriteStream, type Stats } from "node:fs";
import { access, lstat, realpath, rename, rm, stat } from "node:fs/promises";
import { basename, dirname, join } from "node:path";
import { Readable, type Writable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGzip } from "node:zlib";
import { InputError } from "../errors.js";
import { failure, writeError } from "../text/fileError.js";
import { oneLine } from "../text/shown.js";
import type { TableFormat } from "./table.js";

/** Text, or bytes of a binary format. */
export type Chunks = Iterable<string | Uint8Array> | AsyncIterable<string | Uint8Array>;

/** How a file is written. */
export interface WriteOptions {
  /** Ends the writing; its reason is thrown and nothing is left behind. */
  signal?: AbortSignal;
}

/**
 * Writes text or bytes to a file, or to standard output when `path` is undefined or "-"; a name that ends in .gz compresses.
 *
 * A file appears under its name only when complete: the text goes to a temporary file beside it, which takes the
 * name at the end, or is removed on an error or abort. A device or pipe is written to directly. Standard output
 * whose reader has gone (EPIPE) ends quietly.
 *
 * @throws InputError naming the path: a missing folder, a folder, not writable, disk full. What `chunks` throws
 * is passed on.
 */
export async function writeOut(
  path: string | undefined,
  chunks: Chunks,
  options: WriteOptions = {},
): Promise<void> {
  const { signal } = options;
  signal?.throwIfAborted();
  try {
    if (isStdout(path)) await writeToStdout(chunks, signal);
    else await writeToFile(path, chunks, signal);
  } catch (error) {
    signal?.throwIfAborted();
    throw writeError(error, isStdout(path) ? undefined : path);
  }
}

/**
 * Checks early, before long work, that `writeOut` can begin: the folder exists, the path is not a folder.
 *
 * @throws InputError naming the path.
 */
export async function checkOutput(path: string | undefined): Promise<void> {
  if (isStdout(path)) return;
  try {
    await targetOf(path);
  } catch (error) {
    throw writeError(error, path);
  }
}

/**
 * The format that a file's name ends in: .jsonl, .csv or .json, each also with .gz, or .parquet. Standard output (undefined or
 * "-") has the first of the `allowed` formats.
 *
 * @throws InputError naming the accepted endings.
 */
export function outputFormat<F extends TableFormat | "parquet">(
  path: string | undefined,
  allowed: readonly F[],
): F {
  if (isStdout(path)) return allowed[0];
  const [, ending, packed] = /\.(\w+)(\.gz)?$/i.exec(basename(path)) ?? [];
  const format = allowed.find((name) => name === ending?.toLowerCase());
  // Parquet is compressed in itself, and must be read in parts.
  if (format !== undefined && !(format === "parquet" && packed !== undefined)) return format;
  const texts = allowed.filter((name) => name !== "parquet").map((name) => `.${name}`);
  const binary = allowed.some((name) => name === "parquet") ? "; or .parquet" : "";
  const accepted = `${texts.join(", ")}, each also with .gz${binary}`;
  throw new InputError(`${oneLine(path)} ends in no known format; expected ${accepted}`, { path });
}

function isStdout(path: string | undefined): path is undefined | "-" {
  return path === undefined || path === "-";
}

async function writeToStdout(chunks: Chunks, signal?: AbortSignal): Promise<void> {
  const { stdout } = process;
  // The failure also comes through the callback of the write; without a listener it would end the process.
  const ignore = (): void => undefined;
  stdout.on("error", ignore);
  try {
    for await (const chunk of chunks) await written(stdout, chunk, signal);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EPIPE") throw error;
  } finally {
    // The "error" event follows the callback.
    setImmediate(() => stdout.off("error", ignore));
  }
}

function written(stream: Writable, chunk: string | Uint8Array, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const abort = (): void => reject(signal?.reason as Error);
    if (signal?.aborted) return abort();
    signal?.addEventListener("abort", abort, { once: true });
    stream.write(chunk, (error) => {
      signal?.removeEventListener("abort", abort);
      if (error) reject(error);
      else resolve();
    });
  });
}

interface Target {
  /** The file itself where `path` is a link to it. */
  path: string;
  /** Permissions of the file to be replaced. */
  mode: number;
  /** A device or pipe, which must not be replaced. */
  isDirect: boolean;
}

async function targetOf(path: string): Promise<Target> {
  const found = await findIn(dirname(path), path);
  if (!found) {
    await refuseLink(path);
    await access(dirname(path), constants.W_OK);
    return { path, mode: 0o666, isDirect: false };
  }
  if (found.isDirectory()) throw failure("EISDIR");
  if (found.isFile()) await refuseReadOnly(path, found);
  return { path: await realpath(path), mode: found.mode & 0o777, isDirect: !found.isFile() };
}

/** Refuses a link to nothing: the name would become a file of its own. */
async function refuseLink(path: string): Promise<void> {
  const link = await lstat(path).catch(() => undefined);
  if (link?.isSymbolicLink())
    throw new InputError(
      `${oneLine(path)} is a link to a file that does not exist; make that file, or remove the link`,
      { path },
    );
}

/** Refuses a file that nobody may write to, though its folder would let it be replaced. */
async function refuseReadOnly(path: string, { mode }: Stats): Promise<void> {
  if ((mode & 0o222) !== 0) return access(path, constants.W_OK);
  throw new InputError(`${oneLine(path)} is read-only; make it writable, or give another name`, { path });
}

/** The file or folder at a path; undefined if there is none. Its folder must exist. */
export async function findIn(folder: string, path: string): Promise<Stats | undefined> {
  if (!(await stat(folder)).isDirectory()) throw failure("ENOTDIR");
  return stat(path).catch((error: NodeJS.ErrnoException) => {
    if (error.code === "ENOENT") return undefined;
    throw error;
  });
}

async function writeToFile(path: string, chunks: Chunks, signal?: AbortSignal): Promise<void> {
  const target = await targetOf(path);
  if (target.isDirect) return send(chunks, createWriteStream(target.path), path, signal);
  const temporary = join(dirname(target.path), `.optllm-${randomUUID()}.tmp`);
  try {
    await send(chunks, createWriteStream(temporary, { flags: "wx", mode: target.mode }), path, signal);
    signal?.throwIfAborted();
    await rename(temporary, target.path);
  } catch (error) {
    await rm(temporary, { force: true });
    throw error;
  }
}

async function send(chunks: Chunks, file: Writable, path: string, signal?: AbortSignal): Promise<void> {
  const source = Readable.from(chunks);
  if (/\.gz$/i.test(path)) await pipeline(source, createGzip(), file, { signal });
  else await pipeline(source, file, { signal });
}
