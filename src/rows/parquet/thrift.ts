import { Cursor } from "./cursor.js";

/** Types of Thrift's compact protocol that Parquet uses. */
const BOOLEANS = [1, 2];
const BYTE = 3;
const NUMBERS = [4, 5, 6];
const DOUBLE = 7;
const BINARY = 8;
const LIST = 9;
const STRUCT = 12;

/** Structs inside structs; Parquet has fewer than ten levels. */
const MAX_DEPTH = 32;

/**
 * Checks a struct in Thrift's compact protocol that begins at `from`, and returns where it ends
 * (https://github.com/apache/thrift/blob/master/doc/specs/thrift-compact-protocol.md). hyparquet's decoder trusts the
 * bytes: a number that does not end would keep it busy for hours. Throws an Error for what cannot be decoded. O(bytes).
 */
export function endOfStruct(bytes: Uint8Array, from = 0): number {
  const cursor = new Cursor(bytes, from, "a header ends too early");
  skipStruct(cursor, 0);
  return cursor.at;
}

function skipStruct(cursor: Cursor, depth: number): void {
  for (;;) {
    const head = cursor.byte();
    const type = head & 15;
    if (type === 0) return;
    if (head >> 4 === 0) cursor.number();
    // A boolean has no bytes: its type is its value.
    if (!BOOLEANS.includes(type)) skipElement(cursor, type, depth);
  }
}

function skipElement(cursor: Cursor, type: number, depth: number): void {
  if (depth > MAX_DEPTH) throw new Error("a header that is nested too deeply");
  if (type === BYTE) cursor.skip(1);
  else if (NUMBERS.includes(type)) cursor.number();
  else if (type === DOUBLE) cursor.skip(8);
  else if (type === BINARY) cursor.skip(cursor.number());
  else if (type === LIST) skipList(cursor, depth + 1);
  else if (type === STRUCT) skipStruct(cursor, depth + 1);
  else throw new Error(`a header with a field of type ${type}`);
}

function skipList(cursor: Cursor, depth: number): void {
  const head = cursor.byte();
  const type = head & 15;
  const size = head >> 4 === 15 ? cursor.number() : head >> 4;
  for (let i = 0; i < size; i++) skipElement(cursor, BOOLEANS.includes(type) ? BYTE : type, depth);
}
