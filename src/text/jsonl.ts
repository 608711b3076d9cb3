import { InputError } from "../errors.js";
import { parseJson } from "./parseJson.js";
import { oneLine, shown } from "./shown.js";

/**
 * The object on a line of a JSONL file; undefined if the line is blank. Its keys are data: read them with
 * `Object.keys`, for `constructor` may be absent and `__proto__` present. NaN and Infinity are read as `parseJson` does.
 *
 * @param onBlank Called for each NaN.
 * @throws InputError naming file and line: invalid JSON, or a value that is not an object.
 */
export function parseObject(
  text: string,
  name: string,
  line: number,
  onBlank?: () => void,
): Record<string, unknown> | undefined {
  if (text === "" || text.trim() === "") return undefined;
  const value = parse(text, name, line, onBlank);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new InputError(`${name}:${line}: ${shown(value)} is not an object; expected one JSON object a line`, {
    file: name,
    line,
  });
}

function parse(text: string, name: string, line: number, onBlank?: () => void): unknown {
  try {
    return parseJson(text, onBlank);
  } catch (error) {
    const isLayout = line === 1 && text.trim() === "{";
    const isPython = /^\s*\{\s*'/.test(text.slice(0, 100));
    const why = isLayout
      ? "jq -c . writes it so"
      : isPython
        ? "a dict as Python prints it; json.dumps writes it as JSON"
        : oneLine((error as Error).message).slice(0, 120);
    throw new InputError(`${name}:${line}: not valid JSON (${why}); expected one object a line`, {
      file: name,
      line,
    });
  }
}
