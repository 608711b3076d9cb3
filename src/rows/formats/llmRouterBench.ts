import type { Context, Format } from "./format.js";
import { candidateOf, field, nameOf, numberOf, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/**
 * Result folders of LLMRouterBench: `<dataset>/<split>/<model>/<timestamp>.json`, each with `records`. If a model has
 * several files in one split, the newest that is no demo run is used.
 */
export const llmRouterBench: Format = {
  name: "llmrouterbench",
  rows: [["records", "*"]],
  around: ["demo"],
  isLike: (keys) => keys.has("records") || (keys.has("performance") && keys.has("time_taken")),
  files: newest,
  refuses: ({ demo }) => (demo === true ? "demo run" : undefined),
  read,
};

/** What the tool stores in place of an answer. */
const FAILED = /^(?:Processing|API call|Generation) failed\b/;
const DATE = /\d{8}_?\d{6}/;

/** The files of each model, the newest first. */
function newest(all: readonly string[]): string[][] {
  const folders = new Map<string, string[]>();
  for (const path of all) {
    if (!path.endsWith(".json")) continue;
    const folder = path.slice(0, path.lastIndexOf("/") + 1);
    const files = folders.get(folder);
    if (files) files.push(path);
    else folders.set(folder, [path]);
  }
  const key = (path: string): string => `${DATE.exec(path.slice(path.lastIndexOf("/")))?.[0] ?? ""} ${path}`;
  return [...folders.values()].map((files) => files.sort((a, b) => (key(a) < key(b) ? 1 : -1)));
}

function read(row: Row, sink: Observations, { path }: Context): void {
  const [dataset, split, model] = path.slice(-4, -1);
  if (model === undefined)
    return sink.fail(
      "the folders above must name it: <dataset>/<split>/<model>/<timestamp>.json; import the folder",
    );
  const index = nameOf(field(row, "index"));
  if (index === undefined) return sink.fail("a record without index");
  if (FAILED.test(nameOf(field(row, "raw_output")) ?? "")) return sink.skip("call that failed");
  const candidate = candidateOf("score", field(row, "score"));
  if (candidate === undefined) return sink.skip("no score");
  const input = numberOf(field(row, "prompt_tokens"));
  const output = numberOf(field(row, "completion_tokens"));
  if (numberOf(field(row, "cost")) === 0 && (input ?? 0) + (output ?? 0) > 0)
    sink.note("recorded cost of 0 for tokens: taken as free");
  sink.observe({
    query: {
      key: digest(dataset, split, index),
      id: `${dataset}/${split}/${index}`,
      text: nameOf(field(row, "origin_query")) ?? nameOf(field(row, "prompt")),
    },
    model,
    candidates: [candidate],
    task: dataset,
    cost: numberOf(field(row, "cost")),
    usage: input !== undefined && output !== undefined ? { input, output } : undefined,
    columns: { dataset, split },
  });
}
