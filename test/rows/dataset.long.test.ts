import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { realData } from "../realData.js";

/** Queries, models, best mean score and total cost of the cheapest model, as the sets' own notes tell. */
const SETS = [
  ["logparsing", 32_000, 8, 0.5911, 0.829479],
  ["frugalgpt_overruling", 2160, 12, 0.9505, 0.147879],
  ["routerbench_3", 3150, 11, 0.8794, 0.25603],
] as const;

describe("real outcome sets", () => {
  it.for(SETS)("%s reads as its notes say", async ([set, queries, models, bestScore, cheapest], { skip }) => {
    const file = realData(set);
    skip(file === undefined, "set OPTLLM_DATA");
    const dataset = await readDataset(file!, { requireText: true });
    expect([dataset.ids.length, dataset.models.length]).toEqual([queries, models]);
    const column = (matrix: ArrayLike<number>, m: number): number =>
      Array.from(matrix).reduce((sum, value, i) => (i % models === m ? sum + value : sum), 0);
    const all = dataset.models.map((_, m) => m);
    expect(Math.max(...all.map((m) => column(dataset.outcome, m) / queries))).toBeCloseTo(bestScore, 4);
    expect(Math.min(...all.map((m) => column(dataset.cost, m)))).toBeCloseTo(cheapest, 5);
  });
});
