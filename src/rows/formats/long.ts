import { shown } from "../../text/shown.js";
import type { Format } from "./format.js";
import { isBlank } from "../builder/cell.js";
import { plainName, textRank, unreadCost } from "../builder/knownColumns.js";
import { textOfQuery } from "../builder/namedColumns.js";
import type { Candidate } from "./answers/metrics.js";
import { EFFORT, PROMPT, type Settings } from "./answers/modelNames.js";
import { candidateOf, field, isReadable, nameOf, numberOf, scoreIn, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";
import { countedUsage, hasUsage, reportedIn } from "./usage.js";

/** Accepted names of each column, in any case; the best that a row has is used. Texts have more: `textRank`. */
const NAMES = {
  id: ["query_id", "id", "sample_id", "question_id"],
  model: ["model", "model_name", "model_id"],
  score: [
    "score",
    "pass",
    "passed",
    "success",
    "correct",
    "is_correct",
    "performance",
    "accuracy",
    "acc",
    "exact_match",
    "reward",
  ],
  cost: ["cost", "cost_usd", "total_cost"],
  input: ["input_tokens", "prompt_tokens"],
  output: ["output_tokens", "completion_tokens"],
  cached: ["cached_input_tokens", "cached_tokens"],
  written: ["cache_write_tokens"],
  reasoning: ["reasoning_tokens"],
  total: ["total_tokens"],
  error: ["error"],
} as const;

type Kind = keyof typeof NAMES | "query";

const KINDS: ReadonlyMap<string, { kind: Kind; rank: number }> = new Map(
  (Object.keys(NAMES) as (keyof typeof NAMES)[]).flatMap((kind) =>
    NAMES[kind].map((name, rank) => [name, { kind, rank }] as const),
  ),
);

/** What a column holds, and how well its name says so: the lower the rank, the better. */
function kindOf(column: string): { kind: Kind; rank: number } | undefined {
  if (column.length > LONGEST) return undefined;
  const found = KINDS.get(plainName(column));
  if (found) return found;
  const rank = textRank(column);
  return rank === undefined ? undefined : { kind: "query", rank };
}

const LONGEST = 24;
/** Further words for no error. */
const NO_ERROR = new Set(["false", "0", "0.0", "no"]);

/**
 * A plain long table, one answer per row: `query_id` (or the text in `query`, `prompt`, `question` …), `model`, and any of `score`, `cost`,
 * `input_tokens`, `output_tokens`, `cached_input_tokens`, `cache_write_tokens`, `reasoning_tokens`, `total_tokens`, `error`, or the provider's own `usage` object. Several
 * rows of a query and model are averaged, unless `reasoning_effort`, `temperature` or `prompt_version` tells them apart;
 * a row with an error is left out.
 */
export const long: Format = {
  name: "long",
  isLike: (keys) => {
    const kinds = new Set([...keys].map((key) => kindOf(key)?.kind));
    const has = (...some: Kind[]): boolean => some.some((kind) => kinds.has(kind));
    return has("model") && has("id", "query") && (has("score", "cost", "input") || hasUsage(keys));
  },
  read,
};

function read(row: Row, sink: Observations): void {
  const found = valuesOf(row, sink.queryColumn);
  const value = (kind: Kind): unknown => found.get(kind)?.value;
  const model = nameOf(value("model"));
  const id = nameOf(value("id"));
  const text = textOf(found.get("query"), sink);
  if (model === undefined) return sink.fail("no model");
  if (id === undefined && text === undefined) return sink.fail("neither query_id nor query");
  const error = value("error");
  if (error !== undefined && !NO_ERROR.has(String(error).trim().toLowerCase()))
    return sink.skip("error in the row");
  const number = (kind: Kind): number | undefined => numberIn(kind, value(kind), sink);
  const reported = reportedIn(row, sink);
  const counted = countedUsage(
    {
      input: number("input"),
      output: number("output"),
      cachedInput: number("cached"),
      cacheWrite: number("written"),
      reasoning: number("reasoning"),
      total: number("total"),
    },
    sink,
  );
  const cost = number("cost") ?? reported.cost;
  if (cost === undefined) noteUnread(row, sink);
  const candidates = candidatesOf(row, sink);
  if (candidates.length === 0 && !hasScore(row)) sink.note("no column of scores, so no label");
  sink.observe({
    query: { key: id ?? digest(text as string), id, text },
    model,
    settings: settingsOf(row),
    candidates,
    cost,
    usage: counted ?? reported.usage,
    columns: others(row, found.get("query")?.column),
  });
}

/** Tells of columns that look like costs, in a row without one that is read. */
function noteUnread(row: Row, sink: Observations): void {
  for (const column of Object.keys(row)) {
    const unread = kindOf(column) === undefined ? unreadCost(column) : undefined;
    if (unread !== undefined) sink.note(unread);
  }
}

/** What makes answers of one model those of another one, by the names of its columns. */
const SETTINGS: ReadonlyMap<string, string> = new Map([
  ["reasoning_effort", EFFORT],
  ["effort", EFFORT],
  ["temperature", "temperature"],
  ["prompt_version", PROMPT],
  ["prompt_name", PROMPT],
  ["prompt_label", PROMPT],
]);

function settingsOf(row: Row): Settings {
  const settings = new Map<string, string>();
  for (const column of Object.keys(row)) {
    const name = column.length > LONGEST ? undefined : SETTINGS.get(plainName(column));
    if (name === undefined || settings.has(name) || isAbsent(row[column])) continue;
    const value = numberOf(row[column])?.toString() ?? nameOf(row[column]);
    if (value !== undefined) settings.set(name, value);
  }
  return [...settings];
}

/** The scores of a row, each under its column's name, or under what `metric` says. */
function candidatesOf(row: Row, sink: Observations): Candidate[] {
  const { metric, scale } = sink.choice;
  const rank = (column: string): number | undefined => {
    const known = kindOf(column);
    return known?.kind === "score" ? known.rank : column === metric ? Infinity : undefined;
  };
  const scores = Object.keys(row)
    .filter((column) => rank(column) !== undefined && !isAbsent(row[column]))
    .sort((a, b) => rank(a)! - rank(b)!);
  const told = scores.length === 1 ? nameOf(field(row, "metric")) : undefined;
  return scores.map((column) => {
    const value = row[column];
    const candidate = candidateOf(told ?? column, value);
    const isKnown = scale !== undefined || scoreIn(value) !== undefined;
    if (candidate === undefined || !isKnown)
      return sink.fail(
        `${column} is ${shown(value)}; expected 0 … 1, true or false (another scale: --scale WORST..BEST)`,
      );
    return candidate;
  });
}

function hasScore(row: Row): boolean {
  return Object.keys(row).some((column) => kindOf(column)?.kind === "score");
}

interface Found {
  column: string;
  value: unknown;
  rank: number;
}

/** The best value of each kind that is not blank. `asked`: the column of texts. */
function valuesOf(row: Row, asked: string | undefined): Map<Kind, Found> {
  const found = new Map<Kind, Found>();
  for (const column of Object.keys(row)) {
    const known = column === asked ? { kind: "query" as const, rank: -1 } : kindOf(column);
    const value = known && row[column];
    if (known && !isAbsent(value) && known.rank < (found.get(known.kind)?.rank ?? Infinity))
      found.set(known.kind, { column, value, rank: known.rank });
  }
  return found;
}

function isAbsent(value: unknown): boolean {
  return typeof value === "string"
    ? isBlank(value)
    : (value ?? undefined) === undefined || Number.isNaN(value);
}

function textOf(found: Found | undefined, sink: Observations): string | undefined {
  if (!found) return undefined;
  const { column, value } = found;
  const text = typeof value === "number" ? String(value) : textOfQuery(column, value);
  if (text === undefined) return sink.fail(`${shown(column)} is ${shown(value)}; expected text or messages`);
  if (column !== "query") sink.note(`text from column ${shown(column)}`);
  return nameOf(text);
}

/** A number; a text that is none is refused, so that no cost is left out silently. */
function numberIn(kind: Kind, value: unknown, sink: Observations): number | undefined {
  const number = numberOf(value);
  if (number === undefined && typeof value === "string")
    return sink.fail(
      `${kind === "cost" ? kind : `number of ${kind} tokens`} is ${shown(value)}; expected a number`,
    );
  return number;
}

function others(row: Row, text: string | undefined): Record<string, string> {
  const columns = Object.create(null) as Record<string, string>;
  for (const key of Object.keys(row)) {
    const kind = key === text ? "query" : kindOf(key)?.kind;
    const isUsed = kind !== undefined && (kind !== "query" || key === text || key === "query");
    if (isUsed || !isReadable(row, key)) continue;
    const value = row[key];
    if (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
      columns[key] = String(value);
  }
  return columns;
}
