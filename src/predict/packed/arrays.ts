import type { Numbers } from "../../packed.js";

/** Most bytes of one whole number below. */
const LONGEST = 5;

/**
 * Whole numbers of 32 bits become differences from the one before, in seven bits a byte; of floating-point numbers come all first
 * bytes, then all second ones, and so on. Single bytes stay as they are.
 */
export function packArray(array: Numbers): Uint8Array {
  if (array instanceof Int32Array || array instanceof Uint32Array) return packWhole(array);
  const bytes = new Uint8Array(array.buffer, array.byteOffset, array.byteLength);
  const size = array.BYTES_PER_ELEMENT;
  if (size === 1) return bytes;
  const planes = new Uint8Array(bytes.length);
  for (let plane = 0, at = 0; plane < size; plane++) {
    for (let i = plane; i < bytes.length; i += size) planes[at++] = bytes[i];
  }
  return planes;
}

function packWhole(array: Int32Array | Uint32Array): Uint8Array {
  const bytes = new Uint8Array(LONGEST * array.length);
  let [at, last] = [0, 0];
  for (const x of array) {
    const step = (x - last) | 0;
    // The sign becomes the lowest bit.
    let left = ((step << 1) ^ (step >> 31)) >>> 0;
    for (; left > 127; left >>>= 7) bytes[at++] = 128 | left;
    bytes[at++] = left;
    last = x;
  }
  return bytes.slice(0, at);
}

/** The array again, of `out.length` numbers; false if the bytes do not hold so many. O(bytes). */
export function unpackArray(bytes: Uint8Array, out: Numbers): boolean {
  if (out instanceof Int32Array || out instanceof Uint32Array) return unpackWhole(bytes, out);
  if (bytes.length !== out.byteLength) return false;
  const to = new Uint8Array(out.buffer, out.byteOffset, out.byteLength);
  const size = out.BYTES_PER_ELEMENT;
  if (size === 1) to.set(bytes);
  else if (size === 4) joinFour(bytes, to);
  else {
    for (let plane = 0, at = 0; plane < size; plane++) {
      for (let i = plane; i < to.length; i += size) to[i] = bytes[at++];
    }
  }
  return true;
}

/** Reads four bytes of each plane at once, and writes to memory once, in order. */
function joinFour(bytes: Uint8Array, to: Uint8Array): void {
  const count = to.length / 4;
  const words = new Int32Array(to.buffer, to.byteOffset, count);
  const whole = count >> 2;
  // Copies, so that they begin at whole words.
  const [a, b, c, d] = [0, 1, 2, 3].map((plane) => {
    const copy = new Int32Array(whole);
    new Uint8Array(copy.buffer).set(bytes.subarray(plane * count, plane * count + 4 * whole));
    return copy;
  });
  for (let k = 0, i = 0; k < whole; k++, i += 4) {
    const [p, q, r, s] = [a[k], b[k], c[k], d[k]];
    words[i] = (p & 255) | ((q & 255) << 8) | ((r & 255) << 16) | (s << 24);
    words[i + 1] = ((p >> 8) & 255) | (q & 0xff00) | ((r & 0xff00) << 8) | ((s & 0xff00) << 16);
    words[i + 2] = ((p >> 16) & 255) | ((q >> 8) & 0xff00) | (r & 0xff0000) | ((s & 0xff0000) << 8);
    words[i + 3] = (p >>> 24) | ((q >> 16) & 0xff00) | ((r >> 8) & 0xff0000) | (s & ~0xffffff);
  }
  for (let i = 4 * whole; i < count; i++) {
    words[i] =
      bytes[i] | (bytes[count + i] << 8) | (bytes[2 * count + i] << 16) | (bytes[3 * count + i] << 24);
  }
}

function unpackWhole(bytes: Uint8Array, out: Int32Array | Uint32Array): boolean {
  let [at, last] = [0, 0];
  for (let k = 0; k < out.length; k++) {
    if (at >= bytes.length) return false;
    let left = bytes[at++];
    // Most differences have one byte.
    if (left > 127) {
      left &= 127;
      let byte = 128;
      for (let shift = 7; byte > 127; shift += 7) {
        if (at >= bytes.length || shift > 28) return false;
        byte = bytes[at++];
        left |= (byte & 127) << shift;
      }
    }
    last = (last + ((left >>> 1) ^ -(left & 1))) | 0;
    out[k] = last;
  }
  return at === bytes.length;
}
