import type { Candidate } from "./answers/metrics.js";
import { PROMPT } from "./answers/modelNames.js";
import type { Observations } from "./observations.js";
import { candidateOf, candidatesIn, numberOf, type Row } from "./values.js";

/** `[provider] prompt`, the column of an output. */
const OUTPUT = /^\[([^\]]+)\] ?([^]*)$/;
/** How a cell begins that holds its verdict itself: `[PASS] (0.50, Tone: 0.25)`. */
const VERDICT = /^\[(PASS|FAIL|ERROR)\](?: \(([^)\n]*)\))?/;

/** The answers of one provider and prompt. */
interface Output {
  provider: string;
  prompt: string;
  text: string;
  /** PASS, FAIL or ERROR. */
  status?: string;
  candidates: (Candidate | undefined)[];
}

/** Whether these are the columns of a table that promptfoo writes. */
export function isPromptfooTable(keys: ReadonlySet<string>): boolean {
  return [...keys].some((key) => OUTPUT.test(key));
}

/**
 * One row of promptfoo's CSV: the variables of a test, then for each provider and prompt its output, whose verdict
 * stands at its beginning or in the columns Status and Score that follow it. `queryOf`: the query of some variables.
 */
export function readTableRow<Query extends { key: string }>(
  row: Row,
  sink: Observations,
  queryOf: (vars: [string, unknown][]) => Query,
): void {
  const vars: [string, unknown][] = [];
  const outputs: Output[] = [];
  for (const [column, value] of Object.entries(row)) {
    const output = OUTPUT.exec(column);
    if (output) outputs.push(outputOf(output[1], output[2], String(value)));
    else if (outputs.length > 0) addTo(outputs[outputs.length - 1], column, String(value));
    else if (column !== "Description") vars.push([column, value]);
  }
  const query = queryOf(vars);
  for (const { provider, prompt, text, status, candidates } of outputs) {
    if (status === undefined) {
      if (text !== "") sink.note("output without PASS, FAIL or ERROR: left out");
    } else if (status === "ERROR") sink.skip("error of the provider (ERROR)");
    else
      sink.observe({
        query,
        model: provider,
        settings: [[PROMPT, prompt]],
        candidates: candidatesIn([...candidates, candidateOf("pass", status === "PASS")]),
      });
  }
}

function outputOf(provider: string, prompt: string, text: string): Output {
  const [, status, scores = ""] = VERDICT.exec(text) ?? [];
  const [score, ...named] = scores.split(", ");
  const candidates = [
    candidateOf("score", score),
    ...named.map((part) => {
      const end = part.lastIndexOf(": ");
      return candidateOf("namedScores", part.slice(end + 2), part.slice(0, Math.max(end, 0)));
    }),
  ];
  return { provider, prompt, text, status, candidates };
}

/** Takes a column that follows an output. Repeated names end with #2, #3, …. */
function addTo(output: Output, column: string, value: string): void {
  const name = column.replace(/#\d+$/, "");
  if (name === "Status") output.status = value === "" ? undefined : value;
  else if (name === "Score" && numberOf(value) !== undefined)
    output.candidates[0] = candidateOf("score", value);
  else if (name.startsWith("Metric: "))
    output.candidates.push(candidateOf("namedScores", value, name.slice("Metric: ".length)));
}
