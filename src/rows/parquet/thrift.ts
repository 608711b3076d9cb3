/** Types of Thrift's compact protocol that Parquet uses. */
const BOOLEANS = [1, 2];
const BYTE = 3;
const NUMBERS = [4, 5, 6];
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Bytes of the longest number, of 64 bits; and structs in structs, of which Parquet has fewer than ten. */
const NUMBER_BYTES = 10;
const MAX_DEPTH = 32;

/**
 * Where a struct in Thrift's compact protocol ends that begins at `from`
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). Its decoder trusts the bytes: it
 * takes hours over a number that does not end. Throws an Error for what cannot be decoded. O(bytes).
 */
export function endOfStruct(bytes: Uint8Array, from = 0): number {
  let at = from;
  const skip = (length: number): void => {
    if (length > bytes.length - at) throw new Error("a header ends too early");
    at += length;
  };
  const byte = (): number => {
    skip(1);
    return bytes[at - 1];
  };
  const number = (): number => {
    let value = 0;
    for (let k = 0; k < NUMBER_BYTES; k++) {
      const part = byte();
      value += (part & 127) * 128 ** k;
      if (part < 128) return value;
    }
    throw new Error("a number that does not end");
  };
  const list = (depth: number): void => {
    const head = byte();
    const type = head & 15;
    const size = head >> 4 === 15 ? number() : head >> 4;
    for (let i = 0; i < size; i++) element(BOOLEANS.includes(type) ? BYTE : type, depth);
  };
  const element = (type: number, depth: number): void => {
    if (depth > MAX_DEPTH) throw new Error("a header that is nested too deeply");
    if (type === BYTE) skip(1);
    else if (NUMBERS.includes(type)) number();
    else if (type === DOUBLE) skip(8);
    else if (type === BINARY) skip(number());
    else if (type === LIST) list(depth + 1);
    else if (type === STRUCT) struct(depth + 1);
    else throw new Error(`a header with a field of type ${type}`);
  };
  const struct = (depth: number): void => {
    for (;;) {
      const head = byte();
      const type = head & 15;
      if (type === 0) return;
      if (head >> 4 === 0) number();
      // A boolean is its type.
      if (!BOOLEANS.includes(type)) element(type, depth);
    }
  };
  struct(0);
  return at;
}
