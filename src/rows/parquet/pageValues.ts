import type { DecodedArray, Encoding, SchemaElement } from "hyparquet";
import { convert, DEFAULT_PARSERS } from "hyparquet/src/convert.js";
import { readDataPage } from "hyparquet/src/datapage.js";
import { readPlain } from "hyparquet/src/plain.js";
import type { Scratch, Whole } from "./buffers.js";
import { tidy } from "../../decimal.js";
import { checkDeltas } from "./deltas.js";
import { plain } from "./plain.js";
import { readRuns } from "./runs.js";

/** Numbers are held without an object each. */
export type Values = Float64Array | unknown[];

/** Decodes the next `count` values of a page that are not blank, and puts them into `into` from `from` on. */
export type Take = (into: Values, from: number, count: number) => void;

/** How hyparquet decodes values of a column. Levels are read separately, so all values are present. */
function decoderOf(element: SchemaElement): Parameters<typeof convert>[1] {
  return {
    element,
    type: element.type!,
    pathInSchema: [element.name],
    schemaPath: [],
    codec: "UNCOMPRESSED",
    parsers: DEFAULT_PARSERS,
  };
}

/**
 * Takes `count` values of an unpacked page, decoded by hyparquet. `bytes` must end where their buffer ends: the decoder
 * reads up to there.
 *
 * @throws Error if the page cannot hold that many values.
 */
export function valuesOf(
  bytes: Uint8Array,
  encoding: Encoding,
  count: number,
  element: SchemaElement,
  dictionary: Values | undefined,
  scratch: Scratch,
): Take {
  if (count === 0) return () => undefined;
  if (encoding === "PLAIN_DICTIONARY" || encoding === "RLE_DICTIONARY")
    return indexedValues(bytes, count, dictionary, scratch);
  if (encoding === "PLAIN") return plainValues(bytes, count, element);
  return inOrder(wholePage(bytes, encoding, count, element, scratch));
}

/** The smallest size of `count` values in PLAIN encoding or as split bytes. */
function leastBytes({ type, type_length: length }: SchemaElement, count: number): number {
  if (type === "BOOLEAN") return count / 8;
  if (type === "INT64" || type === "DOUBLE") return 8 * count;
  if (type === "INT96") return 12 * count;
  // A text or number of 32 bits; a blank text is its length alone.
  return type === "FIXED_LEN_BYTE_ARRAY" ? (length ?? 0) * count : 4 * count;
}

export function canHold(bytes: Uint8Array, count: number, element: SchemaElement): boolean {
  return leastBytes(element, count) <= bytes.length;
}

export function plainValues(bytes: Uint8Array, count: number, element: SchemaElement): Take {
  if (!canHold(bytes, count, element)) throw new Error("values end beyond their page");
  const reader = { view: new DataView(bytes.buffer, bytes.byteOffset, bytes.length), offset: 0 };
  const decoder = decoderOf(element);
  const next = (length: number): DecodedArray =>
    converted(readPlain(reader, decoder.type, length, element.type_length), decoder);
  // Eight booleans share a byte, which hyparquet reads from its beginning.
  if (element.type === "BOOLEAN") return inOrder(next(count));
  return (into, from, length) => put(into, from, next(length));
}

function indexedValues(
  bytes: Uint8Array,
  count: number,
  dictionary: Values | undefined,
  scratch: Scratch,
): Take {
  if (!dictionary) throw new Error("a page without its dictionary");
  const indices = readRuns(bytes, 1, bytes.length, bytes[0], count, scratch);
  let at = 0;
  return (into, from, length) => {
    const next = indices.subarray(at, (at += length));
    if (into instanceof Float64Array) lookUpNumbers(dictionary as Float64Array, next, into, from);
    else lookUp(dictionary, next, into, from);
  };
}

/** The same as `lookUp`, which the engine compiles for numbers alone. */
function lookUpNumbers(dictionary: Float64Array, indices: Whole, into: Float64Array, from: number): void {
  for (let i = 0; i < indices.length; i++) into[from + i] = dictionary[within(indices[i], dictionary)];
}

function lookUp(dictionary: Values, indices: Whole, into: unknown[], from: number): void {
  for (let i = 0; i < indices.length; i++) into[from + i] = dictionary[within(indices[i], dictionary)];
}

function within(index: number, { length }: Values): number {
  if (index >= length) throw new Error("an index beyond the dictionary");
  return index;
}

/** The rare encodings. */
function wholePage(
  bytes: Uint8Array,
  encoding: Encoding,
  count: number,
  element: SchemaElement,
  scratch: Scratch,
): DecodedArray {
  if (encoding === "RLE" && element.type === "BOOLEAN") {
    const length = new DataView(bytes.buffer, bytes.byteOffset, bytes.length).getUint32(0, true);
    return Array.from(readRuns(bytes, 4, 4 + length, 1, count, scratch), Boolean);
  }
  if (encoding === "BYTE_STREAM_SPLIT") {
    if (!canHold(bytes, count, element)) throw new Error("values end beyond their page");
  } else if (encoding?.startsWith("DELTA_")) checkDeltas(bytes, encoding, count);
  else throw new Error(`values encoded as ${encoding}`);
  const decoder = decoderOf(element);
  const header = {
    num_values: count,
    encoding,
    definition_level_encoding: "RLE",
    repetition_level_encoding: "RLE",
  } as const;
  return converted(readDataPage(bytes, header, decoder).dataPage, decoder);
}

/** hyparquet multiplies a decimal's digits by 10⁻ˢᶜᵃˡᵉ, which is not the number nearest to the decimal. */
function converted(values: DecodedArray, decoder: Parameters<typeof convert>[1]): DecodedArray {
  const numbers = convert(values, decoder);
  return decoder.element.converted_type === "DECIMAL"
    ? Array.from(numbers as ArrayLike<number>, tidy)
    : numbers;
}

function inOrder(values: DecodedArray): Take {
  let at = 0;
  return (into, from, count) => put(into, from, values.slice(at, (at += count)));
}

function put(into: Values, from: number, values: ArrayLike<unknown>): void {
  if (into instanceof Float64Array) into.set(values as ArrayLike<number>, from);
  else for (let i = 0; i < values.length; i++) into[from + i] = plain(values[i]);
}
