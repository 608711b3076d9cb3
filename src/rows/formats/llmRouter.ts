import type { Format } from "./format.js";
import { candidateOf, field, nameOf, numberOf, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/**
 * LLMRouter's answers, JSONL in long form: `task_name`, `query`, `model_name`, `performance`, `prompt_tokens`,
 * `completion_tokens`. A call that failed was stored as a row without tokens, its error as `response`: it is left out.
 */
export const llmRouter: Format = {
  name: "llmrouter",
  isLike: (keys) => keys.has("model_name") && keys.has("performance") && keys.has("query"),
  read,
};

function read(row: Row, sink: Observations): void {
  const model = nameOf(field(row, "model_name"));
  const query = nameOf(field(row, "query"));
  if (model === undefined || query === undefined) return sink.fail("no model_name or no query");
  const input = numberOf(field(row, "prompt_tokens")) ?? numberOf(field(row, "input_tokens"));
  const output = numberOf(field(row, "completion_tokens")) ?? numberOf(field(row, "output_tokens"));
  const total = numberOf(field(row, "token_num"));
  const tokens = [input, output, total].filter((count) => count !== undefined);
  if (tokens.length > 0 && tokens.every((count) => count === 0))
    return sink.skip("error of the API stored as a row (no tokens)");
  const metric = nameOf(field(row, "metric"));
  const candidate = candidateOf(metric ?? "performance", field(row, "performance"));
  if (candidate === undefined) return sink.skip("no performance");
  const task = nameOf(field(row, "task_name"));
  sink.observe({
    query: { key: digest(task ?? "", query), text: query },
    model,
    candidates: [candidate],
    task,
    cost: numberOf(field(row, "cost")),
    usage: input !== undefined && output !== undefined ? { input, output } : undefined,
    columns: { task_name: task, metric },
  });
}
