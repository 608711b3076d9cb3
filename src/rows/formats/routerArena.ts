import type { Format } from "./format.js";
import { at, candidateOf, candidatesIn, field, nameOf, numberOf, type Row } from "./values.js";
import type { Observations } from "./observations.js";

/**
 * RouterArena's results: `cached_results/<model>.jsonl`, one file or a folder of them, and a router's predictions once
 * they are evaluated. A query is a `global_index`, whose data set is its task. Failed calls are left out; an answer
 * that was not evaluated has no label.
 */
export const routerArena: Format = {
  name: "routerarena",
  isLike: (keys) => keys.has("global_index") && (keys.has("llm_selected") || keys.has("prediction")),
  files: (all) => all.filter((path) => /\.jsonl?$/.test(path)).map((path) => [path]),
  read,
};

function read(row: Row, sink: Observations): void {
  const id = nameOf(field(row, "global_index"));
  const model = nameOf(field(row, "llm_selected")) ?? nameOf(field(row, "prediction"));
  if (id === undefined || model === undefined) return sink.fail("no global_index, or no model");
  const answer = field(row, "generated_result") ?? row;
  if (field(answer, "success") === false || nameOf(field(answer, "error")) !== undefined)
    return sink.skip("call that failed");
  const evaluation = field(row, "evaluation_result");
  const metric = nameOf(field(evaluation, "metric")) ?? "score";
  const score = field(evaluation, "score") ?? field(row, "accuracy");
  const candidates = candidatesIn([candidateOf(metric, score)]);
  if (candidates.length === 0) sink.note("answer that was not evaluated: no label");
  const input = numberOf(at(answer, "token_usage", "input_tokens"));
  const output = numberOf(at(answer, "token_usage", "output_tokens"));
  const task = id.replace(/_\d+$/, "");
  sink.observe({
    query: { key: id, id, text: nameOf(field(row, "question")) ?? nameOf(field(row, "prompt")) },
    model,
    candidates,
    task,
    cost: numberOf(field(evaluation, "inference_cost")) ?? numberOf(field(row, "cost")),
    usage: input !== undefined && output !== undefined ? { input, output } : undefined,
    columns: { dataset: task },
  });
}
