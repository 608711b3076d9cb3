import { CsvParser } from "./csv.js";
import { JsonWalker } from "./json.js";
import { InputError } from "../errors.js";

/** What the beginning of a text file shows. */
export interface Opening {
  kind: "csv" | "jsonl" | "array" | "blank";
  /** Columns of the header, or keys of the first object as far as it can be seen. */
  keys: ReadonlySet<string>;
}

const FOREIGN: [magic: readonly number[], what: string][] = [
  [[0x50, 0x4b, 3, 4], "a zip archive; unpack it (an Inspect .eval: inspect log convert --to json)"],
  [[0x93, 0x4e, 0x55, 0x4d, 0x50, 0x59], "a NumPy array; expected rows"],
  [[0x80, 4], "a Python pickle; save it as CSV or Parquet (pandas: to_csv, to_parquet)"],
  [[0x80, 5], "a Python pickle; save it as CSV or Parquet (pandas: to_csv, to_parquet)"],
];

/**
 * Looks at the first bytes of a text file. Mistakes in it are left to the reader that follows.
 *
 * @throws InputError for common kinds of files that are not text.
 */
export function openingOf(head: Buffer, name: string): Opening {
  for (const [magic, what] of FOREIGN)
    if (magic.every((byte, i) => head[i] === byte))
      throw new InputError(`${name} is ${what}`, { file: name });
  const bytes = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
  const start = bytes.find((c) => c > 32);
  if (start === undefined) return { kind: "blank", keys: new Set() };
  if (start === 123) return { kind: "jsonl", keys: keysOfObject(bytes, name) };
  if (start === 91) return { kind: "array", keys: keysOfFirst(bytes, name) };
  return { kind: "csv", keys: header(bytes, name) };
}

function keysOfObject(bytes: Buffer, name: string): ReadonlySet<string> {
  const walker = new JsonWalker(name, []);
  attempt(() => walker.push(bytes));
  return walker.topKeys;
}

function keysOfFirst(bytes: Buffer, name: string): ReadonlySet<string> {
  const walker = new JsonWalker(name, [["*"]]);
  const first = attempt(() => walker.push(bytes))?.[0]?.value;
  return new Set(typeof first === "object" && first !== null ? Object.keys(first) : []);
}

function header(bytes: Buffer, name: string): ReadonlySet<string> {
  const parser = new CsvParser(name, true);
  const end = bytes.lastIndexOf(10);
  const text = bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
  attempt(() => {
    for (const [i, line] of text.split("\n").entries()) {
      parser.push(line, i + 1);
      if (parser.header) break;
    }
  });
  return new Set(parser.header);
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
