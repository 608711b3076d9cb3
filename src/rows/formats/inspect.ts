import type { Context, Format } from "./format.js";
import { at, field, nameOf, scoreIn, textOfChat, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";
import { recordedCost, usageOf, type Charged } from "./usage.js";

const LETTERS = new Map([
  ["C", 1],
  ["P", 0.5],
  ["I", 0],
  ["N", 0],
]);

/**
 * Logs of Inspect AI as JSON (`inspect log convert --to json`), one log or a folder of them, one model per log. Epochs
 * are averaged; the first scorer is used: C 1, P ½, I and N 0, or a number in 0 … 1. Only tokens of the evaluated model
 * are charged, not those of graders.
 */
export const inspect: Format = {
  name: "inspect",
  rows: ["samples", "*"],
  around: ["eval"],
  isLike: (keys) => keys.has("eval") && (keys.has("samples") || keys.has("plan") || keys.has("status")),
  files: (all) => all.filter((path) => path.endsWith(".json")),
  read,
};

function read(row: Row, sink: Observations, { around }: Context): void {
  const model = nameOf(at(around, "eval", "model"));
  if (model === undefined) return sink.fail("no eval.model before the samples; is this a log of Inspect?");
  const task = nameOf(at(around, "eval", "task")) ?? "";
  const id = nameOf(field(row, "id"));
  if (id === undefined) return sink.fail("a sample without id");
  const error = field(row, "error");
  if (error !== undefined && error !== null) return sink.skip("error in the sample");
  const score = scoreOf(field(row, "scores"));
  if (score === undefined) return sink.skip("no score in 0 … 1");
  sink.observe({
    query: { key: digest(task, id), id: `${task}/${id}`, text: textOfChat(field(row, "input")) },
    model,
    score,
    ...chargedOf(field(field(row, "model_usage"), model), sink),
    columns: { task },
  });
}

function scoreOf(scores: unknown): number | undefined {
  if (typeof scores !== "object" || scores === null) return undefined;
  const value = field(Object.values(scores)[0], "value");
  return (typeof value === "string" ? LETTERS.get(value) : undefined) ?? scoreIn(value);
}

/** The tokens, in Inspect's older or newer convention, and the dollars that newer logs record. */
function chargedOf(reported: unknown, sink: Observations): Charged {
  if (reported === undefined || reported === null) return {};
  return recordedCost(field(reported, "total_cost"), usageOf(reported, sink), sink);
}
