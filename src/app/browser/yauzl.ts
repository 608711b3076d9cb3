import { Buffer } from "./buffer.js";
import { FileHandle, open as openFile } from "./fs.js";

/**
 * The little of the package `yauzl` that the readers call, which itself needs Node: the directory of a zip archive, and
 * the packed bytes of an entry [APPNOTE 6.3.10].
 */

const END = 0x06054b50;
const END_BYTES = 22;
const WIDE_LOCATOR = 0x07064b50;
const WIDE_LOCATOR_BYTES = 20;
const WIDE_END = 0x06064b50;
const ENTRY = 0x02014b50;
const ENTRY_BYTES = 46;
const LOCAL = 0x04034b50;
const LOCAL_BYTES = 30;
const LONGEST_COMMENT = 0xffff;
/** A field of 16 or 32 bits whose value stands in a wider one elsewhere. */
const [WIDE_16, WIDE_32] = [0xffff, 0xffffffff];
const WIDE_FIELD = 1;
const PIECE = 2 ** 18;

export interface Entry {
  fileName: string;
  compressionMethod: number;
  compressedSize: number;
  relativeOffsetOfLocalHeader: number;
}

type Callback<T> = (error: Error | null, value?: T) => void;

function open(path: string, _options: object, callback: Callback<ZipFile>): void {
  opened(path).then(
    (zip) => callback(null, zip),
    (error: Error) => callback(error),
  );
}

export default { open };

async function opened(path: string): Promise<ZipFile> {
  const handle = await openFile(path);
  const { size } = await handle.stat();
  const tail = await bytesAt(handle, Math.max(0, size - END_BYTES - LONGEST_COMMENT), size);
  for (let at = tail.length - END_BYTES; at >= 0; at--) {
    if (tail.readUInt32LE(at) !== END || at + END_BYTES + tail.readUInt16LE(at + 20) !== tail.length)
      continue;
    const { count, bytes, offset } = await directoryOf(handle, tail, at, size);
    const directory = await bytesAt(handle, offset, Math.min(size, offset + bytes));
    return new ZipFile(handle, size, count, directory);
  }
  throw new Error(
    "End of central directory record signature not found. Either not a zip file, or file is truncated.",
  );
}

interface Directory {
  count: number;
  bytes: number;
  offset: number;
}

async function directoryOf(handle: FileHandle, tail: Buffer, at: number, size: number): Promise<Directory> {
  const [count, bytes, offset] = [
    tail.readUInt16LE(at + 10),
    tail.readUInt32LE(at + 12),
    tail.readUInt32LE(at + 16),
  ];
  const before = at - WIDE_LOCATOR_BYTES;
  const isWide = count === WIDE_16 || bytes === WIDE_32 || offset === WIDE_32;
  if (!isWide || before < 0 || tail.readUInt32LE(before) !== WIDE_LOCATOR) return { count, bytes, offset };
  const place = Number(tail.readBigUInt64LE(before + 8));
  const wide = await bytesAt(handle, place, Math.min(size, place + 56));
  if (wide.length < 56 || wide.readUInt32LE(0) !== WIDE_END)
    throw new Error("invalid zip64 end of central directory record signature");
  const [inAll, length, start] = [32, 40, 48].map((field) => Number(wide.readBigUInt64LE(field)));
  return { count: inAll, bytes: length, offset: start };
}

async function bytesAt(handle: FileHandle, from: number, to: number): Promise<Buffer> {
  const bytes = Buffer.alloc(Math.max(0, to - from));
  const { bytesRead } = await handle.read(bytes, 0, bytes.length, from);
  return bytes.subarray(0, bytesRead) as Buffer;
}

interface Events {
  entry?: (entry: Entry) => void;
  end?: () => void;
  error?: (error: Error) => void;
}

export class ZipFile {
  private readonly listeners: Events = {};
  private at = 0;
  private read = 0;

  constructor(
    private readonly handle: FileHandle,
    readonly fileSize: number,
    readonly entryCount: number,
    private readonly directory: Buffer,
  ) {}

  on<Name extends keyof Events>(name: Name, listener: Events[Name]): void {
    this.listeners[name] = listener;
  }

  /** Reads the next entry of the directory, and hands it to the listener later. */
  readEntry(): void {
    queueMicrotask(() => {
      if (this.read === this.entryCount) return this.listeners.end?.();
      let entry: Entry;
      try {
        entry = this.next();
      } catch (error) {
        return this.listeners.error?.(error as Error);
      }
      this.listeners.entry?.(entry);
    });
  }

  private next(): Entry {
    const { directory, at } = this;
    if (at + ENTRY_BYTES > directory.length || directory.readUInt32LE(at) !== ENTRY)
      throw new Error(
        "invalid central directory file header signature: 0x" +
          (at + 4 > directory.length ? "" : directory.readUInt32LE(at).toString(16)),
      );
    const [name, extra, comment] = [28, 30, 32].map((field) => directory.readUInt16LE(at + field));
    const fileName = directory.toString("utf8", at + ENTRY_BYTES, at + ENTRY_BYTES + name);
    const begin = at + ENTRY_BYTES + name;
    const wide = wideFields(directory.subarray(begin, begin + extra) as Buffer);
    const sizeOf = (field: number): number => {
      const value = directory.readUInt32LE(at + field);
      return value === WIDE_32 ? (wide.shift() ?? value) : value;
    };
    // In the order of the wide fields.
    sizeOf(24);
    const compressedSize = sizeOf(20);
    const relativeOffsetOfLocalHeader = sizeOf(42);
    this.at = begin + extra + comment;
    this.read++;
    return {
      fileName,
      compressionMethod: directory.readUInt16LE(at + 10),
      compressedSize,
      relativeOffsetOfLocalHeader,
    };
  }

  openReadStream(entry: Entry, _options: object, callback: Callback<RawStream>): void {
    this.dataOf(entry).then(
      (start) => callback(null, new RawStream(this.handle, start, start + entry.compressedSize)),
      (error: Error) => callback(error),
    );
  }

  close(): void {}

  /** Where the bytes of an entry begin. */
  private async dataOf({ relativeOffsetOfLocalHeader: at, compressedSize }: Entry): Promise<number> {
    const head = await bytesAt(this.handle, at, at + LOCAL_BYTES);
    if (head.length < LOCAL_BYTES || head.readUInt32LE(0) !== LOCAL)
      throw new Error("invalid local file header signature");
    const start = at + LOCAL_BYTES + head.readUInt16LE(26) + head.readUInt16LE(28);
    if (start + compressedSize > this.fileSize) throw new Error("file data overflows file bounds");
    return start;
  }
}

/** The values of 64 bits that stand for those of 32. */
function wideFields(extra: Buffer): number[] {
  for (let at = 0; at + 4 <= extra.length; at += 4 + extra.readUInt16LE(at + 2)) {
    if (extra.readUInt16LE(at) !== WIDE_FIELD) continue;
    const end = Math.min(extra.length, at + 4 + extra.readUInt16LE(at + 2));
    const values: number[] = [];
    for (let value = at + 4; value + 8 <= end; value += 8) values.push(Number(extra.readBigUInt64LE(value)));
    return values;
  }
  return [];
}

/** The packed bytes of an entry, piece by piece. */
class RawStream {
  constructor(
    private readonly handle: FileHandle,
    private readonly from: number,
    private readonly to: number,
  ) {}

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    for (let at = this.from; at < this.to; at += PIECE)
      yield await bytesAt(this.handle, at, Math.min(this.to, at + PIECE));
  }

  destroy(): void {}
}
