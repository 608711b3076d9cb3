import type { Context, Format } from "./format.js";
import { field, nameOf, numberOf, scoreIn, type Row } from "./values.js";
import { digest, type Observations } from "./observations.js";

/**
 * Result folders of LLMRouterBench: `<dataset>/<split>/<model>/<timestamp>.json`, each with `records`. If a model has
 * several files in one split, the newest is used.
 */
export const llmRouterBench: Format = {
  name: "llmrouterbench",
  rows: ["records", "*"],
  isLike: (keys) => keys.has("records") || (keys.has("performance") && keys.has("time_taken")),
  files: newest,
  read,
};

function newest(all: readonly string[]): readonly string[] {
  const chosen = new Map<string, string>();
  for (const path of all) {
    const folder = path.slice(0, path.lastIndexOf("/"));
    if (!path.endsWith(".json")) continue;
    const before = chosen.get(folder);
    if (before === undefined || path > before) chosen.set(folder, path);
  }
  return [...chosen.values()];
}

function read(row: Row, sink: Observations, { path }: Context): void {
  const [dataset, split, model] = path.slice(-4, -1);
  if (model === undefined)
    return sink.fail(
      "the folders above must name it: <dataset>/<split>/<model>/<timestamp>.json; import the folder",
    );
  const index = nameOf(field(row, "index"));
  if (index === undefined) return sink.fail("a record without index");
  const score = scoreIn(field(row, "score"));
  if (score === undefined) return sink.skip("no score in 0 … 1");
  const input = numberOf(field(row, "prompt_tokens"));
  const output = numberOf(field(row, "completion_tokens"));
  sink.observe({
    query: {
      key: digest(dataset, split, index),
      id: `${dataset}/${split}/${index}`,
      text: nameOf(field(row, "origin_query")) ?? nameOf(field(row, "prompt")),
    },
    model,
    score,
    cost: numberOf(field(row, "cost")),
    usage: input !== undefined && output !== undefined ? { input, output } : undefined,
    columns: { dataset, split },
  });
}
