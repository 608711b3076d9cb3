import type { Context, Format } from "../format.js";
import { jsonOf } from "../../../json.js";
import { shown } from "../../../text/shown.js";
import type { Candidate } from "../answers/metrics.js";
import { EFFORT, type Settings } from "../answers/modelNames.js";
import { at, candidateOf, candidatesIn, field, nameOf, textOfChat, type Row } from "../values.js";
import { digest, type Observations } from "../observations.js";
import { recordedCost, usageOf, type Charged } from "../usage.js";

/** The values of Inspect's scorers that are words. */
const VERDICTS = new Map([
  ["C", 1],
  ["P", 0.5],
  ["I", 0],
  ["N", 0],
  ["yes", 1],
  ["no", 0],
]);
/** Limits that say nothing of the model's answer. */
const OUTER_LIMITS = new Set(["time", "working", "operator"]);
/** Settings of a run that do not change its answers, and what must not be shown. */
const NO_SETTING =
  /(?:url|host|key|secret|password|token)$|^(?:max_retries|timeout|attempt_timeout|max_connections|adaptive_connections|seed|batch|cache|cache_prompt|num_choices|logprobs|top_logprobs)$/;

/**
 * Logs of Inspect AI: `.eval`, or JSON (`inspect log convert --to json`), one log or a folder of them, one model per
 * log. Runs with another reasoning effort, configuration or solver are models of their own; epochs are averaged. A
 * scorer's value is C 1, P ½, I and N 0, true, false or a number. Only tokens of the evaluated model are charged, not
 * those of graders.
 */
export const inspect: Format = {
  name: "inspect",
  rows: [["samples", "*"]],
  around: ["eval", "plan"],
  isLike: (keys) => keys.has("eval") && (keys.has("samples") || keys.has("plan") || keys.has("status")),
  files: (all) => all.filter((path) => /\.(?:json|eval)$/.test(path)).map((path) => [path]),
  read,
};

function read(row: Row, sink: Observations, { around }: Context): void {
  const model = nameOf(at(around, "eval", "model"));
  if (model === undefined) return sink.fail("no eval.model before the samples; is this a log of Inspect?");
  const task = nameOf(at(around, "eval", "task")) ?? "";
  const id = nameOf(field(row, "id"));
  if (id === undefined) return sink.fail("a sample without id");
  const problem = failureOf(row);
  if (problem !== undefined) return sink.skip(problem);
  const candidates = candidatesOf(row);
  if (candidates.length === 0) return sink.skip(unscored(row));
  const input = field(row, "input");
  const limit = nameOf(at(row, "limit", "type")) ?? nameOf(field(row, "limit"));
  if (limit !== undefined) sink.note(`sample that reached its limit of ${shown(limit)}s: its score counts`);
  sink.observe({
    query: {
      key: digest(task, id, typeof input === "string" ? input : jsonOf(input)),
      id: `${task}/${id}`,
      text: textOfChat(input),
    },
    model,
    settings: settingsOf(around),
    candidates,
    task,
    ...chargedOf(field(field(row, "model_usage"), model), sink),
    columns: { task },
  });
}

/** Why a sample has no answer of the model, or no valid one. */
function failureOf(row: Row): string | undefined {
  const isTold = (value: unknown): boolean => value !== undefined && value !== null;
  if (isTold(field(row, "error"))) return "error in the sample";
  if (isTold(field(row, "invalidation"))) return "sample that was declared invalid";
  const limit = nameOf(at(row, "limit", "type")) ?? nameOf(field(row, "limit"));
  return limit !== undefined && OUTER_LIMITS.has(limit) ? `sample stopped by a limit (${limit})` : undefined;
}

/** Why a sample has no score: it has none, or a text that is none. */
function unscored(row: Row): string {
  for (const score of Object.values(scoresOf(row))) {
    const value = field(score, "value");
    if (typeof value === "string" && value.trim() !== "")
      return `score ${shown(value)}, which is none of ${[...VERDICTS.keys()].join(", ")}, true, false or a number`;
  }
  return "sample without a score";
}

/** By scorer; an older log has one `score`. */
function scoresOf(row: Row): object {
  const scores = field(row, "scores") ?? { score: field(row, "score") };
  return typeof scores === "object" && scores !== null ? scores : {};
}

/** The values of every scorer. */
function candidatesOf(row: Row): Candidate[] {
  return Object.entries(scoresOf(row)).flatMap(([name, score]) => {
    const value = field(score, "value");
    if (typeof value !== "object" || value === null) return candidatesIn([valueOf(name, value)]);
    return candidatesIn(Object.entries(value).map(([key, part]) => valueOf(name, part, key)));
  });
}

function valueOf(name: string, value: unknown, key?: string): Candidate | undefined {
  const verdict =
    typeof value === "string" ? (VERDICTS.get(value) ?? VERDICTS.get(value.toLowerCase())) : undefined;
  return verdict === undefined
    ? candidateOf(name, value, key)
    : { name, key, value: verdict, isVerdict: true };
}

/** What tells runs of one model apart: its reasoning effort first, then what else was set. */
function settingsOf(around: Row): Settings {
  const known = settingsOfEval.get(around);
  if (known !== undefined) return known;
  const config = {
    ...objectAt(around, "plan", "config"),
    ...objectAt(around, "eval", "model_generate_config"),
  };
  const { reasoning_effort: effort, ...others } = config;
  const settings: [string, string][] = [];
  const put = (name: string, value: unknown): void => {
    if (value !== null && value !== undefined && !NO_SETTING.test(name))
      settings.push([name, typeof value === "string" ? value : jsonOf(value)]);
  };
  put(EFFORT, effort);
  for (const [name, value] of Object.entries(others).sort(byName)) put(name, value);
  for (const args of ["model_args", "task_args"])
    for (const [name, value] of Object.entries(objectAt(around, "eval", args)).sort(byName)) put(name, value);
  const steps = at(around, "plan", "steps");
  if (Array.isArray(steps))
    put("solver", steps.map((step) => nameOf(field(step, "solver")) ?? "").join(" + "));
  settingsOfEval.set(around, settings);
  return settings;
}

/** The settings of each log, which all of its samples share. */
const settingsOfEval = new WeakMap<Row, Settings>();

function objectAt(around: Row, ...path: string[]): Record<string, unknown> {
  const found = at(around, ...path);
  return typeof found === "object" && found !== null && !Array.isArray(found) ? { ...found } : {};
}

function byName([a]: [string, unknown], [b]: [string, unknown]): number {
  return a < b ? -1 : 1;
}

/** The tokens, in Inspect's older or newer convention, and the dollars that newer logs record. */
function chargedOf(reported: unknown, sink: Observations): Charged {
  if (reported === undefined || reported === null) return {};
  return recordedCost(field(reported, "total_cost"), usageOf(reported, sink), sink);
}
