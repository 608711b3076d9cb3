import { constants, createReadStream, openSync } from "node:fs";
import { open, stat, type FileHandle } from "node:fs/promises";
import { Socket } from "node:net";
import { addAbortSignal, type Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import { createGunzip } from "node:zlib";
import { failure, readError } from "./fileError.js";
import { fileName } from "./shown.js";
import { isZstd, unzstd } from "./zstd.js";

const CHUNK_BYTES = 2 ** 20;

/** Parts of a file: its first bytes, such as the header of a CSV file, and then those of a range after them. */
export interface ByteRange {
  head: number;
  from: number;
  to: number;
}

export interface ReadOptions {
  /** Aborts reading; its reason is thrown. */
  signal?: AbortSignal;
  /** Bytes of the file read so far (before unpacking); `total` is 0 while unknown, say for a pipe. */
  onBytes?: (done: number, total: number) => void;
  /** Reads only these bytes of a file. */
  range?: ByteRange;
}

/**
 * The bytes of a file ("-": standard input) piece by piece, unpacked if they begin as gzip or zstd does, whatever the
 * file is called. A piece is valid only until the next is requested: they share one buffer. The file is closed when the
 * caller stops early.
 *
 * @throws InputError naming the file: missing, a folder, unreadable, damaged or truncated gzip or zstd.
 */
export async function* readBytes(path: string, options: ReadOptions = {}): AsyncGenerator<Buffer> {
  const { signal, range } = options;
  signal?.throwIfAborted();
  let source: Source | undefined;
  try {
    const { isPipe, total } = await kindOf(path);
    if (isPipe) source = pipeSource(path, signal);
    else source = total > 0 ? await fileSource(path, signal, range) : streamSource(path, signal);
    const bytes = range === undefined ? total : range.head + range.to - range.from;
    yield* unpacked(counted(source.pieces, bytes, options.onBytes), fileName(path));
  } catch (error) {
    signal?.throwIfAborted();
    throw readError(error, path);
  } finally {
    await source?.close();
  }
}

interface Source {
  pieces: AsyncIterable<Buffer>;
  close(): Promise<void>;
}

async function fileSource(path: string, signal?: AbortSignal, range?: ByteRange): Promise<Source> {
  const handle = await open(path, "r");
  return { pieces: piecesOf(handle, signal, range), close: () => handle.close() };
}

/** All pieces share one buffer: a new one for each would be garbage that is collected late. */
async function* piecesOf(
  handle: FileHandle,
  signal?: AbortSignal,
  range: ByteRange = { head: 0, from: 0, to: Infinity },
): AsyncGenerator<Buffer> {
  const room = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  for (const [from, to] of [
    [0, range.head],
    [range.from, range.to],
  ])
    for (let at = from; at < to;) {
      const { bytesRead } = await handle.read(room, 0, Math.min(room.length, to - at), at);
      signal?.throwIfAborted();
      if (bytesRead === 0) break;
      at += bytesRead;
      yield room.subarray(0, bytesRead);
    }
}

/** Standard input or a device, which may block for any length of time. */
function streamSource(path: string, signal?: AbortSignal): Source {
  const stream = path === "-" ? process.stdin : createReadStream(path, { highWaterMark: CHUNK_BYTES });
  return readableSource(stream, signal);
}

/**
 * A named pipe. To wait for its writer would hold a thread that nothing can interrupt, so it is opened without waiting
 * and then read as a socket is.
 */
function pipeSource(path: string, signal?: AbortSignal): Source {
  const fd = openSync(path, constants.O_RDONLY | constants.O_NONBLOCK);
  return readableSource(new Socket({ fd, readable: true, writable: false }), signal);
}

function readableSource(stream: Readable, signal?: AbortSignal): Source {
  if (signal) addAbortSignal(signal, stream);
  return {
    pieces: stream,
    close: () => {
      stream.destroy();
      return Promise.resolve();
    },
  };
}

/** The same bytes with a first piece of at least `bytes` bytes, unless there are fewer in all. */
export async function* withHead(chunks: AsyncIterable<Buffer>, bytes: number): AsyncGenerator<Buffer> {
  let head: Buffer | undefined = Buffer.alloc(0);
  for await (const chunk of chunks) {
    if (head) {
      head = Buffer.concat([head, chunk]);
      if (head.length < bytes) continue;
      yield head;
      head = undefined;
    } else {
      yield chunk;
    }
  }
  if (head) yield head;
}

/** Whether what is read of a path is lost to the next reader: of standard input ("-"), pipes and devices. */
export async function isReadOnce(path: string): Promise<boolean> {
  if (path === "-") return true;
  const found = await stat(path).catch(() => undefined);
  return found !== undefined && !found.isFile() && !found.isDirectory();
}

/**
 * Whether a file begins with these characters of one byte each. Pipes, devices and files that cannot be read do not: they
 * are left to the reader that follows.
 */
export async function beginsWith(path: string, mark: string): Promise<boolean> {
  if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  const handle = await open(path, "r").catch(() => undefined);
  if (!handle) return false;
  try {
    const { buffer, bytesRead } = await handle.read(Buffer.alloc(mark.length), 0, mark.length, 0);
    return buffer.toString("latin1", 0, bytesRead) === mark;
  } finally {
    await handle.close();
  }
}

async function kindOf(path: string): Promise<{ isPipe: boolean; total: number }> {
  if (path === "-") return { isPipe: false, total: 0 };
  const found = await stat(path);
  if (found.isDirectory()) throw failure("EISDIR");
  return { isPipe: found.isFIFO(), total: found.isFile() ? found.size : 0 };
}

async function* counted(
  source: AsyncIterable<Buffer>,
  total: number,
  onBytes: ReadOptions["onBytes"],
): AsyncGenerator<Buffer> {
  let done = 0;
  for await (const chunk of source) {
    done += chunk.length;
    onBytes?.(done, total);
    yield chunk;
  }
}

async function* unpacked(source: AsyncIterable<Buffer>, name: string): AsyncGenerator<Buffer> {
  const chunks = withHead(source, 4);
  const head = (await chunks.next()).value as Buffer | undefined;
  const whole = continued(head, chunks);
  if (head !== undefined && isZstd(head)) {
    yield* unzstd(whole, name);
    return;
  }
  if (head?.[0] !== 0x1f || head[1] !== 0x8b) {
    yield* whole;
    return;
  }
  const gunzip = createGunzip({ chunkSize: CHUNK_BYTES / 4 });
  // A failure reaches the reader of `gunzip` too, so it is not lost here.
  pipeline(copied(whole), gunzip).catch(() => undefined);
  yield* gunzip as AsyncIterable<Buffer>;
}

/** Copies each piece, for a consumer that still holds it when the next is requested. */
async function* copied(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer> {
  for await (const chunk of chunks) yield Buffer.from(chunk);
}

/** All of the bytes from the start, after the first were inspected. */
export async function* continued(
  head: Buffer | undefined,
  rest: AsyncGenerator<Buffer>,
): AsyncGenerator<Buffer> {
  try {
    if (head) yield head;
    yield* rest;
  } finally {
    await rest.return(undefined);
  }
}
