import { shown } from "../../text/shown.js";
import type { Format } from "./format.js";
import type { Candidate } from "./answers/metrics.js";
import { candidateOf, field, nameOf, numberOf, scoreIn, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/** Accepted names of each column; the first that a row has is used. */
const NAMES = {
  id: ["query_id", "id", "sample_id", "question_id"],
  query: ["query", "prompt", "question", "input"],
  model: ["model", "model_name", "model_id"],
  score: ["score", "pass", "passed", "success", "correct", "performance"],
  cost: ["cost", "cost_usd", "total_cost"],
  input: ["input_tokens", "prompt_tokens"],
  output: ["output_tokens", "completion_tokens"],
  cached: ["cached_input_tokens", "cached_tokens"],
  written: ["cache_write_tokens"],
  reasoning: ["reasoning_tokens"],
  error: ["error"],
} as const;

const USED: ReadonlySet<string> = new Set(Object.values(NAMES).flat());

/**
 * A plain long table, one answer per row: `query_id` (or the text in `query`), `model`, and any of `score`, `cost`,
 * `input_tokens`, `output_tokens`, `cached_input_tokens`, `cache_write_tokens`, `reasoning_tokens`, `error`. Several
 * rows of a query and model are averaged; a row with an error is left out.
 */
export const long: Format = {
  name: "long",
  isLike: (keys) =>
    has(keys, NAMES.model) &&
    (has(keys, NAMES.id) || has(keys, NAMES.query)) &&
    (has(keys, NAMES.score) || has(keys, NAMES.cost) || has(keys, NAMES.input)),
  read,
};

function has(keys: ReadonlySet<string>, names: readonly string[]): boolean {
  return names.some((name) => keys.has(name));
}

function read(row: Row, sink: Observations): void {
  const value = (kind: keyof typeof NAMES): unknown =>
    NAMES[kind]
      .map((name) => field(row, name))
      .find((found) => found !== undefined && found !== null && found !== "");
  const model = nameOf(value("model"));
  const id = nameOf(value("id"));
  const text = nameOf(value("query"));
  if (model === undefined) return sink.fail("no model");
  if (id === undefined && text === undefined) return sink.fail("neither query_id nor query");
  const error = value("error");
  if (error !== undefined && error !== false && String(error).toLowerCase() !== "false")
    return sink.skip("error in the row");
  const candidates = candidatesOf(row, sink);
  const input = numberOf(value("input"));
  const output = numberOf(value("output"));
  sink.observe({
    query: { key: id ?? digest(text as string), id, text },
    model,
    candidates,
    cost: numberOf(value("cost")),
    usage:
      input !== undefined && output !== undefined
        ? {
            input,
            output,
            cachedInput: numberOf(value("cached")),
            cacheWrite: numberOf(value("written")),
            reasoning: numberOf(value("reasoning")),
          }
        : undefined,
    columns: others(row),
  });
}

/** The scores of a row, each under its column's name, or under what `metric` says. */
function candidatesOf(row: Row, sink: Observations): Candidate[] {
  const { metric, scale } = sink.choice;
  const names: string[] = NAMES.score.filter((name) => isTold(field(row, name)));
  if (metric !== undefined && !names.includes(metric) && isTold(field(row, metric))) names.push(metric);
  const told = names.length === 1 ? nameOf(field(row, "metric")) : undefined;
  return names.map((name) => {
    const value = field(row, name);
    const candidate = candidateOf(told ?? name, value);
    const isKnown = scale !== undefined || scoreIn(value) !== undefined;
    if (candidate === undefined || !isKnown)
      return sink.fail(
        `${name} is ${shown(value)}; expected 0 … 1, true or false (another scale: --scale WORST..BEST)`,
      );
    return candidate;
  });
}

function isTold(value: unknown): boolean {
  return value !== undefined && value !== null && !(typeof value === "string" && value.trim() === "");
}

function others(row: Row): Record<string, string> {
  const columns = Object.create(null) as Record<string, string>;
  for (const [key, value] of Object.entries(row))
    if (
      !USED.has(key) &&
      (typeof value === "string" || typeof value === "number" || typeof value === "boolean")
    )
      columns[key] = String(value);
  return columns;
}
