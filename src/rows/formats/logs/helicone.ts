import type { Usage } from "../../../prices/usage.js";
import type { Format } from "../format.js";
import type { Observations } from "../observations.js";
import { countedUsage, recordedCost } from "../usage.js";
import { field, nameOf, numberOf, type Row } from "../values.js";
import { firstOf, candidatesOf, pricedName, scoresIn, storedText, type NamedScore } from "./log.js";

/** Costs of a request from here on are no dollars: Helicone's tables count in 10⁻⁹ dollars. */
const NANO_FROM = 1000;

/**
 * Helicone's exports of requests (JSON, JSONL, CSV): one request a row. Labels are one of the
 * `scores`, or the rating in `feedback_rating`.
 */
export const helicone: Format = {
  name: "helicone",
  isLog: true,
  isLike: (keys) =>
    (keys.has("request_id") || keys.has("response_id")) &&
    (keys.has("request_created_at") || keys.has("response_created_at") || keys.has("request_body")) &&
    (keys.has("prompt_tokens") || keys.has("costUSD") || keys.has("response_status")),
  read,
};

function read(row: Row, sink: Observations): void {
  const status = numberOf(firstOf(row, "response_status", "status"));
  if (status !== undefined && (status < 200 || status > 299)) return sink.skip("request that failed");
  const model = nameOf(firstOf(row, "response_model", "model_override", "request_model", "model"));
  if (model === undefined) return sink.skip("request without a model");
  const id = nameOf(firstOf(row, "request_id", "response_id")) ?? `row ${sink.counts.rows}`;
  const usage = tokensOf(row, sink);
  const isCached = firstOf(row, "cache_reference_id", "cache_hit") !== undefined && isFree(row);
  if (isCached) sink.note("cached call: its recorded cost does not count");
  sink.observe({
    query: { key: id, id, text: storedText(firstOf(row, "request_body", "prompt", "messages"), sink) },
    model,
    pricedAs: pricedName(model, field(row, "provider")),
    candidates: candidatesOf(ratings(row), sink),
    ...(isCached ? { usage } : recordedCost(dollarsOf(row, sink), usage, sink)),
  });
}

function ratings(row: Row): NamedScore[] {
  const name = "feedback_rating";
  return [...scoresIn(field(row, "scores")), { name, value: field(row, name) }];
}

function isFree(row: Row): boolean {
  return (numberOf(firstOf(row, "costUSD", "cost_usd", "cost")) ?? 0) === 0;
}

function dollarsOf(row: Row, sink: Observations): number | undefined {
  const dollars = numberOf(firstOf(row, "costUSD", "cost_usd"));
  const cost = numberOf(field(row, "cost"));
  if (dollars !== undefined || cost === undefined || cost < NANO_FROM) return dollars ?? cost;
  sink.note("cost taken as billionths of a dollar");
  return cost / 1e9;
}

function tokensOf(row: Row, sink: Observations): Usage | undefined {
  const isAnthropic = /anthropic|bedrock|aws/i.test(nameOf(field(row, "provider")) ?? "");
  return countedUsage(
    {
      input: numberOf(field(row, "prompt_tokens")),
      output: numberOf(field(row, "completion_tokens")),
      cachedInput: numberOf(field(row, "prompt_cache_read_tokens")),
      cacheWrite: numberOf(field(row, "prompt_cache_write_tokens")),
      reasoning: numberOf(field(row, "reasoning_tokens")),
      total: numberOf(field(row, "total_tokens")),
      hasCacheInInput: !isAnthropic,
    },
    sink,
  );
}
