import type { Format } from "./format.js";
import { candidateOf, candidatesIn, field, nameOf, numberOf, type Row } from "./values.js";
import type { Observations } from "./observations.js";

const COST = "|total_cost";

/**
 * RouterBench's wide table: `sample_id`, `prompt`, `eval_name`, and for each model its score under its name and
 * `<model>|total_cost`. Save the pickle as CSV or Parquet first (pandas: `read_pickle(…).to_parquet(…)`).
 */
export const routerBench: Format = {
  name: "routerbench",
  isLike: (keys) => [...keys].some((key) => key.endsWith(COST)),
  read,
};

function read(row: Row, sink: Observations): void {
  const id = nameOf(field(row, "sample_id"));
  if (id === undefined) return sink.fail("no sample_id");
  const query = { key: id, id, text: nameOf(field(row, "prompt")) };
  const task = nameOf(field(row, "eval_name"));
  const columns = { eval_name: task };
  let isUsed = false;
  for (const key of Object.keys(row)) {
    if (!key.endsWith(COST)) continue;
    const model = key.slice(0, -COST.length);
    const candidate = candidateOf("score", field(row, model));
    const cost = numberOf(field(row, key));
    if (candidate === undefined && cost === undefined) continue;
    sink.observe({ query, model, candidates: candidatesIn([candidate]), task, cost, columns });
    isUsed = true;
  }
  if (!isUsed) sink.skip("no score and no cost of any model");
}
