import { IN_DOLLARS } from "../../core/solve/block.js";
import { shards } from "../../pool/jobs.js";
import { passOver } from "../../solve/pass.js";
import { matricesOf, rowsOfMatrices } from "../../solve/problem.js";
import { ShareCounts } from "../shareCounts.js";
import { readResult, writeResult } from "../files.js";
import { readRows, readTable, type Shard } from "../table.js";

/**
 * The step `count`: how many rows of a shard change to and from each model at the prices of a file. A shard of the solver at a
 * time, since the increments of all rows take more memory than their matrices.
 */
export async function countInShard(
  folder: string,
  shard: Shard,
  prices: string,
  output: string,
): Promise<void> {
  const lambda = await readResult<Float64Array>(prices);
  const problem = await readRows(await readTable(folder), shard);
  const { models } = problem;
  const [matrices, width] = [matricesOf(problem), models.length];
  const counts = new ShareCounts(lambda, width);
  // An earlier pass has found the values valid.
  const asked = { kind: "bracket", high: Infinity, low: 0, isChecked: true, places: IN_DOLLARS } as const;
  for (const { from, to } of shards(shard.to - shard.from, width)) {
    const part = { ...rowsOfMatrices(matrices, from, to), models };
    for await (const { results } of passOver<"bracket">(part, {}, asked))
      for (const { allocation, steps } of results) counts.add(allocation, steps);
  }
  await writeResult(output, counts.changes);
}
