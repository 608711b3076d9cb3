import type { Encoding } from "hyparquet";
import { deltaBinaryUnpack } from "hyparquet/src/delta.js";
import { Cursor } from "./cursor.js";
import { SIZE_LIMIT } from "./parquetFile.js";

/** The least memory that a decoded text takes, in bytes. */
const TEXT_BYTES = 128;

/**
 * Checks a page of one of the delta encodings before hyparquet decodes it
 * (https://parquet.apache.org/docs/file-format/data-pages/encodings/#DELTAENC): numbers end, and the texts together
 * stay below the limit. A text may repeat the beginning of the text before it, so a few bytes can claim gigabytes.
 */
export function checkDeltas(bytes: Uint8Array, encoding: Encoding, count: number): void {
  const end = endOfDeltas(bytes, 0, count);
  if (encoding === "DELTA_BINARY_PACKED") return;
  let size = count * TEXT_BYTES;
  checkSize(size);
  if (encoding === "DELTA_LENGTH_BYTE_ARRAY") return;
  endOfDeltas(bytes, end, count);
  const shared = numbers(bytes, 0, count);
  const own = numbers(bytes, end, count);
  for (let i = 0, before = 0; i < count; i++) {
    if (!(shared[i] >= 0 && shared[i] <= before && own[i] >= 0))
      throw new Error("a text that ends beyond its page");
    before = shared[i] + own[i];
    checkSize((size += before));
  }
}

function checkSize(size: number): void {
  if (size > SIZE_LIMIT) throw new Error("the texts of a page are larger than 256 MiB");
}

function numbers(bytes: Uint8Array, from: number, count: number): Int32Array {
  const values = new Int32Array(count);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.length);
  deltaBinaryUnpack({ view, offset: from }, count, values);
  return values;
}

/** Where `count` numbers end that begin at `from`; the last block may lack its padding. O(blocks). */
function endOfDeltas(bytes: Uint8Array, from: number, count: number): number {
  const cursor = new Cursor(bytes, from, "differences end too early");
  const block = cursor.number();
  const parts = cursor.number();
  const perPart = block / parts;
  if (!(Number.isInteger(perPart) && perPart > 0))
    throw new Error(`blocks of ${block} numbers in ${parts} parts`);
  // The number of values, which the page header has too, and the first value.
  cursor.number();
  cursor.number();
  for (let left = count - 1; left > 0;) {
    cursor.number();
    const widths = cursor.at;
    cursor.skip(parts);
    for (let part = 0; part < parts && left > 0; part++, left -= perPart) {
      const size = Math.ceil((perPart * bytes[widths + part]) / 8);
      cursor.skip(left > perPart ? size : Math.min(size, bytes.length - cursor.at));
    }
  }
  return cursor.at;
}
