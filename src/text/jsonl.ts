import { InputError } from "../errors.js";
import { parseJson } from "./parseJson.js";
import { oneLine, shown } from "./shown.js";

/**
 * The object on a line of a JSONL file; undefined if the line is blank. Its keys are data: read them with
 * `Object.keys`, for `constructor` may be absent and `__proto__` present. NaN and Infinity are read as `parseJson` does.
 *
 * @throws InputError naming file and line: invalid JSON, or a value that is not an object.
 */
export function parseObject(text: string, name: string, line: number): Record<string, unknown> | undefined {
  if (text.trim() === "") return undefined;
  const value = parse(text, name, line);
  if (typeof value === "object" && value !== null && !Array.isArray(value))
    return value as Record<string, unknown>;
  throw new InputError(`${name}:${line}: ${shown(value)} is not an object; expected one JSON object a line`, {
    file: name,
    line,
  });
}

function parse(text: string, name: string, line: number): unknown {
  try {
    return parseJson(text);
  } catch (error) {
    const why = oneLine((error as Error).message).slice(0, 120);
    throw new InputError(`${name}:${line}: not valid JSON (${why}); expected one object a line`, {
      file: name,
      line,
    });
  }
}
