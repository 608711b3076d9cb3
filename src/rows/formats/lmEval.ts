import { shown } from "../../text/shown.js";
import type { Context, Format } from "./format.js";
import { at, field, nameOf, scoreIn, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

const SAMPLES = /(?:^|\/)samples_(.+?)_(\d{4}-\d\d-\d\dT[^/]*)\.jsonl$/;
const KNOWN_METRICS = ["exact_match", "acc", "acc_norm", "pass@1", "f1", "mc1", "mc2"];
const TEXTS = ["question", "query", "problem", "prompt", "input", "text", "sentence"];

/**
 * Folders of EleutherAI's lm-evaluation-harness with `--log_samples`: `<model>/samples_<task>_<date>.jsonl`. The model
 * is its folder's name; if a task has several files, the newest is used. Queries are joined on task and `doc_hash`.
 * Each filter has its own rows; only the first filter of a task is used. The score is the first of `metrics`. No costs,
 * no tokens.
 */
export const lmEval: Format = {
  name: "lm-eval",
  isLike: (keys) => keys.has("doc_id") && keys.has("filter") && keys.has("doc_hash"),
  files: newest,
  read,
};

function newest(all: readonly string[]): readonly string[] {
  const chosen = new Map<string, { date: string; path: string }>();
  for (const path of all) {
    const found = SAMPLES.exec(path);
    if (!found) continue;
    const [, task, date] = found;
    const key = `${path.slice(0, path.lastIndexOf("/") + 1)} ${task}`;
    const before = chosen.get(key);
    if (!before || date > before.date) chosen.set(key, { date, path });
  }
  return [...chosen.values()].map(({ path }) => path);
}

function read(row: Row, sink: Observations, { path }: Context): void {
  const hash = nameOf(field(row, "doc_hash"));
  if (hash === undefined) return sink.skip("no doc_hash");
  const file = path.at(-1) ?? "";
  const task = SAMPLES.exec(file)?.[1] ?? "";
  const filter = nameOf(field(row, "filter")) ?? "none";
  const first = sink.once(`filter of ${task}`, filter);
  if (filter !== first) return sink.skip(`filter ${shown(filter)}, while ${shown(first)} is read`);
  const metrics = field(row, "metrics");
  const names = Array.isArray(metrics) ? metrics.map(String) : KNOWN_METRICS;
  const score = names.map((name) => scoreIn(field(row, name))).find((value) => value !== undefined);
  if (score === undefined) return sink.skip("no metric in 0 … 1");
  sink.observe({
    query: {
      key: digest(task, hash),
      id: `${task}/${nameOf(field(row, "doc_id")) ?? hash}`,
      text: textOf(row),
    },
    model: path.at(-2) ?? file,
    score,
    columns: { task },
  });
}

/** The question itself where the document names it, else the whole prompt. */
function textOf(row: Row): string {
  const doc = field(row, "doc");
  for (const key of TEXTS) {
    const text = nameOf(field(doc, key));
    if (text !== undefined) return text;
  }
  return nameOf(at(row, "arguments", "gen_args_0", "arg_0")) ?? nameOf(at(row, "arguments", "0", "0")) ?? "";
}
