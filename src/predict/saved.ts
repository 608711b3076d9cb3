import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { version } from "../package.js";
import { deflateRawSync, inflateRawSync } from "node:zlib";
import { ARRAYS, packArray, unpackArray, type ArrayName, type Numbers } from "./packed/arrays.js";
import { packState, unpackState } from "./packed/state.js";
import { checkState } from "./checkState.js";
import { MeanPredictor, stateOf, type Predictor } from "./predictor.js";
import type { PredictorState } from "./state.js";
import { sharedBytes } from "../memory.js";

/*
 * A saved predictor: 8 bytes that name the format, the length of a JSON header (uint32), 4 zero bytes, the header, the
 * arrays (`packed/arrays.ts`) one after another and deflated, and the SHA-256 of everything before it. Little-endian. The
 * header holds the state (`packed/state.ts`) with each array as { "$array": its number }, and the arrays' types, lengths, and
 * sizes before they were deflated. It holds no code, and nothing in it is executed.
 */
const MAGIC = "OPTLLMP\n";
/** Raised whenever an older reader could misunderstand, or a newer one. */
const FORMAT = 5;
const DIGEST_BYTES = 32;
const START = 16;
/** Maximum size of a file in bytes. */
export const MAX_SAVED_BYTES = 2 ** 31;
/** Maximum nesting depth of the header; a state has fewer than ten levels. */
const MAX_DEPTH = 100;

/** Most bytes of the arrays of a file, deflated or not: this much of any file, or so many times its size. */
const ROOM = 1 << 26;
const MOST_TIMES = 50;

interface Header {
  format: number;
  /** Version of the package that wrote it. */
  version: string;
  arrays: { type: ArrayName; length: number; size: number }[];
  state: unknown;
}

/** The bytes of a saved predictor. The same predictor gives the same bytes. */
export function savePredictor(predictor: Predictor): Uint8Array {
  const found: Numbers[] = [];
  const state = withoutArrays(packState(stateOf(predictor)), found);
  const packed = found.map(packArray);
  const arrays = found.map((array, k) => ({
    type: array.constructor.name as ArrayName,
    length: array.length,
    size: packed[k].length,
  }));
  const header = Buffer.from(JSON.stringify({ format: FORMAT, version, arrays, state } satisfies Header));
  const parts: Uint8Array[] = [Buffer.from(MAGIC), new Uint8Array(8), header];
  new DataView(parts[1].buffer).setUint32(0, header.length, true);
  parts.push(deflateRawSync(Buffer.concat(packed)));
  const digest = createHash("sha256");
  for (const part of parts) digest.update(part);
  return Buffer.concat([...parts, digest.digest()]);
}

/**
 * Reads what `savePredictor` wrote. Throws InputError for bytes that are not a saved predictor, are damaged, come from
 * a newer version, or are inconsistent.
 */
export function loadPredictor(bytes: Uint8Array): Predictor {
  return loadSaved(bytes).predictor;
}

/** A predictor that was read, and the SHA-256 of its bytes in hexadecimal digits. */
export interface Saved {
  predictor: Predictor;
  digest: string;
}

/** The same with the digest of the bytes. Throws as `loadPredictor` does. */
export function loadSaved(bytes: Uint8Array): Saved {
  const text = (from: number, to: number): string => Buffer.from(bytes.subarray(from, to)).toString("utf8");
  if (bytes.length < START + DIGEST_BYTES || text(0, MAGIC.length) !== MAGIC) {
    throw new InputError("not a saved predictor; expected a file that `optllm fit` wrote");
  }
  const end = bytes.length - DIGEST_BYTES;
  const hash = createHash("sha256").update(bytes.subarray(0, end));
  const digest = hash.copy().update(bytes.subarray(end)).digest("hex");
  if (!hash.digest().equals(bytes.subarray(end))) {
    throw new InputError("the saved predictor is damaged: its checksum does not match");
  }
  const length = new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  const header = parseHeader(text(START, Math.min(end, START + length)));
  const arrays = readArrays(bytes.subarray(Math.min(end, START + length), end), header.arrays);
  const state = unpackState(withArrays(header.state, arrays));
  checkState(state);
  return { predictor: new MeanPredictor(state as PredictorState), digest };
}

function parseHeader(text: string): Header {
  let header: Partial<Header> | null;
  try {
    header = JSON.parse(text) as Partial<Header> | null;
  } catch {
    throw inconsistent("its header is not JSON");
  }
  if (typeof header?.format !== "number") throw inconsistent("its format has no number");
  if (header.format > FORMAT) {
    throw new InputError(
      `the saved predictor has format ${header.format}, written by optllm ${String(header.version).slice(0, 20)}; ` +
        `this version reads format ${FORMAT}: update the package`,
    );
  }
  if (header.format < FORMAT) {
    throw new InputError(
      `the saved predictor has format ${header.format}, which this version no longer reads: fit it again`,
    );
  }
  if (!Array.isArray(header.arrays) || (header.arrays as unknown[]).includes(null))
    throw inconsistent("it has no list of arrays");
  return header as Header;
}

function readArrays(bytes: Uint8Array, list: Header["arrays"]): Numbers[] {
  const most = Math.min(MAX_SAVED_BYTES, Math.max(ROOM, MOST_TIMES * bytes.length));
  let [total, packedTotal] = [0, 0];
  for (const { type, length, size } of list) {
    if (!Object.hasOwn(ARRAYS, type) || !isCount(length) || !isCount(size)) {
      throw inconsistent("an array has no known type, length or size");
    }
    total += length * ARRAYS[type].BYTES_PER_ELEMENT;
    packedTotal += size;
  }
  if (Math.max(total, packedTotal) > most)
    throw inconsistent("its arrays are too large for a file of its size");
  const packed = inflated(bytes, packedTotal);
  let at = 0;
  return list.map(({ type, length, size }) => {
    const Type = ARRAYS[type] as new (buffer: ArrayBufferLike) => Numbers;
    const array = new Type(sharedBytes(length * ARRAYS[type].BYTES_PER_ELEMENT));
    if (!unpackArray(packed.subarray(at, (at += size)), array)) {
      throw inconsistent("an array has another length than its bytes");
    }
    return array;
  });
}

/** Exactly so many bytes. */
function inflated(bytes: Uint8Array, size: number): Uint8Array {
  try {
    const packed = inflateRawSync(bytes, { maxOutputLength: Math.max(1, size) });
    if (packed.length === size) return packed;
  } catch {
    // Not deflated bytes, or more of them.
  }
  throw inconsistent("its arrays cannot be inflated to their size");
}

function isCount(value: unknown): boolean {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}

function inconsistent(why: string): InputError {
  return new InputError(`the saved predictor is inconsistent: ${why}`);
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

/**
 * Compares by content: arrays that threads send back, such as the sample's rows in every replicate, are copies of one
 * array.
 */
function isSame(a: Numbers, b: Numbers): boolean {
  return a.constructor === b.constructor && bytesOf(a).equals(bytesOf(b));
}

function bytesOf({ buffer, byteOffset, byteLength }: Numbers): Buffer {
  return Buffer.from(buffer, byteOffset, byteLength);
}

function withArrays(data: unknown, arrays: Numbers[], depth = 0): unknown {
  if (depth > MAX_DEPTH) throw inconsistent("it is nested too deeply");
  if (Array.isArray(data)) return data.map((item) => withArrays(item, arrays, depth + 1));
  if (typeof data !== "object" || data === null) return data;
  if (Object.hasOwn(data, "$array")) {
    const array = arrays.at((data as { $array: number }).$array);
    if (array === undefined) throw inconsistent("it names an array that it does not hold");
    return array;
  }
  return Object.fromEntries(
    Object.entries(data).map(([key, value]) => [key, withArrays(value, arrays, depth + 1)]),
  );
}
