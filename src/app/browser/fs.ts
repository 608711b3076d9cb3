import prices from "../../prices/prices.json" with { type: "json" };
import { Buffer } from "./buffer.js";
import { below, find, move, put, remove, type Entry } from "./drawer.js";
import { basename, dirname, resolve } from "./path.js";

/**
 * `node:fs` and `node:fs/promises` for the page's workers, over the files that the user gave. The failures have Node's
 * codes, so that they become the same sentences.
 */

export const constants = { O_RDONLY: 0, O_NONBLOCK: 0, W_OK: 2 } as const;

function failure(code: string): Error {
  return Object.assign(new Error(code), { code, syscall: "open" });
}

function entryAt(path: string): Entry {
  const entry = find(path);
  if (entry === undefined) throw failure("ENOENT");
  return entry;
}

function blobAt(path: string): Blob {
  const entry = entryAt(path);
  if (entry === "folder") throw failure("EISDIR");
  return entry;
}

/** Bytes of a file. One that was changed or removed since it was given cannot be read. */
async function bytesOf(blob: Blob): Promise<Uint8Array<ArrayBuffer>> {
  try {
    return new Uint8Array(await blob.arrayBuffer());
  } catch (error) {
    throw failure((error as DOMException).name === "NotFoundError" ? "ENOENT" : "EACCES");
  }
}

export class Stats {
  readonly mode = 0o644;
  readonly size: number;

  constructor(private readonly entry: Entry) {
    this.size = entry === "folder" ? 0 : entry.size;
  }

  isFile(): boolean {
    return this.entry !== "folder";
  }

  isDirectory(): boolean {
    return this.entry === "folder";
  }

  isFIFO(): boolean {
    return false;
  }

  isSymbolicLink(): boolean {
    return false;
  }
}

/** A file that is open: to read at any place, or to write from its beginning on. */
export class FileHandle {
  private at = 0;
  private readonly written: Uint8Array<ArrayBuffer>[] = [];

  constructor(
    private readonly path: string,
    private readonly blob: Blob | undefined,
  ) {}

  async read(
    target: Buffer,
    offset = 0,
    length = target.length - offset,
    position: number | null = null,
  ): Promise<{ bytesRead: number; buffer: Buffer }> {
    const from = position ?? this.at;
    const bytes = await bytesOf(this.blob!.slice(from, from + length));
    target.set(bytes, offset);
    if (position === null) this.at += bytes.length;
    return { bytesRead: bytes.length, buffer: target };
  }

  stat(): Promise<Stats> {
    return Promise.resolve(new Stats(this.blob!));
  }

  writeFile(bytes: Uint8Array): Promise<void> {
    this.written.push(new Uint8Array(bytes));
    return Promise.resolve();
  }

  close(): Promise<void> {
    if (this.blob === undefined) put(this.path, new Blob(this.written));
    return Promise.resolve();
  }
}

export async function open(path: string, flags = "r"): Promise<FileHandle> {
  await Promise.resolve();
  if (flags === "r") return new FileHandle(path, blobAt(path));
  if (find(path) !== undefined) throw failure("EEXIST");
  return new FileHandle(path, undefined);
}

export async function stat(path: string): Promise<Stats> {
  await Promise.resolve();
  return new Stats(entryAt(path));
}

export const lstat = stat;

export async function realpath(path: string): Promise<string> {
  await stat(path);
  return resolve(path);
}

export async function access(path: string): Promise<void> {
  await stat(path);
}

export async function readFile(path: string): Promise<Buffer>;
export async function readFile(path: string, encoding: "utf8"): Promise<string>;
export async function readFile(path: string, encoding?: "utf8"): Promise<Buffer | string> {
  const { buffer } = await bytesOf(blobAt(path));
  const bytes = Buffer.from(buffer);
  return encoding === undefined ? bytes : bytes.toString(encoding);
}

export async function writeFile(path: string, data: string): Promise<void> {
  await Promise.resolve();
  put(path, new Blob([data]));
}

interface Found {
  name: string;
  parentPath: string;
  isFile(): boolean;
  isSymbolicLink(): boolean;
}

/** What lies below a folder, at any depth, or its names alone. */
export async function readdir(path: string): Promise<string[]>;
export async function readdir(
  path: string,
  options: { recursive: true; withFileTypes: true },
): Promise<Found[]>;
export async function readdir(path: string, options?: object): Promise<string[] | Found[]> {
  if (!(await stat(path)).isDirectory()) throw failure("ENOTDIR");
  const all = below(path);
  if (options === undefined) return all.filter((one) => dirname(one) === resolve(path)).map(basename);
  return all.map((one) => ({
    name: basename(one),
    parentPath: dirname(one),
    isFile: () => find(one) !== "folder",
    isSymbolicLink: () => false,
  }));
}

export async function mkdir(path: string): Promise<void> {
  await Promise.resolve();
  put(path, "folder");
}

export async function rename(from: string, to: string): Promise<void> {
  await stat(from);
  move(from, to);
}

export async function rm(path: string): Promise<void> {
  await Promise.resolve();
  remove(path);
}

export const rmdir = rm;

/** The pieces of a file. */
export function createReadStream(path: string): ReadStream {
  return new ReadStream(path);
}

class ReadStream {
  constructor(private readonly path: string) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const handle = await open(this.path);
    const room = Buffer.alloc(2 ** 20);
    for (;;) {
      const { bytesRead } = await handle.read(room);
      if (bytesRead === 0) return;
      yield room.subarray(0, bytesRead) as Buffer;
    }
  }

  destroy(): void {}
}

/** The one file of the package that is read as text: its price table. The others are bundled. */
export function readFileSync(file: URL): string {
  if (!file.pathname.endsWith("/src/prices/prices.json")) throw failure("ENOENT");
  return JSON.stringify(prices);
}

function absent(): never {
  throw failure("ENOSYS");
}

export const openSync = absent;
export const createWriteStream = absent;
