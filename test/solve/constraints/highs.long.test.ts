import { expect, it } from "vitest";
import { compareWithHighs } from "./besideHighs.js";
import { loadHighs } from "./highs.js";

// In pieces: OPTLLM_SEEDS=1,51 OPTLLM_QUERIES=500 OPTLLM_MODELS=6 OPTLLM_CONSTRAINTS=10 OPTLLM_STEPS=4000.
const [from, to] = (process.env.OPTLLM_SEEDS ?? "1,201").split(",").map(Number);
const numberOf = (name: string, usual: number): number => Number(process.env[`OPTLLM_${name}`] ?? usual);
const queries = numberOf("QUERIES", 120);
const sizes = {
  models: numberOf("MODELS", 5),
  most: numberOf("CONSTRAINTS", 24),
  steps: numberOf("STEPS", 1000),
};

it("gives the verdicts and the bounds of HiGHS's linear relaxation, on many problems", async () => {
  const seeds = Array.from({ length: to - from }, (_, i) => from + i);
  const { gaps, ...tally } = await compareWithHighs(await loadHighs(), seeds, () => queries, sizes);
  const at = (part: number): number => gaps[Math.floor(part * (gaps.length - 1))];
  console.log(JSON.stringify({ from, to, queries, ...sizes, ...tally, gaps: [0.5, 0.9, 1].map(at) }));
  expect(tally.feasible + tally.infeasible).toBeGreaterThan(0);
});
