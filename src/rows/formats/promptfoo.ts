import { jsonOf } from "../../json.js";
import type { Format } from "./format.js";
import type { Candidate } from "./answers/metrics.js";
import { PROMPT, type Settings } from "./answers/modelNames.js";
import { isPromptfooTable, readTableRow } from "./promptfooCsv.js";
import { at, candidateOf, candidatesIn, field, nameOf, numberOf, type Row } from "./values.js";
import type { Usage } from "../../prices/usage.js";
import { digest, type Observations } from "./observations.js";

const ERROR = 2;
const ASSERT = 1;
/** Reasons of graders that gave no grade, in files without `graderError`. */
const GRADER_ERROR =
  /^(?:API (?:call )?error\b|Could not extract JSON from [\w-]+ response|[\w-]+ produced malformed response)/i;

/**
 * promptfoo's `results.json` (versions 2 and 3), what its `evaluate()` returns, `results.jsonl` and CSV. A model is a
 * provider with one of its prompts, distinguished by `promptIdx` and named by the provider's label, or its id, and the
 * prompt's label where a provider has several. A query is a test (`testIdx`); tests with the same `vars` are one query,
 * so that repeated runs are joined. Tokens of graders (`tokenUsage.assertions`) are never charged.
 */
export const promptfoo: Format = {
  name: "promptfoo",
  rows: [
    ["results", "results", "*"],
    ["results", "*"],
  ],
  isLike: (keys) =>
    (keys.has("results") &&
      !keys.has("eval") &&
      ["evalId", "config", "_resultsLoaded", "prompts", "stats", "table", "shareableUrl"].some((key) =>
        keys.has(key),
      )) ||
    isResult(keys) ||
    isPromptfooTable(keys),
  isRow: isResult,
  repeatsColumns: true,
  read,
};

function isResult(keys: ReadonlySet<string>): boolean {
  return (
    keys.has("provider") &&
    ((keys.has("promptIdx") && keys.has("testIdx")) ||
      (keys.has("vars") && keys.has("success") && (keys.has("prompt") || keys.has("namedScores"))))
  );
}

function read(row: Row, sink: Observations): void {
  if (field(row, "provider") === undefined && isPromptfooTable(new Set(Object.keys(row))))
    return readTableRow(row, sink, (vars) => queryOfVars({ vars: Object.fromEntries(vars) }));
  const provider = field(row, "provider");
  const name = nameOf(provider) ?? nameOf(field(provider, "id"));
  if (name === undefined) return sink.fail("no provider.id; is this a result of promptfoo?");
  const error = errorOf(row);
  if (error !== undefined) return sink.skip(error);
  const isGraded = at(row, "gradingResult", "reason") !== "No assertions";
  if (!isGraded) sink.note("no assertions, so no label");
  const candidates = isGraded ? candidatesOf(row) : [];
  if (isGraded && candidates.length === 0) return sink.skip("neither score nor success");
  const label = nameOf(field(provider, "label"));
  sink.observe({
    query: queryOf(row, sink),
    model: label === undefined ? name : `${name}\n${label}`,
    modelName: label ?? name,
    settings: settingsOf(row),
    pricedAs: name,
    candidates,
    ...charged(row, sink),
  });
}

/** Why there is no answer, or no grade of it: an error of the API or of the grader is not a wrong answer. */
function errorOf(row: Row): string | undefined {
  const reason = numberOf(field(row, "failureReason"));
  if (reason === ERROR) return "error of the provider (failureReason 2)";
  const isTold = (value: unknown): boolean => value !== undefined && value !== null && value !== "";
  const response = field(row, "response");
  if (hasGraderError(field(row, "gradingResult"))) return "error of the grader";
  if (isTold(field(response, "error"))) return "error of the provider (response.error)";
  // A failed assertion has its reason as `error` too, but a grading result besides, or (since 2024) its failureReason.
  const hasAnswer = isTold(field(response, "output"));
  const isOfAssertion = isTold(field(row, "gradingResult")) || (reason === ASSERT && hasAnswer);
  return isTold(field(row, "error")) && !isOfAssertion ? "error of the provider (error)" : undefined;
}

/** Whether a grader failed, and no other assertion has shown the answer to be wrong. */
function hasGraderError(grading: unknown): boolean {
  const isError = (result: unknown): boolean =>
    at(result, "metadata", "graderError") === true ||
    GRADER_ERROR.test(nameOf(field(result, "reason")) ?? "");
  const parts = field(grading, "componentResults");
  if (!Array.isArray(parts) || !parts.some(isError)) return isError(grading);
  return parts.every((part) => isError(part) || field(part, "pass") !== false);
}

function candidatesOf(row: Row): Candidate[] {
  const named = field(row, "namedScores");
  return candidatesIn([
    candidateOf("score", field(row, "score")),
    candidateOf("pass", field(row, "success")),
    ...Object.entries(typeof named === "object" && named !== null ? named : {}).map(([key, value]) =>
      candidateOf("namedScores", value, key),
    ),
  ]);
}

/** Which of the provider's prompts it is. */
function settingsOf(row: Row): Settings {
  const prompt = field(row, "prompt");
  const raw = nameOf(field(prompt, "raw"));
  // A label that is the text of one test says nothing of the template.
  const labels = [field(prompt, "label"), field(prompt, "display")].map(nameOf);
  const label = labels.find((text) => text !== undefined && text !== raw);
  const index = nameOf(field(row, "promptIdx")) ?? nameOf(field(row, "promptId"));
  return [
    ...(label === undefined ? [] : [[PROMPT, label] as const]),
    ...(index === undefined ? [] : [["promptIdx", index] as const]),
  ];
}

/** Variables of a call, not of a question. */
const CALL_NAME =
  /^_?(?:session|conversation|request|trace|thread|run|call)(?:_?(?:id|key|uuid))?$|^_?(?:uuid|guid|nonce|timestamp|datetime|now|time|seed)$/i;
const CALL_VALUE =
  /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$|^\d{4}-\d\d-\d\d[T ]\d\d:\d\d(?::\d\d(?:\.\d{1,9})?)?(?:Z|[+-]\d\d:?\d\d)?$/i;

interface Query {
  key: string;
  id?: string;
  text?: string;
}

/** A test, of which results were read. */
interface Test {
  query: Query;
  /** Indices of the prompts that have a result. */
  prompts: unknown[];
}

/** The tests of each file by their number. */
const tests = new WeakMap<Observations, Map<unknown, Test>>();

/**
 * All results of a test are one query, whatever its variables hold in each call: the one that its first result has. A
 * second result of the same test and prompt comes from another evaluation in the same file.
 */
function queryOf(row: Row, sink: Observations): Query {
  const id = field(row, "testIdx");
  if (id === undefined || id === null) return queryOfVars(row);
  let known = tests.get(sink);
  if (!known) tests.set(sink, (known = new Map()));
  const prompt = field(row, "promptIdx");
  const test = known.get(id);
  if (test !== undefined && !test.prompts.includes(prompt)) {
    test.prompts.push(prompt);
    return test.query;
  }
  const query = queryOfVars(row);
  known.set(id, { query, prompts: [prompt] });
  return query;
}

function queryOfVars(row: Row): Query {
  const vars = field(row, "vars") ?? at(row, "testCase", "vars");
  const prompt = at(row, "prompt", "raw");
  const id = nameOf(field(row, "testIdx"));
  const entries = Object.entries(typeof vars === "object" && vars !== null ? vars : {})
    .filter(([name, value]) => !CALL_NAME.test(name) && !(typeof value === "string" && isOfCall(value)))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  // If there is only one text, it is the query; otherwise the prompt that they were put into.
  const texts = entries.filter(([, value]) => typeof value === "string");
  const text =
    entries.length === 1 && texts.length === 1 ? String(texts[0][1]) : String(nameOf(prompt) ?? "");
  const key = entries.length === 0 ? digest("test", id ?? text) : digest("vars", jsonOf(entries));
  return { key, id, text };
}

function isOfCall(value: string): boolean {
  return value.length <= 40 && CALL_VALUE.test(value);
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
