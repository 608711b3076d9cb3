import { expect } from "vitest";
import { shardRows } from "../../../src/pool/jobs.js";
import { chooseUnder, type ChooseUnderOptions } from "../../../src/solve/constraints/choose.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Target } from "../../../src/solve/target.js";
import type { Problem } from "../../../src/types.js";
import { randomWorkload } from "./beside.js";
import { inBlocks } from "./blocks.js";

const models = 64;
/** Two shards and a bit. */
export const queries = 2 * shardRows(models) + 5_000;
/** A workload of several parts. */
export const manyModels = (seed: number): Problem => {
  const problem = randomWorkload(seed, queries, models);
  const { tokens } = problem.columns!;
  return { ...problem, cost: problem.cost.map((_, o) => 1e-5 * tokens[o] * Math.exp(0.07 * (o % models))) };
};
export const capped: Constraint[] = [
  { models: ["m63", "m62", "m61"], atMost: queries / 10 },
  { measure: { column: "tokens" }, models: ["m60"], atMost: 2 * queries },
  { models: ["m0"], as: "share", atLeast: 0.03 },
  { measure: "accuracy", group: { column: "language", ids: [1] }, atLeast: 0.7 },
  { measure: "cost", group: { column: "tenant", ids: [2] }, atMost: 0.004 * queries },
  { measure: { column: "seconds" }, as: "mean", atMost: 5 },
];
export const budget = 0.02 * queries;
/** Compares the choice of a problem in blocks with that of the problem in memory. */
export const same = async (
  problem: Problem,
  constraints: readonly Constraint[],
  target: Target,
  sizes: readonly number[],
  options: ChooseUnderOptions = {},
) => {
  const whole = await chooseUnder(problem, constraints, target, { steps: 400 });
  const source = inBlocks(problem, sizes);
  expect(await chooseUnder(source, constraints, target, { steps: 400, ...options })).toEqual(whole);
  return { choice: whole, passes: source.passes };
};
