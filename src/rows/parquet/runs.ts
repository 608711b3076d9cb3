import { readRleBitPackedHybrid } from "hyparquet/src/encoding.js";
import type { Scratch, Whole } from "./buffers.js";
import { Cursor } from "./cursor.js";

/** At most 2^24 rows are read, so no index into a dictionary needs more bits. */
const MAX_WIDTH = 24;
const TOO_SHORT = "levels or indices end too early";

/**
 * Reads `count` numbers of `width` bits in Parquet's hybrid of runs and packed bits, from `from` up to `end`
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#RLE). With width 0 all are 0. hyparquet decodes
 * them. It trusts the length of a run, so all runs are checked first.
 */
export function readRuns(
  bytes: Uint8Array,
  from: number,
  end: number,
  width: number,
  count: number,
  scratch: Scratch,
): Whole {
  if (!(width <= MAX_WIDTH)) throw new Error(`numbers of ${width} bits`);
  if (!(end <= bytes.length)) throw new Error("levels or indices that end beyond their page");
  if (width === 0) return scratch.numbers(width, count).fill(0);
  const missing = checkRuns(bytes.subarray(0, end), from, width, count);
  const whole = missing === 0 ? bytes : Buffer.concat([bytes.subarray(0, end), Buffer.alloc(missing)]);
  const view = new DataView(whole.buffer, whole.byteOffset, whole.length);
  const values = scratch.numbers(width, count);
  readRleBitPackedHybrid({ view, offset: from }, width, values, end - from);
  return values;
}

/** Reads for each of `count` rows whether it has a value: 1 or 0; undefined: all have one. */
export function readLevels(
  bytes: Uint8Array,
  from: number,
  end: number,
  count: number,
  scratch: Scratch,
): Whole | undefined {
  const cursor = new Cursor(bytes.subarray(0, end), from, TOO_SHORT);
  // The usual column has no blanks, which takes a single run.
  if (count > 0 && cursor.number() === 2 * count && cursor.byte() === 1) return undefined;
  return readRuns(bytes, from, end, 1, count, scratch);
}

/**
 * Checks that the runs hold `count` numbers, and no repeated run more than are left. Some writers leave out the padding
 * of the last packed run; returns how many bytes of it are missing. O(runs).
 */
function checkRuns(bytes: Uint8Array, from: number, width: number, count: number): number {
  const cursor = new Cursor(bytes, from, TOO_SHORT);
  for (let left = count; left > 0;) {
    const header = cursor.number();
    const isPacked = header % 2 === 1;
    const length = Math.floor(header / 2) * (isPacked ? 8 : 1);
    if (!isPacked && length > left) throw new Error("a run that is too long");
    if (isPacked && length === 0) throw new Error("a run without numbers");
    const size = isPacked ? (length / 8) * width : Math.ceil(width / 8);
    const missing = size - (bytes.length - cursor.at);
    if (missing > 0 && isPacked && length < left + 8 && left * width <= 8 * (size - missing)) return missing;
    cursor.skip(size);
    left -= length;
  }
  return 0;
}
