import { shown } from "../../text/shown.js";
import type { Context, Format } from "./format.js";
import { jsonOf } from "../../json.js";
import type { Candidate } from "./answers/metrics.js";
import { at, candidateOf, candidatesIn, field, nameOf, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

const SAMPLES = /(?:^|\/)samples_(.+?)_(\d{4}-\d\d-\d\dT[^/]*)\.jsonl$/;
/** The summary that lies beside the samples. */
const SUMMARY = /(?:^|\/)results(?:_[^/]*)?\.json$/;
/** Metrics of samples that do not list them. */
const KNOWN_METRICS = [
  "exact_match",
  "acc",
  "acc_norm",
  "pass@1",
  "em",
  "f1",
  "mc1",
  "mc2",
  "bleu",
  "rouge1",
];
const TEXTS = ["question", "query", "problem", "prompt", "input", "text", "sentence"];

/**
 * Folders of EleutherAI's lm-evaluation-harness with `--log_samples`: `<model>/samples_<task>_<date>.jsonl`. The model
 * is its folder's name; if a task has several files, the newest is used. Queries are joined on task and `doc_hash`.
 * Each filter has its own rows; only the first filter of a task is used. The score is one of `metrics`, the same for
 * the whole task; samples from before 2024-11 have neither `filter` nor `metrics`. No costs, no tokens.
 */
export const lmEval: Format = {
  name: "lm-eval",
  isLike: (keys) =>
    keys.has("doc_id") && (keys.has("doc_hash") || (keys.has("resps") && keys.has("filtered_resps"))),
  files: newest,
  read,
};

function newest(all: readonly string[]): string[][] {
  if (!all.some((path) => SAMPLES.test(path))) return unnamed(all);
  const chosen = new Map<string, { date: string; path: string }>();
  for (const path of all) {
    const found = SAMPLES.exec(path);
    if (!found) continue;
    const [, task, date] = found;
    const key = `${path.slice(0, path.lastIndexOf("/") + 1)} ${task}`;
    const before = chosen.get(key);
    if (!before || date > before.date) chosen.set(key, { date, path });
  }
  return [...chosen.values()].map(({ path }) => [path]);
}

/** Files beside a summary, as versions before 0.4.3 named their samples: by model and task, without a date. */
function unnamed(all: readonly string[]): string[][] {
  const folderOf = (path: string): string => path.slice(0, path.lastIndexOf("/") + 1);
  const folders = new Set(all.filter((path) => SUMMARY.test(path)).map(folderOf));
  return all
    .filter((path) => /\.jsonl?$/.test(path) && !SUMMARY.test(path) && folders.has(folderOf(path)))
    .map((path) => [path]);
}

function read(row: Row, sink: Observations, { path }: Context): void {
  const id = nameOf(field(row, "doc_id"));
  const hash = nameOf(field(row, "doc_hash")) ?? hashOf(row);
  if (hash === undefined) return sink.skip("no doc_hash");
  const file = path.at(-1) ?? "";
  const dated = SAMPLES.exec(file)?.[1];
  const task = dated ?? undatedTask(row);
  if (dated === undefined) tellMerged(path, task, hash, sink);
  const filter = nameOf(field(row, "filter"));
  const first = sink.once(`filter of ${task}`, filter ?? "none");
  if ((filter ?? "none") !== first)
    return sink.skip(`filter ${shown(filter ?? "none")}, while ${shown(first)} is read`);
  // Without names of filters, a document that comes again has gone through another filter.
  if (filter === undefined && sink.before(`${path.join("/")} ${id ?? hash}`) > 0)
    return sink.skip("further filter, which the file does not name");
  const candidates = candidatesOf(row);
  if (candidates.length === 0) return sink.skip("no metric that is a number");
  sink.observe({
    query: {
      key: digest(task, hash),
      id: `${task}/${id ?? hash}`,
      text: textOf(row),
    },
    model: path.at(-2) ?? file,
    candidates,
    task,
    columns: { task },
  });
}

/**
 * Tells what cannot be known of files without a date: several with the same metrics are one task, and those of one folder
 * one model.
 */
function tellMerged(path: readonly string[], task: string, hash: string, sink: Observations): void {
  const file = shown(path.at(-1) ?? "");
  const folder = path.slice(0, -1).join("/");
  const first = sink.once(`file of ${task} in ${folder}`, file);
  if (first !== file && sink.before(`told of ${task} in ${folder}/${file}`) === 0)
    sink.note(`file without a date in its name, with the same metrics: one task with ${first}`);
  if (sink.once(`document ${task} ${hash} in ${folder}`, file) !== file)
    sink.note(`document that ${first} has too: read as a further answer of the folder's one model`);
}

/**
 * What tells tasks apart in files without a date. Their names join the model's settings and the task without a mark
 * between them, so that a task is known by the metrics that its samples have.
 */
function undatedTask(row: Row): string {
  return KNOWN_METRICS.filter((name) => field(row, name) !== undefined).join("+");
}

/** The document itself, for samples without its hash. */
function hashOf(row: Row): string | undefined {
  const doc = field(row, "doc");
  return doc === undefined ? undefined : digest(jsonOf(doc));
}

function candidatesOf(row: Row): Candidate[] {
  const metrics = field(row, "metrics");
  const names = Array.isArray(metrics) ? metrics.map(String) : metricNames(row);
  return candidatesIn(names.map((name) => candidateOf(name, field(row, name))));
}

/** What is no metric of a sample without a list of them. */
const OTHER_KEYS = new Set(["doc_id", "idx", "index", "target", "doc_hash", "prompt_hash", "target_hash"]);

function metricNames(row: Row): string[] {
  const others = Object.keys(row).filter((key) => !KNOWN_METRICS.includes(key) && !OTHER_KEYS.has(key));
  return [...KNOWN_METRICS, ...others];
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
