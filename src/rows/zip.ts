import { open, stat } from "node:fs/promises";
import { createInflateRaw } from "node:zlib";
import { pipeline } from "node:stream/promises";
import type { Readable } from "node:stream";
import type { Entry, ZipFile } from "yauzl";
import { InputError } from "../errors.js";
import { readError } from "../text/fileError.js";
import { fileName, shown } from "../text/shown.js";

const STORED = 0;
const DEFLATE = 8;
const ZSTD = 93;
const ENTRY_LIMIT = 2 ** 20;
/** An archive may unpack to this many bytes, and to this many times its own size. */
const UNPACKED_LIMIT = 2 ** 28;
const UNPACKED_RATIO = 200;

/** A zip archive that is open for reading. */
export interface Archive {
  /** Its entries by name, in the order of its directory. */
  entries: ReadonlyMap<string, Entry>;
  /**
   * The bytes of an entry (stored, deflated or zstd), piece by piece.
   *
   * @throws InputError: damaged, another method, or a sum of unpacked bytes beyond 256 MiB and 200 times the archive.
   */
  read(entry: Entry): AsyncGenerator<Buffer>;
  close(): void;
}

/** Whether a file begins as a zip archive does. */
export async function isZip(path: string): Promise<boolean> {
  // What a pipe has sent to one who closes it is lost to the next.
  if (!(await stat(path).catch(() => undefined))?.isFile()) return false;
  const handle = await open(path).catch(() => undefined);
  if (handle === undefined) return false;
  try {
    const { bytesRead, buffer } = await handle.read(Buffer.alloc(4), 0, 4, 0);
    return bytesRead === 4 && buffer.readUInt32LE(0) === 0x04034b50;
  } catch {
    return false;
  } finally {
    await handle.close();
  }
}

/**
 * Opens a zip archive and reads its directory.
 *
 * @throws InputError: unreadable, damaged, or more than 2²⁰ entries.
 */
export async function openZip(path: string): Promise<Archive> {
  // Loaded with the first archive.
  const { default: yauzl } = await import("yauzl");
  const zip = await new Promise<ZipFile>((resolve, reject) => {
    yauzl.open(path, { lazyEntries: true, autoClose: false }, (error, file) =>
      error ? reject(damaged(path, error)) : resolve(file),
    );
  });
  try {
    const left = { bytes: Math.max(UNPACKED_LIMIT, UNPACKED_RATIO * zip.fileSize) };
    return {
      entries: await entriesOf(zip, path),
      read: (entry) => readEntry(zip, entry, path, left),
      close: () => zip.close(),
    };
  } catch (error) {
    zip.close();
    throw error;
  }
}

function entriesOf(zip: ZipFile, path: string): Promise<Map<string, Entry>> {
  const name = fileName(path);
  if (zip.entryCount > ENTRY_LIMIT)
    throw new InputError(`${name}: a zip archive of more than ${ENTRY_LIMIT} entries`, { file: name });
  const entries = new Map<string, Entry>();
  return new Promise((resolve, reject) => {
    zip.on("error", (error: Error) => reject(damaged(path, error)));
    zip.on("end", () => resolve(entries));
    zip.on("entry", (entry: Entry) => {
      entries.set(entry.fileName, entry);
      zip.readEntry();
    });
    zip.readEntry();
  });
}

async function* readEntry(
  zip: ZipFile,
  entry: Entry,
  path: string,
  left: { bytes: number },
): AsyncGenerator<Buffer> {
  const name = fileName(path);
  try {
    for await (const piece of unpackedEntry(zip, entry)) {
      left.bytes -= piece.length;
      if (left.bytes < 0)
        throw new InputError(
          `${name}: the archive unpacks to more than ${UNPACKED_RATIO} times its size; unpack it yourself if you trust it`,
          { file: name },
        );
      yield piece;
    }
  } catch (error) {
    throw damaged(path, error, entry.fileName);
  }
}

async function* unpackedEntry(zip: ZipFile, entry: Entry): AsyncGenerator<Buffer> {
  const { compressionMethod: method } = entry;
  if (method !== STORED && method !== DEFLATE && method !== ZSTD)
    throw new Error(`packed by method ${method}; expected deflate or zstd`);
  const raw = await new Promise<Readable>((resolve, reject) => {
    zip.openReadStream(entry, { decodeFileData: false }, (error, stream) =>
      error ? reject(error) : resolve(stream),
    );
  });
  try {
    if (method === STORED) yield* raw as AsyncIterable<Buffer>;
    else if (method === DEFLATE) yield* inflated(raw);
    else yield* zstdOf(raw);
  } finally {
    raw.destroy();
  }
}

async function* inflated(raw: Readable): AsyncGenerator<Buffer> {
  const inflate = createInflateRaw({ chunkSize: 2 ** 18 });
  // A failure reaches the reader of `inflate` too, so it is not lost here.
  pipeline(raw, inflate).catch(() => undefined);
  yield* inflate as AsyncIterable<Buffer>;
}

async function* zstdOf(raw: Readable): AsyncGenerator<Buffer> {
  const { Decompress } = await import("fzstd");
  let pieces: Buffer[] = [];
  const unpack = new Decompress((piece) => pieces.push(Buffer.from(piece)));
  for await (const chunk of raw as AsyncIterable<Buffer>)
    // Small steps: what one of them unpacks to is kept until it is taken.
    for (let from = 0; from < chunk.length; from += 2 ** 12) {
      unpack.push(Uint8Array.from(chunk.subarray(from, from + 2 ** 12)));
      yield* pieces;
      pieces = [];
    }
  unpack.push(new Uint8Array(0), true);
  yield* pieces;
}

function damaged(path: string, error: unknown, entry?: string): unknown {
  if (error instanceof InputError) return error;
  const read = readError(error, path);
  if (read instanceof InputError && !read.message.includes("gzip")) return read;
  const name = fileName(path);
  const where = entry === undefined ? "" : `, ${shown(entry)}`;
  return new InputError(`${name}${where}: damaged zip archive (${shown((error as Error).message)})`, {
    file: name,
  });
}
