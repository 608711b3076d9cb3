import type { Format } from "../format.js";
import type { Observations } from "../observations.js";
import { countedUsage, recordedCost, usageOf } from "../usage.js";
import { at, field, nameOf, numberOf, objectIn, type Row } from "../values.js";
import type { Usage } from "../../../prices/usage.js";
import { candidatesOf, firstOf, pricedName, storedText } from "./log.js";

const OTHER_CALLS = /embed|image|transcription|speech|moderation|rerank|ocr|video|batch|file|vector/i;

/**
 * LiteLLM's spend logs (`/spend/logs`, or the table LiteLLM_SpendLogs): one call a row, with one model. The prompt is
 * there only if the proxy stores it. A row has no score, unless a column `score` was added.
 */
export const litellm: Format = {
  name: "litellm",
  isLog: true,
  isLike: (keys) =>
    keys.has("spend") && keys.has("model") && (keys.has("request_id") || keys.has("call_type")),
  read,
};

function read(row: Row, sink: Observations): void {
  const id = nameOf(field(row, "request_id")) ?? `row ${sink.counts.rows}`;
  const model = nameOf(field(row, "model")) ?? nameOf(field(row, "model_group"));
  if (OTHER_CALLS.test(nameOf(field(row, "call_type")) ?? ""))
    return sink.skip("call of another kind than chat");
  // Rows from before the column `status` have it in their metadata.
  const status = nameOf(field(row, "status")) ?? nameOf(field(objectIn(field(row, "metadata")), "status"));
  if (/^fail/i.test(status ?? "")) return sink.skip("request that failed");
  if (model === undefined) return sink.skip("call without a model");
  const usage = tokensOf(row, sink);
  const isCached = String(field(row, "cache_hit")).toLowerCase() === "true";
  if (isCached) sink.note("cached call: its recorded cost does not count");
  sink.observe({
    query: {
      key: id,
      id,
      text: storedText(
        firstOf(row, "messages") ?? at(objectIn(field(row, "proxy_server_request")), "messages"),
        sink,
      ),
    },
    model,
    pricedAs: pricedName(model, field(row, "custom_llm_provider")),
    candidates: candidatesOf([{ name: "score", value: field(row, "score") }], sink),
    ...(isCached ? { usage } : recordedCost(field(row, "spend"), usage, sink)),
  });
}

/** The whole usage where the metadata keep it, otherwise the counts in columns. */
function tokensOf(row: Row, sink: Observations): Usage | undefined {
  const metadata = objectIn(field(row, "metadata"));
  const input = numberOf(field(row, "prompt_tokens"));
  const output = numberOf(field(row, "completion_tokens"));
  const total = numberOf(field(row, "total_tokens"));
  const reported = objectIn(field(metadata, "usage_object"));
  if (reported !== undefined && numberOf(field(reported, "prompt_tokens")) !== undefined)
    return usageOf(reported, sink);
  const more = objectIn(field(metadata, "additional_usage_values"));
  if (more !== undefined && input !== undefined && output !== undefined)
    return usageOf(
      {
        ...more,
        prompt_tokens: input,
        completion_tokens: output,
        ...(total !== undefined && { total_tokens: total }),
      },
      sink,
    );
  return countedUsage({ input, output, total }, sink);
}
