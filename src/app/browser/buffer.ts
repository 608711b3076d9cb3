/**
 * Node's `Buffer` for the page's workers: the methods that the rooms call, with the same results. The build puts it in
 * the place of the global, and of `node:buffer`.
 */

type Encoding = "utf8" | "latin1" | "hex" | "base64" | "base64url";

// The mark at the beginning of a text is data here, as in Node.
const utf8 = new TextDecoder("utf-8", { ignoreBOM: true });
const strict = new TextDecoder("utf-8", { ignoreBOM: true, fatal: true });
const encoder = new TextEncoder();
/** Below this length a decoder costs more than a loop. */
const SHORT = 24;
/** Characters that one call makes of their codes. */
const CODES = 2 ** 13;

/** A browser's array of bytes, over memory that may be shared. */
const Bytes = Uint8Array as {
  new (length: number): Uint8Array<ArrayBuffer>;
  new (memory: ArrayBufferLike, at?: number, length?: number): Uint8Array<ArrayBuffer>;
};

export class Buffer extends Bytes {
  static alloc(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafe(length: number): Buffer {
    return new Buffer(length);
  }

  static allocUnsafeSlow(length: number): Buffer {
    return new Buffer(length);
  }

  /** A text's bytes, a view of memory, or a copy of an array. */
  static from(
    source: string | ArrayBufferLike | ArrayLike<number>,
    second?: Encoding | number,
    length?: number,
  ): Buffer {
    if (typeof source === "string") return encoded(source, second as Encoding | undefined);
    if (isMemory(source)) return new Buffer(source, second as number | undefined, length);
    const copy = new Buffer(source.length);
    copy.set(source);
    return copy;
  }

  static concat(parts: readonly Uint8Array[]): Buffer {
    const whole = new Buffer(parts.reduce((sum, { length }) => sum + length, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(part, at);
      at += part.length;
    }
    return whole;
  }

  static byteLength(text: string): number {
    return encoder.encode(text).length;
  }

  static isBuffer(value: unknown): value is Buffer {
    return value instanceof Buffer;
  }

  override toString(encoding: Encoding = "utf8", from = 0, to = this.length): string {
    const bytes = from === 0 && to >= this.length ? this : this.subarray(from, to);
    if (encoding === "utf8") return utf8.decode(unshared(bytes));
    if (encoding === "latin1") return latin1Text(bytes);
    if (encoding === "hex") return Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
    const text = btoa(latin1Text(bytes));
    if (encoding === "base64") return text;
    return text.replaceAll("+", "-").replaceAll("/", "_").replace(/=+$/, "");
  }

  copy(target: Uint8Array, to = 0, from = 0, end = this.length): number {
    const count = Math.min(end - from, target.length - to);
    target.set(this.subarray(from, from + count), to);
    return count;
  }

  equals(other: Uint8Array): boolean {
    return this.length === other.length && this.every((byte, i) => byte === other[i]);
  }

  /** The first place, from a place on, of a byte, a text or some bytes; −1: none. */
  override indexOf(wanted: number | string | Uint8Array, from = 0): number {
    if (typeof wanted === "number") return super.indexOf(wanted, from);
    const bytes = typeof wanted === "string" ? encoded(wanted) : wanted;
    if (bytes.length === 0) return Math.min(from, this.length);
    for (let at = super.indexOf(bytes[0], from); at >= 0; at = super.indexOf(bytes[0], at + 1)) {
      if (at + bytes.length > this.length) return -1;
      if (bytes.every((byte, i) => byte === this[at + i])) return at;
    }
    return -1;
  }

  override includes(wanted: number | string | Uint8Array, from = 0): boolean {
    return this.indexOf(wanted, from) >= 0;
  }

  readUInt8(at = 0): number {
    return this.readUIntLE(at, 1);
  }

  readUInt16LE(at = 0): number {
    return this.readUIntLE(at, 2);
  }

  readUInt32LE(at = 0): number {
    return this.readUIntLE(at, 4);
  }

  readUIntLE(at: number, bytes: number): number {
    this.checkRoom(at, bytes);
    let value = 0;
    for (let i = bytes - 1; i >= 0; i--) value = value * 256 + this[at + i];
    return value;
  }

  readBigUInt64LE(at = 0): bigint {
    return BigInt(this.readUInt32LE(at)) + (BigInt(this.readUInt32LE(at + 4)) << 32n);
  }

  private checkRoom(at: number, bytes: number): void {
    if (at < 0 || at + bytes > this.length) throw new RangeError("the data ends too early");
  }
}

/** Whether all bytes are below 128. */
export function isAscii(bytes: Uint8Array): boolean {
  const { length, byteOffset, buffer } = bytes;
  let at = 0;
  while (at < length && (byteOffset + at) % 4 !== 0) if (bytes[at++] > 127) return false;
  const count = Math.floor((length - at) / 4);
  const words = count === 0 ? [] : new Uint32Array(buffer, byteOffset + at, count);
  for (let w = 0; w < words.length; w++) if ((words[w] & 0x80808080) !== 0) return false;
  for (at += 4 * words.length; at < length; at++) if (bytes[at] > 127) return false;
  return true;
}

export function isUtf8(bytes: Uint8Array): boolean {
  try {
    strict.decode(unshared(bytes));
    return true;
  } catch {
    return false;
  }
}

function isMemory(source: unknown): source is ArrayBufferLike {
  if (source instanceof ArrayBuffer) return true;
  return typeof SharedArrayBuffer !== "undefined" && source instanceof SharedArrayBuffer;
}

/** A browser decodes no shared memory. */
function unshared(bytes: Uint8Array): Uint8Array<ArrayBuffer> {
  return (bytes.buffer instanceof ArrayBuffer ? bytes : new Uint8Array(bytes)) as Uint8Array<ArrayBuffer>;
}

function encoded(text: string, encoding: Encoding = "utf8"): Buffer {
  if (encoding === "latin1") return Buffer.from(text.split("").map((unit) => unit.charCodeAt(0)));
  const { buffer, byteOffset, length } = encoder.encode(text);
  return new Buffer(buffer, byteOffset, length);
}

function latin1Text(bytes: Uint8Array): string {
  if (bytes.length > SHORT && isAscii(bytes)) return utf8.decode(unshared(bytes));
  let text = "";
  for (let at = 0; at < bytes.length; at += CODES)
    text += String.fromCharCode(...bytes.subarray(at, at + CODES));
  return text;
}
