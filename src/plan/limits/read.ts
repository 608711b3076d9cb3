import { readFile, stat } from "node:fs/promises";
import { dirname, resolve } from "node:path";
import { LineCounter, parseDocument, isMap, isScalar, isSeq, type Node } from "yaml";
import { InputError } from "../../errors.js";
import { readRecords } from "../../rows/records.js";
import { readError } from "../../text/fileError.js";
import { parseDecimal } from "../../text/number.js";
import { fileName, oneLine, shown } from "../../text/shown.js";
import {
  parseGroupFloor,
  parseLatency,
  parseLatencyOf,
  parseLimit,
  parseShare,
  parseSpend,
} from "./grammar.js";
import type { LimitSpec } from "./spec.js";

/** Limits on a plan, as options or a file give them. */
export interface Limits {
  specs: LimitSpec[];
  /** The seconds that models take for a query, by name or pattern; the first that fits a model counts. */
  latencyOf: { models: string; seconds: number }[];
}

const MOST_BYTES = 2 ** 20;
/** Values of a group's column that a file of budgets may name. */
const MOST_BUDGETS = 1000;

/**
 * Budgets of groups from a table: the first column, whose name is that of a column of the work, holds its values, and the
 * second dollars.
 *
 * @throws InputError naming file, line and value.
 */
export async function readGroupBudgets(path: string): Promise<LimitSpec[]> {
  const file = fileName(path);
  const specs: LimitSpec[] = [];
  const seen = new Set<string>();
  for await (const { line, record } of readRecords(path)) {
    const fail = (problem: string): InputError =>
      new InputError(`${file}: line ${line}: ${problem}`, { file, line });
    const [group, budget] = [...record];
    if (record.size !== 2) throw fail(`expected two columns, the group and its dollars, not ${record.size}`);
    const [column, value] = [group[0], String(group[1]).trim()];
    const dollars = parseDecimal(String(budget[1]).trim().replace(/^\$/, ""));
    if (!(dollars >= 0 && dollars <= 1e12))
      throw fail(`${shown(budget[1])} is no number of dollars from 0 to 10¹²`);
    if (seen.has(value)) throw fail(`${column} ${shown(value)} has its budget already`);
    seen.add(value);
    if (seen.size > MOST_BUDGETS) throw fail(`more than ${MOST_BUDGETS} budgets`);
    specs.push({ measure: "cost", as: "total", side: "atMost", value: dollars, group: { column, value } });
  }
  if (specs.length === 0) throw new InputError(`${file}: no budget of any group`, { file });
  return specs;
}

/** What each key of a file holds. Keys are the options' names. */
export const PARSERS = {
  limit: parseLimit,
  share: parseShare,
  "group-floor": parseGroupFloor,
  latency: parseLatency,
  spend: parseSpend,
} as const;
export const KEYS = [...Object.keys(PARSERS), "group-budget", "latency-of"];

/** What the text of a key has between a name and its value. */
export function separatorOf(key: string): string {
  return key === "latency-of" ? "=" : key === "share" ? " " : ": ";
}

/**
 * Limits from a YAML or JSON file that says what the options say: each key is an option's name, and holds a text or a list
 * of them. `- gpt-4o: 20000 queries`, which YAML takes for a name and a value, is that text. Paths are relative to the file.
 *
 * @throws InputError naming file, line and place.
 */
export async function readConstraints(path: string): Promise<Limits> {
  const file = fileName(path);
  const lines = new LineCounter();
  const document = parseDocument(await textOf(path, file), { lineCounter: lines, uniqueKeys: true });
  const lineAt = (node: unknown): number => lines.linePos((node as Node | null)?.range?.[0] ?? 0).line;
  const fail = (line: number, problem: string): InputError =>
    new InputError(`${file}: line ${line}: ${problem}`, { file, line });
  const [error] = document.errors;
  if (error !== undefined) {
    const [problem] = error.message.split("\n");
    const said =
      error.code === "MULTIPLE_DOCS"
        ? "a second document; expected one"
        : problem.replace(/ at line \d+, column \d+:$/, "");
    throw fail(lines.linePos(error.pos[0]).line, oneLine(said));
  }
  const { contents } = document;
  if (!isMap(contents)) throw fail(1, `expected keys ${KEYS.join(", ")}`);
  const limits: Limits = { specs: [], latencyOf: [] };
  for (const { key, value } of contents.items) {
    const name = isScalar(key) ? String(key.value) : "";
    if (!KEYS.includes(name)) {
      throw fail(lineAt(key), `key ${shown(name)}; expected one of ${KEYS.join(", ")}`);
    }
    for (const item of isSeq(value) ? value.items : [value]) {
      for (const text of textsOf(item, separatorOf(name))) {
        if (text === undefined)
          throw fail(lineAt(item ?? key), `${name} holds no text, such as --${name} takes`);
        const where = `${file}: line ${lineAt(item)}: ${name}`;
        if (name === "latency-of") limits.latencyOf.push(parseLatencyOf(text, where));
        else if (name !== "group-budget")
          limits.specs.push(PARSERS[name as keyof typeof PARSERS](text, where));
        else limits.specs.push(...(await readGroupBudgets(resolve(dirname(resolve(path)), text))));
      }
    }
  }
  if (limits.specs.length + limits.latencyOf.length === 0)
    throw new InputError(`${file}: no limit`, { file });
  return limits;
}

/** A text as it is; a name and a value as a text; undefined for anything else. */
function textsOf(item: unknown, separator: string): (string | undefined)[] {
  if (isScalar(item)) return [typeof item.value === "string" ? item.value : undefined];
  if (!isMap(item)) return [undefined];
  return item.items.map(({ key, value }) =>
    isScalar(key) && isScalar(value) && value.value !== null
      ? `${String(key.source ?? key.value)}${separator}${String(value.source ?? value.value)}`
      : undefined,
  );
}

async function textOf(path: string, file: string): Promise<string> {
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw new InputError(`${file} is larger than 1 MiB`, { file });
    return await readFile(path, "utf8");
  } catch (error) {
    throw readError(error, path);
  }
}
