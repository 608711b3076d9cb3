import type { Candidate } from "./answers/metrics.js";

/** A row or element of a file, as JSON would hold it. Its keys are data: read it with `field`. */
export type Row = Record<string, unknown>;

/** The own value of a key. */
export function field(row: unknown, key: string): unknown {
  return typeof row === "object" && row !== null && Object.hasOwn(row, key) ? (row as Row)[key] : undefined;
}

/** Whether a key has a value that can be read. */
export function isReadable(row: Row, key: string): boolean {
  return Object.getOwnPropertyDescriptor(row, key)?.get === undefined;
}

/** The value at a path of keys; undefined where there is none. */
export function at(row: unknown, ...path: string[]): unknown {
  return path.reduce(field, row);
}

/** A number, from a number, a numeric text or a bigint; undefined for anything else. */
export function numberOf(value: unknown): number | undefined {
  const number = typeof value === "string" && value.trim() !== "" ? Number(value) : value;
  return typeof number === "number" && Number.isFinite(number) ? number : undefined;
}

/** A text that is not blank, or a number as text. */
export function nameOf(value: unknown): string | undefined {
  if (typeof value === "number" && Number.isFinite(value)) return String(value);
  return typeof value === "string" && value.trim() !== "" ? value : undefined;
}

/** Whether a value says true or false: those words, or 1 and 0 in any notation; undefined: neither. */
export function truthOf(value: unknown): boolean | undefined {
  if (typeof value === "boolean") return value;
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (word === "true" || word === "false") return word === "true";
  const number = numberOf(word);
  return number === 1 || number === 0 ? number === 1 : undefined;
}

/** A candidate for the score from a number, true, false, or such a text; undefined for anything else. */
export function candidateOf(name: string, value: unknown, key?: string): Candidate | undefined {
  const word = typeof value === "string" ? value.trim().toLowerCase() : value;
  if (word === true || word === "true") return { name, key, value: 1, isVerdict: true };
  if (word === false || word === "false") return { name, key, value: 0, isVerdict: true };
  const number = typeof value === "bigint" ? Number(value) : numberOf(value);
  return number === undefined ? undefined : { name, key, value: number };
}

/** The candidates among these. */
export function candidatesIn(all: readonly (Candidate | undefined)[]): Candidate[] {
  return all.filter((candidate) => candidate !== undefined);
}

/** A score of 0 … 1 from a number, true, false, or such a text; undefined for anything else. */
export function scoreIn(value: unknown): number | undefined {
  const truth = truthOf(value);
  if (truth !== undefined) return truth ? 1 : 0;
  const number = numberOf(value);
  return number !== undefined && number >= 0 && number <= 1 ? number : undefined;
}

/** The text of a chat: a text, or the user messages in a list of messages. */
export function textOfChat(value: unknown): string {
  if (typeof value === "string") return value;
  if (!Array.isArray(value)) return "";
  const messages = value.map((message) => ({
    role: field(message, "role"),
    text: contentOf(field(message, "content")),
  }));
  const users = messages.filter(({ role }) => role === "user");
  return (users.length > 0 ? users : messages).map(({ text }) => text).join("\n\n");
}

/** Texts of a message: itself, or its parts of type text. */
function contentOf(content: unknown): string {
  if (typeof content === "string") return content;
  if (!Array.isArray(content)) return "";
  return content
    .map((part) => field(part, "text"))
    .filter((text) => typeof text === "string")
    .join("\n");
}

/** An object, or the JSON text of one as a CSV cell has it; undefined for anything else. */
export function objectIn(value: unknown): Row | undefined {
  if (typeof value === "object" && value !== null && !Array.isArray(value)) return value as Row;
  if (typeof value !== "string" || !value.trimStart().startsWith("{")) return undefined;
  const parsed = literalIn(value);
  return typeof parsed === "object" && parsed !== null && !Array.isArray(parsed)
    ? (parsed as Row)
    : undefined;
}

/** The value of a JSON text; undefined where it is none. */
function jsonIn(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** The value of a JSON text, or of a Python literal as pandas writes it into a cell; undefined where it is neither. */
export function literalIn(text: string): unknown {
  return jsonIn(text) ?? (text.length > LITERAL_LIMIT ? undefined : jsonIn(pythonAsJson(text)));
}

const LITERAL_LIMIT = 2 ** 20;
const PYTHON_WORDS: Readonly<Record<string, string | undefined>> = {
  None: "null",
  True: "true",
  False: "false",
};

/** Python's lists, dictionaries, texts and words in JSON's spelling. Linear in the length. */
function pythonAsJson(text: string): string {
  // An escape outside of a text is taken whole, so that no quote in it begins another search for the closing one.
  const token = /'([^'\\]*(?:\\.[^'\\]*)*)'|"([^"\\]*(?:\\.[^"\\]*)*)"|\b(?:None|True|False)\b|\\./gs;
  return text.replace(token, (word, single?: string, double?: string) => {
    const content = single ?? double;
    return content === undefined
      ? (PYTHON_WORDS[word] ?? word)
      : `"${content.replace(/\\x(?=[0-9a-f]{2})|\\'|\\.|"/gis, jsonEscape)}"`;
  });
}

function jsonEscape(found: string): string {
  if (found === '"') return '\\"';
  if (found === "\\'") return "'";
  return found.toLowerCase() === "\\x" ? "\\u00" : found;
}
