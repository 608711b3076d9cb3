import { PriceTable } from "../../src/prices/table.js";
import type { Dataset, Problem } from "../../src/types.js";

const priced = (model: string, rest: object) => ({
  ...{ model, input: 1, output: 2, asOf: "2026-01-01", source: "a test", tiers: [], aliases: [] },
  ...rest,
});
/** Contexts of 100 and 1,000 tokens, a batch price, and a model without either. */
export const prices = new PriceTable([], [
  priced("small", { context: 100, batch: { input: 0.25, output: 0.5 } }),
  priced("large", { context: 1000 }),
]); // prettier-ignore

export const work: Dataset = {
  ids: ["q1", "q2", "q3"],
  queries: ["a ".repeat(10), "word ".repeat(300), "?"],
  models: ["small", "large", "other"],
  cost: Float32Array.of(1, 4, 2, 1, 4, 2, 1, 4, 2),
  outcome: new Float32Array(9).fill(NaN),
};
export const problem: Problem = {
  models: work.models,
  cost: work.cost,
  successProbability: Float32Array.of(0.5, 0.9, 0.7, 0.5, 0.9, 0.7, 0.5, 0.9, 0.7),
};
