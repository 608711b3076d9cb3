/**
 * Size of what snappy unpacks (https://github.com/google/snappy/blob/main/format_description.txt), from the lengths of
 * its parts. hyparquet's decoder trusts these: a literal of more than 2^31 bytes moves it backwards, possibly in an
 * endless loop. O(parts).
 */
export function snappyLength(packed: Uint8Array): number {
  let at = 0;
  // The claimed size, 7 bits a byte.
  while (at < packed.length && packed[at] > 127) at++;
  at++;
  let length = 0;
  while (at < packed.length) {
    const tag = packed[at++];
    const kind = tag & 3;
    const upper = tag >>> 2;
    if (kind === 0) {
      // The lengths from 61 to 64 stand for 1 to 4 bytes that hold the length.
      const extra = Math.max(0, upper - 59);
      const literal = 1 + (extra === 0 ? upper : littleEndian(packed, at, extra));
      length += literal;
      at += extra + literal;
    } else {
      length += kind === 1 ? (upper & 7) + 4 : upper + 1;
      at += kind === 3 ? 4 : kind;
    }
  }
  if (at > packed.length) throw new Error("packed data ends too early");
  return length;
}

function littleEndian(bytes: Uint8Array, at: number, size: number): number {
  let value = 0;
  for (let k = size - 1; k >= 0; k--) value = 256 * value + (bytes[at + k] ?? 0);
  return value;
}
