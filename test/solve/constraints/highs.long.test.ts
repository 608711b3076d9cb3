import { expect, it } from "vitest";
import { compareWithHighs } from "./besideHighs.js";
import { loadHighs } from "./highs.js";

// In pieces: OPTLLM_SEEDS=1,51 OPTLLM_QUERIES=500.
const [from, to] = (process.env.OPTLLM_SEEDS ?? "1,201").split(",").map(Number);
const queries = Number(process.env.OPTLLM_QUERIES ?? 120);

it("gives the verdicts and the bounds of HiGHS's linear relaxation, on many problems", async () => {
  const seeds = Array.from({ length: to - from }, (_, i) => from + i);
  const { gaps, ...tally } = await compareWithHighs(await loadHighs(), seeds, () => queries);
  const at = (part: number): number => gaps[Math.floor(part * (gaps.length - 1))];
  console.log(JSON.stringify({ from, to, queries, ...tally, gaps: [0.5, 0.9, 1].map(at) }));
  expect(tally.feasible + tally.infeasible).toBeGreaterThan(0);
});
