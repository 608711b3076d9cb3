import type { Format } from "../format.js";
import type { Observations } from "../observations.js";
import { countedUsage, recordedCost } from "../usage.js";
import { field, nameOf, numberOf, type Row } from "../values.js";
import { candidatesOf, firstOf } from "./log.js";

/**
 * OpenRouter's activity as CSV, and its answers about a generation as JSON: one request a row, without its text. The
 * daily totals of its activity API are no requests, and are left out.
 */
export const openRouter: Format = {
  name: "openrouter",
  isLog: true,
  isLike: (keys) =>
    (keys.has("model_permaslug") &&
      (keys.has("cost_total") || keys.has("tokens_prompt") || keys.has("usage"))) ||
    (keys.has("tokens_prompt") &&
      keys.has("tokens_completion") &&
      keys.has("total_cost") &&
      keys.has("model")),
  read,
};

function read(row: Row, sink: Observations): void {
  if (firstOf(row, "requests") !== undefined) return sink.skip("total of a day, not one request");
  const model = nameOf(firstOf(row, "model_permaslug", "model"));
  if (model === undefined) return sink.skip("request without a model");
  if (nameOf(firstOf(row, "finish_reason_normalized", "finish_reason")) === "error")
    return sink.skip("request that failed");
  const id = nameOf(firstOf(row, "generation_id", "id")) ?? `row ${sink.counts.rows}`;
  const usage = countedUsage(
    {
      input: numberOf(firstOf(row, "native_tokens_prompt", "tokens_prompt")),
      output: numberOf(firstOf(row, "native_tokens_completion", "tokens_completion")),
      cachedInput: numberOf(firstOf(row, "native_tokens_cached", "tokens_cached")),
      reasoning: numberOf(firstOf(row, "native_tokens_reasoning", "tokens_reasoning")),
    },
    sink,
  );
  sink.observe({
    query: { key: id, id },
    model,
    pricedAs: `openrouter/${model}`,
    candidates: candidatesOf([{ name: "score", value: field(row, "score") }], sink),
    ...recordedCost(dollarsOf(row), usage, sink),
  });
}

/** What OpenRouter charged, and what the provider charged to one's own key. */
function dollarsOf(row: Row): number | undefined {
  const charged = numberOf(firstOf(row, "cost_total", "total_cost"));
  const own = numberOf(field(row, "byok_usage_inference"));
  return charged === undefined ? own : charged + (own ?? 0);
}
