import { createHash } from "node:crypto";
import { InputError } from "./errors.js";
import { sharedBytes } from "./memory.js";

/*
 * Plain data with large arrays as bytes: 8 bytes that name the format, the length of a JSON header (uint32), 4 zero
 * bytes, the header, the arrays, each from a multiple of 8 bytes on or made dense, and the SHA-256 of everything before it.
 * Little-endian. The header holds the data with each array as { "$array": its number }, and the arrays' types and
 * lengths. It holds no code, and nothing in it is executed.
 */
const MAGIC_BYTES = 8;
const DIGEST_BYTES = 32;
const START = 16;
/** Maximum nesting depth of the header. */
const MAX_DEPTH = 100;
/** Arrays up to this size are always copied, since whoever keeps a part of the bytes keeps all of them. */
const SMALL_BYTES = 1 << 16;

export const ARRAYS = { Float32Array, Float64Array, Int8Array, Int32Array, Uint32Array, Uint8Array } as const;
export type ArrayName = keyof typeof ARRAYS;
export type Numbers = InstanceType<(typeof ARRAYS)[ArrayName]>;

/** An array as the header lists it. `size`: its bytes before they were deflated, in dense files. */
export interface Listed {
  type: ArrayName;
  length: number;
  size?: number;
}

/** How arrays are kept in fewer bytes. */
export interface Dense {
  pack: (arrays: readonly Numbers[]) => { sizes: number[]; bytes: Uint8Array };
  /** Throws what `fail` makes for bytes that do not hold the listed arrays. */
  unpack: (bytes: Uint8Array, list: readonly Listed[], fail: (why: string) => InputError) => Numbers[];
}

/** A kind of packed file. */
export interface Kind {
  /** Eight ASCII characters at the beginning of the file. */
  magic: string;
  /** What errors call it, such as "saved predictor". */
  name: string;
  /** What errors expect in place of another file, and what to do with an old one. */
  expected: string;
  remedy: string;
  /** Raised whenever an older reader could misunderstand, or a newer one. */
  format: number;
  /** Without it each array is kept as it is. */
  dense?: Dense;
}

interface Header {
  format: number;
  /** Version of the package that wrote it. */
  version: string;
  arrays: Listed[];
  state: unknown;
}

/** The bytes of plain data. The same data give the same bytes; of equal arrays one is kept. */
export function pack({ magic, format, dense }: Kind, version: string, data: unknown): Uint8Array {
  const found: Numbers[] = [];
  const state = withoutArrays(data, found);
  const packed = dense?.pack(found);
  const arrays = found.map((array, k) => ({
    type: array.constructor.name as ArrayName,
    length: array.length,
    ...(packed && { size: packed.sizes[k] }),
  }));
  const header = Buffer.from(JSON.stringify({ format, version, arrays, state } satisfies Header));
  const parts: Uint8Array[] = [Buffer.from(magic), new Uint8Array(8), header, padding(header.length)];
  new DataView(parts[1].buffer).setUint32(0, header.length, true);
  if (packed) parts.push(packed.bytes);
  else for (const array of found) parts.push(bytesOf(array), padding(array.byteLength));
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return Buffer.concat([...parts, digest.digest()]);
}

/**
 * Reads what `pack` wrote, and the SHA-256 of the bytes in hexadecimal digits. `inPlace`: large arrays are parts of the
 * bytes where these allow it. Throws InputError for bytes of another kind, damaged, from a newer version, or inconsistent.
 */
export function unpack(kind: Kind, bytes: Uint8Array, inPlace = false): { data: unknown; digest: string } {
  const { magic, name, expected, dense } = kind;
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("utf8");
  if (bytes.length < START + DIGEST_BYTES || text(0, MAGIC_BYTES) !== magic)
    throw new InputError(`not a ${name}; expected ${expected}`);
  const end = bytes.length - DIGEST_BYTES;
  const hash = createHash("sha256").update(bytes.subarray(0, end));
  const digest = hash.copy().update(bytes.subarray(end)).digest("hex");
  if (!hash.digest().equals(bytes.subarray(end)))
    throw new InputError(`the ${name} is damaged: its checksum does not match`);
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC_BYTES, true);
  const fail = (why: string): InputError => new InputError(`the ${name} is inconsistent: ${why}`);
  const header = parseHeader(text(START, Math.min(end, START + length)), fail);
  checkFormat(kind, header);
  if (!Array.isArray(header.arrays) || (header.arrays as unknown[]).includes(null))
    throw fail("it has no list of arrays");
  const start = START + length + padding(length).length;
  const arrays = dense
    ? dense.unpack(bytes.subarray(Math.min(start, end), end), header.arrays, fail)
    : readArrays(bytes.subarray(0, end), start, header.arrays, inPlace, fail);
  return { data: withArrays(header.state, arrays, fail), digest };
}

function parseHeader(text: string, fail: (why: string) => InputError): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(text) as Partial<Header> | null;
  } catch {
    throw fail("its header is not JSON");
  }
  if (typeof header?.format !== "number") throw fail("its format has no number");
  return header as Header;
}

function checkFormat({ name, format, remedy }: Kind, { format: found, version }: Header): void {
  if (found > format)
    throw new InputError(
      `the ${name} has format ${found}, written by optllm ${String(version).slice(0, 20)}; ` +
        `this version reads format ${format}: update the package`,
    );
  if (found < format)
    throw new InputError(`the ${name} has format ${found}, which this version no longer reads: ${remedy}`);
}

function readArrays(
  bytes: Uint8Array,
  start: number,
  list: Header["arrays"],
  inPlace: boolean,
  fail: (why: string) => InputError,
): Numbers[] {
  let at = start;
  // Threads could change shared memory after it was checked.
  const isAligned = inPlace && bytes.byteOffset % 8 === 0 && bytes.buffer instanceof ArrayBuffer;
  const arrays = list.map(({ type, length }) => {
    if (!Object.hasOwn(ARRAYS, type) || !Number.isSafeInteger(length) || length < 0)
      throw fail("an array has no known type or length");
    const size = length * ARRAYS[type].BYTES_PER_ELEMENT;
    if (at + size > bytes.length) throw fail("an array goes past its end");
    const Type = ARRAYS[type] as new (buffer: ArrayBufferLike, at?: number, length?: number) => Numbers;
    let array: Numbers;
    if (isAligned && size > SMALL_BYTES) {
      array = new Type(bytes.buffer, bytes.byteOffset + at, length);
    } else {
      const buffer = sharedBytes(size);
      new Uint8Array(buffer).set(bytes.subarray(at, at + size));
      array = new Type(buffer);
    }
    at += size + padding(size).length;
    return array;
  });
  if (at !== bytes.length) throw fail("bytes are left over");
  return arrays;
}

/** Zeros up to the next multiple of 8. */
function padding(length: number): Uint8Array {
  return new Uint8Array((8 - (length % 8)) % 8);
}

/** A copy of plain data with its arrays replaced by their numbers; of equal ones the first is kept. */
function withoutArrays(data: unknown, found: Numbers[]): unknown {
  if (ArrayBuffer.isView(data)) {
    const known = found.findIndex((array) => array === data || isSame(array, data as Numbers));
    return { $array: known >= 0 ? known : found.push(data as Numbers) - 1 };
  }
  if (Array.isArray(data)) return data.map((item) => withoutArrays(item, found));
  if (typeof data !== "object" || data === null) return data;
  return Object.fromEntries(Object.entries(data).map(([key, value]) => [key, withoutArrays(value, found)]));
}

/** Compares by content: arrays that threads send back are copies of one array. */
function isSame(a: Numbers, b: Numbers): boolean {
  return a.constructor === b.constructor && a.length === b.length && bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function withArrays(data: unknown, arrays: Numbers[], fail: (why: string) => InputError, depth = 0): unknown {
  if (depth > MAX_DEPTH) throw fail("it is nested too deeply");
  if (Array.isArray(data)) return data.map((item) => withArrays(item, arrays, fail, depth + 1));
  if (typeof data !== "object" || data === null) return data;
  if (Object.hasOwn(data, "$array")) {
    const array = arrays.at((data as { $array: number }).$array);
    if (array === undefined) throw fail("it names an array that it does not hold");
    return array;
  }
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, withArrays(value, arrays, fail, depth + 1)]),
  );
}
