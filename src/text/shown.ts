import { InputError } from "../errors.js";
import { jsonOf } from "../json.js";

const LONGEST = 60;
/**
 * Characters that a terminal would interpret or hide: control characters (escape sequences begin with one), format
 * characters (among them those that turn the direction of the text), lone surrogates, and the line and paragraph
 * separators.
 */
const UNPRINTABLE = /[\p{Cc}\p{Cf}\p{Cs}\u2028\u2029]/gu;

/**
 * Text from a file, safe to print: on one line, every unprintable character as \uXXXX. All foreign text on a terminal
 * or in an error goes through it; HTML pages use `embeddedJson`.
 */
export function oneLine(text: string): string {
  return text.replace(UNPRINTABLE, escaped);
}

/**
 * Lines of a result, safe to print: each unprintable character but the end of a line as \uXXXX, in UTF-16 units, so
 * that JSON stays the JSON of the same value.
 */
export function printable(text: string): string {
  return text.replace(UNPRINTABLE, (character) =>
    character === "\n" ? character : character.split("").map(escaped).join(""),
  );
}

function escaped(character: string): string {
  const code = character.codePointAt(0)!.toString(16);
  return code.length > 4 ? `\\u{${code}}` : `\\u${code.padStart(4, "0")}`;
}

/** Characters of a whole message. */
export const LONGEST_MESSAGE = 2000;

/** A whole message as it is printed: on one line, at most 2,000 characters, cut in the middle. */
export function messageLine(text: string): string {
  const half = LONGEST_MESSAGE / 2;
  if (text.length <= LONGEST_MESSAGE) return oneLine(text);
  return `${oneLine(text.slice(0, half))} … ${oneLine(text.slice(-half))}`;
}

/** A value for an error message: on one line, at most 60 characters; blank text as "". */
export function shown(value: unknown): string {
  const text = typeof value === "string" ? value : value === undefined ? "undefined" : outlineOf(value);
  if (text.trim() === "") return `"${oneLine(text.slice(0, LONGEST - 2))}"`;
  const line = oneLine(text.slice(0, LONGEST + 1));
  return line.length <= LONGEST ? line : line.slice(0, LONGEST - 1).replace(/[\ud800-\udbff]$/, "") + "…";
}

function outlineOf(value: unknown): string {
  try {
    return jsonOf(value);
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    return Array.isArray(value) ? "[…]" : "{…}";
  }
}

/** Whether a text has no half of a surrogate pair, which no file in UTF-8 can hold: it would be replaced. */
export function isWellFormed(text: string): boolean {
  return !/\p{Cs}/u.test(text);
}

/** The name of a file in error messages; "-" is standard input. */
export function fileName(path: string): string {
  return path === "-" ? "stdin" : oneLine(path);
}
