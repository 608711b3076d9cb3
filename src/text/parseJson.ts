const QUOTE = 34;
const MINUS = 45;
const BIG_I = 73;
const BIG_N = 78;
const BACKSLASH = 92;

/**
 * The value of a JSON text, also with the numbers that Python writes beside JSON: NaN is null, and Infinity and
 * -Infinity are those words as text. Keys are data, and the last of a repeated key counts. Time is linear.
 *
 * @param onBlank Called once for each NaN.
 * @throws SyntaxError for anything else that is not JSON.
 */
export function parseJson(text: string, onBlank?: () => void): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    const found = strictJson(text);
    if (found === undefined) throw error;
    const value = parsedOr(found.text, error);
    for (let i = 0; i < found.blanks; i++) onBlank?.();
    return value;
  }
}

function parsedOr(text: string, failure: unknown): unknown {
  try {
    return JSON.parse(text);
  } catch {
    // Its message and position are those of the text as it stands in the file.
    throw failure;
  }
}

/** The text with JSON in place of NaN and Infinity outside of strings; undefined where there is none. */
function strictJson(text: string): { text: string; blanks: number } | undefined {
  const pieces: string[] = [];
  let from = 0;
  let blanks = 0;
  for (let at = 0; at < text.length; at++) {
    const c = text.charCodeAt(at);
    if (c === QUOTE) at = endOfString(text, at);
    else if (c === BIG_N && text.startsWith("NaN", at)) {
      pieces.push(text.slice(from, at), "null");
      blanks++;
      from = at + 3;
      at = from - 1;
    } else if (c === BIG_I && text.startsWith("Infinity", at)) {
      const isNegative = at > from && text.charCodeAt(at - 1) === MINUS;
      pieces.push(text.slice(from, isNegative ? at - 1 : at), isNegative ? '"-Infinity"' : '"Infinity"');
      from = at + 8;
      at = from - 1;
    }
  }
  if (pieces.length === 0) return undefined;
  pieces.push(text.slice(from));
  return { text: pieces.join(""), blanks };
}

/** Where the string that begins at `from` has its closing quote, or the end of the text. */
function endOfString(text: string, from: number): number {
  let at = from + 1;
  for (let c = text.charCodeAt(at); at < text.length && c !== QUOTE; c = text.charCodeAt(at))
    at += c === BACKSLASH ? 2 : 1;
  return at;
}
