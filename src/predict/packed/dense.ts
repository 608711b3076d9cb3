import { inflateRawSync } from "node:zlib";
import { deflateSync } from "fflate";
import type { InputError } from "../../errors.js";
import { sharedBytes } from "../../memory.js";
import { ARRAYS, type Dense, type Listed, type Numbers } from "../../packed.js";
import { packArray, unpackArray } from "./arrays.js";

type Fail = (why: string) => InputError;

/** Most bytes of the arrays of a file, deflated or not: this much of any file, or so many times its size. */
const ROOM = 1 << 26;
const MOST_TIMES = 50;
/** Fewest bytes that zlib accepts as a piece of its output. */
const LEAST_CHUNK = 64;
/** Maximum size of a file in bytes, and of its arrays. */
export const MAX_SAVED_BYTES = 2 ** 31;

/** Arrays one after another (`packArray`), deflated: to the same bytes everywhere, which zlib does not promise. */
export const dense: Dense = {
  pack(arrays) {
    const packed = arrays.map(packArray);
    return { sizes: packed.map((bytes) => bytes.length), bytes: deflateSync(Buffer.concat(packed)) };
  },
  unpack(bytes, list, fail) {
    const packed = inflated(bytes, packedSize(bytes.length, list, fail), fail);
    let at = 0;
    return list.map(({ type, length, size }) => {
      const Type = ARRAYS[type] as new (buffer: ArrayBufferLike) => Numbers;
      const array = new Type(sharedBytes(length * ARRAYS[type].BYTES_PER_ELEMENT));
      if (!unpackArray(packed.subarray(at, (at += size!)), array))
        throw fail("an array has another length than its bytes");
      return array;
    });
  },
};

/** The bytes of all arrays before they were deflated. */
function packedSize(fileSize: number, list: readonly Listed[], fail: Fail): number {
  let [total, packed] = [0, 0];
  for (const { type, length, size } of list) {
    if (!Object.hasOwn(ARRAYS, type) || !isCount(length) || !isCount(size))
      throw fail("an array has no known type, length or size");
    total += length * ARRAYS[type].BYTES_PER_ELEMENT;
    packed += size;
  }
  if (Math.max(total, packed) > Math.min(MAX_SAVED_BYTES, Math.max(ROOM, MOST_TIMES * fileSize)))
    throw fail("its arrays are too large for a file of its size");
  return packed;
}

/** Exactly so many bytes. */
function inflated(bytes: Uint8Array, size: number, fail: Fail): Uint8Array {
  try {
    // In one piece, with room for one byte more: pieces would be copied once again.
    const packed = inflateRawSync(bytes, {
      maxOutputLength: Math.max(1, size),
      chunkSize: Math.max(LEAST_CHUNK, size + 1),
    });
    if (packed.length === size) return packed;
  } catch {
    // Not deflated bytes, or more of them.
  }
  throw fail("its arrays cannot be inflated to their size");
}

function isCount(value: unknown): value is number {
  return Number.isSafeInteger(value) && (value as number) >= 0;
}
