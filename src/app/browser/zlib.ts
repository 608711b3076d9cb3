import { Gunzip, Inflate } from "fflate";
import { Buffer } from "./buffer.js";
import type { Sink } from "./stream.js";

/** `node:zlib` for the page's workers: unpacking, piece by piece. */

/** Bytes that are unpacked at once, so that at most 32 MiB come of them. */
const STEP = 2 ** 15;
/** What is kept of the packed bytes to find the end of a member in them: a header is shorter. */
const KEPT = 2 ** 16;
const TRAILER = 8;
const ENDED_EARLY = 0;

export function createGunzip(): Unpacking {
  return new Unpacking((onData) => new CheckedGunzip(onData));
}

export function createInflateRaw(): Unpacking {
  return new Unpacking((onData) => {
    const inflate = new Inflate(onData);
    return {
      push: (bytes) => inflate.push(bytes),
      end: () => inflate.push(new Uint8Array(0), true),
    };
  });
}

/** The whole of what was packed, at most `maxOutputLength` bytes. */
export function inflateRawSync(bytes: Uint8Array, { maxOutputLength }: { maxOutputLength: number }): Buffer {
  const pieces: Uint8Array[] = [];
  let left = maxOutputLength;
  const inflate = new Inflate((piece) => {
    left -= piece.length;
    if (left < 0) throw new RangeError(`more than ${maxOutputLength} bytes`);
    pieces.push(piece);
  });
  for (let at = 0; at < bytes.length; at += STEP) inflate.push(bytes.slice(at, at + STEP));
  inflate.push(new Uint8Array(0), true);
  return Buffer.concat(pieces);
}

/** Only files that are written to a disk are packed. */
export function createGzip(): never {
  throw new Error("a page packs no file");
}

interface Unpacker {
  push(bytes: Uint8Array): void;
  end(): void;
}

/** Takes packed pieces and gives unpacked ones, as they are asked for. */
export class Unpacking implements Sink {
  private source: AsyncIterable<Uint8Array> | undefined;

  constructor(private readonly unpacker: (onData: (bytes: Uint8Array) => void) => Unpacker) {}

  take(source: AsyncIterable<Uint8Array>): Promise<void> {
    this.source = source;
    return Promise.resolve();
  }

  async *[Symbol.asyncIterator](): AsyncGenerator<Buffer> {
    const pieces: Buffer[] = [];
    const unpacker = this.unpacker(({ buffer, byteOffset, length }) => {
      if (length > 0) pieces.push(Buffer.from(buffer, byteOffset, length));
    });
    for await (const packed of this.source!)
      for (let at = 0; at < packed.length; at += STEP) {
        // A copy: the unpacker keeps what it cannot use yet.
        attempt(() => unpacker.push(packed.slice(at, at + STEP)));
        yield* pieces.splice(0);
      }
    attempt(() => unpacker.end());
    yield* pieces.splice(0);
  }
}

/** Runs a step; its failure has Node's code. */
function attempt(step: () => void): void {
  try {
    step();
  } catch (error) {
    const isShort = (error as { code?: unknown }).code === ENDED_EARLY;
    throw Object.assign(error as Error, { code: isShort ? "Z_BUF_ERROR" : "Z_DATA_ERROR" });
  }
}

/** Unpacks gzip of one or more members, and compares their checksums and lengths. */
class CheckedGunzip implements Unpacker {
  private readonly gunzip: Gunzip;
  private crc = -1;
  private length = 0;
  /** The last packed bytes, and where they begin. */
  private recent = new Uint8Array(0);
  private start = 0;

  constructor(onData: (bytes: Uint8Array) => void) {
    this.gunzip = new Gunzip((bytes) => {
      this.crc = crcOf(bytes, this.crc);
      this.length = (this.length + bytes.length) >>> 0;
      onData(bytes);
    });
    this.gunzip.onmember = (at) => this.check(at - this.start);
  }

  push(bytes: Uint8Array): void {
    const kept = this.recent.subarray(-KEPT);
    this.start += this.recent.length - kept.length;
    this.recent = Buffer.concat([kept, bytes]) as Uint8Array<ArrayBuffer>;
    this.gunzip.push(bytes);
  }

  end(): void {
    this.gunzip.push(new Uint8Array(0), true);
    this.check(this.recent.length);
  }

  /** Compares what was unpacked with the trailer that ends at this place of the recent bytes. */
  private check(end: number): void {
    const trailer = Buffer.alloc(TRAILER);
    const view = new DataView(trailer.buffer);
    view.setUint32(0, ~this.crc, true);
    view.setUint32(4, this.length, true);
    const endsIn = (bytes: Uint8Array): boolean =>
      end >= bytes.length && bytes.every((byte, i) => byte === this.recent[end - bytes.length + i]);
    if (!endsIn(trailer)) {
      const isCut = [7, 6, 5, 4, 3, 2, 1].some((length) => endsIn(trailer.subarray(0, length)));
      throw Object.assign(new Error("incorrect data check"), isCut && { code: ENDED_EARLY });
    }
    this.crc = -1;
    this.length = 0;
  }
}

const TABLE = Int32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

/** CRC-32 before its last step, from that of the bytes before. */
function crcOf(bytes: Uint8Array, before: number): number {
  let crc = before;
  for (let i = 0; i < bytes.length; i++) crc = TABLE[(crc ^ bytes[i]) & 255] ^ (crc >>> 8);
  return crc;
}
