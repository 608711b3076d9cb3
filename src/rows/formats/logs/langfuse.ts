import type { Usage } from "../../../prices/usage.js";
import type { Format } from "../format.js";
import type { Observations } from "../observations.js";
import { countedUsage, recordedCost, usageOf } from "../usage.js";
import { field, nameOf, numberOf, objectIn, type Row } from "../values.js";
import { firstOf, candidatesOf, scoresIn, storedText } from "./log.js";

const DETAILS = ["usage_details", "usageDetails", "provided_usage_details"];
const COSTS = ["cost_details", "costDetails", "provided_cost_details"];

/**
 * Langfuse's observations (JSON, JSONL, CSV), from the blob export, the API or the page: one generation a row. A folder
 * of an export also has `scores/`, which become labels: a score of the observation, or of a trace with one generation.
 */
export const langfuse: Format = {
  name: "langfuse",
  isLog: true,
  isLike: (keys) => isObservation(keys) || isScore((key) => keys.has(key)),
  files: (all) => chosen(all).map((path) => [path]),
  read: (row, sink) =>
    isScore((key) => field(row, key) !== undefined) ? readScore(row, sink) : read(row, sink),
};

function isObservation(keys: ReadonlySet<string>): boolean {
  const hasTrace = keys.has("trace_id") || keys.has("traceId");
  const hasUse = [...DETAILS, ...COSTS, "provided_model_name", "providedModelName"].some((key) =>
    keys.has(key),
  );
  // A table that the page exports need not have the trace.
  const hasTime = ["start_time", "startTime", "timestamp"].some((key) => keys.has(key));
  return hasTrace ? hasUse || (keys.has("type") && keys.has("model")) : hasUse && hasTime;
}

function isScore(has: (key: string) => boolean): boolean {
  return (
    has("name") &&
    (has("value") || has("string_value")) &&
    (has("data_type") || has("dataType")) &&
    (has("trace_id") || has("traceId"))
  );
}

/** Observations first, then the scores that refer to them. Enriched ones are the same observations as the others. */
function chosen(all: readonly string[]): readonly string[] {
  const inside = (name: string): string[] =>
    all.filter((path) => path.includes(name) && /\.(?:jsonl|json|csv)(?:\.gz)?$/.test(path));
  const enriched = inside("observations_v2");
  const observations = enriched.length > 0 ? enriched : inside("observations");
  return [...observations, ...inside("scores").filter((path) => !observations.includes(path))];
}

function read(row: Row, sink: Observations): void {
  const type = nameOf(field(row, "type"));
  if (type !== undefined && type.toUpperCase() !== "GENERATION")
    return sink.skip("observation that is no generation");
  if (nameOf(field(row, "level")) === "ERROR") return sink.skip("request that failed");
  const model = nameOf(firstOf(row, "provided_model_name", "providedModelName", "model"));
  if (model === undefined) return sink.skip("generation without a model");
  const id = nameOf(field(row, "id")) ?? `row ${sink.counts.rows}`;
  const trace = nameOf(firstOf(row, "trace_id", "traceId")) ?? id;
  if (sink.once(`generation of ${trace}`, id) !== id) sink.once(`generations of ${trace}`, "several");
  sink.once(`model of ${id}`, model);
  sink.observe({
    query: { key: id, id, text: storedText(field(row, "input"), sink) },
    model,
    candidates: candidatesOf(scoresIn(field(row, "scores")), sink),
    ...recordedCost(dollarsOf(row), tokensOf(row, sink), sink),
  });
}

/** Parts lie beside the input and output, unless the total shows otherwise. */
function tokensOf(row: Row, sink: Observations): Usage | undefined {
  const details = objectIn(firstOf(row, ...DETAILS)) ?? objectIn(field(row, "usage"));
  if (details !== undefined && Object.keys(details).length > 0) {
    if (field(details, "input") === undefined && field(details, "output") === undefined)
      return usageOf(details, sink);
    const part = (...names: string[]): number | undefined => numberOf(firstOf(details, ...names));
    return countedUsage(
      {
        input: part("input") ?? 0,
        output: part("output") ?? 0,
        cachedInput: part("input_cached_tokens", "input_cache_read", "cache_read_input_tokens"),
        cacheWrite: part("input_cache_creation", "cache_creation_input_tokens"),
        reasoning: part("output_reasoning_tokens", "output_reasoning", "reasoning_tokens"),
        total: part("total"),
        hasCacheInInput: false,
        hasReasoningInOutput: false,
      },
      sink,
    );
  }
  const flat = (...names: string[]): number | undefined => numberOf(firstOf(row, ...names));
  return countedUsage(
    {
      input: flat("inputUsage", "promptTokens", "prompt_tokens", "inputTokens"),
      output: flat("outputUsage", "completionTokens", "completion_tokens", "outputTokens"),
      total: flat("totalUsage", "totalTokens", "total_tokens"),
    },
    sink,
  );
}

function dollarsOf(row: Row): number | undefined {
  const total = numberOf(firstOf(row, "total_cost", "totalCost", "calculatedTotalCost"));
  const details = objectIn(firstOf(row, ...COSTS));
  if (total !== undefined || details === undefined) return total;
  const parts = Object.entries(details).filter(([name]) => name !== "total");
  const sum = parts.reduce((dollars, [, part]) => dollars + (numberOf(part) ?? 0), 0);
  return numberOf(field(details, "total")) ?? (parts.length > 0 ? sum : undefined);
}

function readScore(row: Row, sink: Observations): void {
  const trace = nameOf(firstOf(row, "trace_id", "traceId")) ?? "";
  const own = nameOf(firstOf(row, "observation_id", "observationId"));
  if (own === undefined && sink.recall(`generations of ${trace}`) !== undefined)
    return sink.skip("score of a trace with several generations");
  const id = own ?? sink.recall(`generation of ${trace}`);
  const model = id === undefined ? undefined : sink.recall(`model of ${id}`);
  if (id === undefined || model === undefined) return sink.skip("score of no generation in these files");
  const name = nameOf(field(row, "name")) ?? "";
  sink.label(id, model, candidatesOf([{ name, value: firstOf(row, "value", "string_value") }], sink));
}
