import { refuseContainer } from "./containers.js";
import { CsvParser } from "./csv.js";
import { JsonWalker } from "./json.js";
import { parseObject } from "./jsonl.js";
import { InputError } from "../errors.js";

/** What the beginning of a text file shows. */
export interface Opening {
  kind: "csv" | "jsonl" | "array" | "blank";
  /** Columns of the header, or keys of the first object as far as it can be seen. */
  keys: ReadonlySet<string>;
  /** The first row, if it can be seen: a JSON object, or the cells of a CSV record. */
  first?: Record<string, unknown>;
  /** The array of objects that a JSON document has at its top, and the keys of its first object. */
  rows?: { key: string; keys: ReadonlySet<string> };
}

/** Names of an array of rows, where a document has several arrays. */
const ROW_KEYS = ["rows", "data", "records", "results", "items", "examples"];
const ARRAY_LIMIT = 100;

/**
 * Looks at the first bytes of a text file. Mistakes in it are left to the reader that follows.
 *
 * @throws InputError for common kinds of files that are not text.
 */
export function openingOf(head: Buffer, name: string): Opening {
  refuseContainer(head, name);
  const bytes = head[0] === 0xef && head[1] === 0xbb && head[2] === 0xbf ? head.subarray(3) : head;
  const start = bytes.find((c) => c > 32);
  if (start === undefined) return { kind: "blank", keys: new Set() };
  if (start === 123) return openingOfObject(bytes, name);
  if (start === 91) {
    const first = firstElement(bytes, name);
    return { kind: "array", keys: new Set(Object.keys(first ?? {})), first };
  }
  return { kind: "csv", ...firstRecord(bytes, name) };
}

/** JSONL, or one document. */
function openingOfObject(bytes: Buffer, name: string): Opening {
  const walker = new JsonWalker(name, []);
  attempt(() => walker.push(bytes));
  const keys = walker.topKeys;
  const end = bytes.indexOf(10);
  const first = asObject(attempt(() => parseObject(bytes.toString("utf8", 0, end < 0 ? bytes.length : end), name, 1))); // prettier-ignore
  const isLines = first !== undefined && end >= 0 && bytes.subarray(end).some((c) => c > 32);
  return { kind: "jsonl", keys, first, rows: isLines ? undefined : rowsOf(bytes, name, [...keys]) };
}

function rowsOf(bytes: Buffer, name: string, keys: readonly string[]): Opening["rows"] {
  if (keys.length === 0 || keys.length > ARRAY_LIMIT) return undefined;
  const walker = new JsonWalker(name, keys.map((key) => [key, "*"])); // prettier-ignore
  const found = new Map<string, object>();
  for (const { path, value } of attempt(() => walker.push(bytes)) ?? []) {
    const row = asObject(value);
    if (row && !found.has(keys[path])) found.set(keys[path], row);
  }
  const key = found.size === 1 ? [...found.keys()][0] : ROW_KEYS.find((one) => found.has(one));
  return key === undefined ? undefined : { key, keys: new Set(Object.keys(found.get(key)!)) };
}

function firstElement(bytes: Buffer, name: string): Record<string, unknown> | undefined {
  const walker = new JsonWalker(name, [["*"]]);
  return asObject(attempt(() => walker.push(bytes))?.[0]?.value);
}

function asObject(value: unknown): Record<string, unknown> | undefined {
  const isObject = typeof value === "object" && value !== null && !Array.isArray(value);
  return isObject ? (value as Record<string, unknown>) : undefined;
}

function firstRecord(bytes: Buffer, name: string): Pick<Opening, "keys" | "first"> {
  const parser = new CsvParser(name, undefined, true);
  const end = bytes.lastIndexOf(10);
  const text = bytes.toString("utf8", 0, end < 0 ? bytes.length : end);
  const record = attempt(() => {
    for (const [i, line] of text.split("\n").entries()) {
      const found = parser.push(line, i + 1);
      if (found) return found;
    }
  });
  const columns = (parser.header ?? []).map((column, c) => [column, record?.cells[c]] as const);
  const named = columns.filter(([column]) => column !== "");
  return { keys: new Set(named.map(([column]) => column)), first: record && Object.fromEntries(named) };
}

function attempt<T>(run: () => T): T | undefined {
  try {
    return run();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
