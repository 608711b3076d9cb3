import { jsonOf } from "../../json.js";
import type { Format } from "./format.js";
import { at, field, nameOf, numberOf, scoreIn, type Row } from "./values.js";
import type { Usage } from "../../prices/usage.js";
import { digest, type Observations } from "./observations.js";

const ERROR = 2;

/**
 * promptfoo's `results.json` (version 3) and `results.jsonl`. A model is a provider with one of its prompts,
 * distinguished by `promptIdx` and named by the provider's label, or its id. A query is a set of `vars`, so that
 * repeated runs are joined. If `score` is not in 0 … 1, `success` is used. Tokens of graders (`tokenUsage.assertions`)
 * are never charged.
 */
export const promptfoo: Format = {
  name: "promptfoo",
  rows: ["results", "results", "*"],
  isLike: (keys) =>
    (keys.has("results") && (keys.has("evalId") || keys.has("config"))) ||
    (keys.has("promptIdx") && keys.has("testIdx") && keys.has("provider")),
  read,
};

function read(row: Row, sink: Observations): void {
  const provider = field(row, "provider");
  const name = nameOf(provider) ?? nameOf(field(provider, "id"));
  if (name === undefined) return sink.fail("no provider.id; is this a result of promptfoo?");
  // An error of the API or of the grader is not a wrong answer.
  if (numberOf(field(row, "failureReason")) === ERROR)
    return sink.skip("error of the provider (failureReason 2)");
  const score = scoreIn(field(row, "score")) ?? scoreIn(field(row, "success"));
  if (score === undefined) return sink.skip("neither score nor success");
  const label = nameOf(field(provider, "label"));
  sink.observe({
    query: queryOf(row),
    model: JSON.stringify([name, label, field(row, "promptIdx")]),
    modelName: label ?? name,
    pricedAs: name,
    score,
    ...charged(row, sink),
  });
}

function queryOf(row: Row): { key: string; id: string | undefined; text: string } {
  const vars = field(row, "vars") ?? at(row, "testCase", "vars");
  const prompt = at(row, "prompt", "raw");
  const id = nameOf(field(row, "testIdx"));
  const entries = Object.entries(typeof vars === "object" && vars !== null ? vars : {}).sort(([a], [b]) =>
    a < b ? -1 : 1,
  );
  // If there is only one text, it is the query; otherwise the prompt that they were put into.
  const texts = entries.filter(([, value]) => typeof value === "string");
  const text =
    entries.length === 1 && texts.length === 1 ? String(texts[0][1]) : String(nameOf(prompt) ?? "");
  const key = entries.length === 0 ? digest("test", id ?? "") : digest("vars", jsonOf(entries));
  return { key, id, text };
}

/** Recorded dollars, unless they are the 0 of a cached call, and the tokens of the answer itself. */
function charged(row: Row, sink: Observations): { cost?: number; usage?: Usage } {
  const tokens = field(row, "tokenUsage") ?? at(row, "response", "tokenUsage");
  const input = numberOf(field(tokens, "prompt")) ?? 0;
  const output = numberOf(field(tokens, "completion")) ?? 0;
  const details = field(tokens, "completionDetails");
  const usage: Usage | undefined =
    input + output > 0
      ? {
          input,
          output,
          cachedInput: numberOf(field(details, "cacheReadInputTokens")),
          cacheWrite: numberOf(field(details, "cacheCreationInputTokens")),
          reasoning: numberOf(field(details, "reasoning")),
        }
      : undefined;
  const recorded = numberOf(field(row, "cost")) ?? numberOf(at(row, "response", "cost"));
  const isCached = at(row, "response", "cached") === true || (numberOf(field(tokens, "cached")) ?? 0) > 0;
  if (!isCached || (recorded ?? 0) > 0) return { cost: recorded, usage };
  sink.note(
    usage
      ? "cached call: its recorded cost does not count"
      : "cached call without its prompt and completion tokens: it cannot be priced",
  );
  return { usage };
}
