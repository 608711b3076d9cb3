import { expect, it } from "vitest";
import { compareWithBruteForce } from "./brute.js";

// All 10,000 in pieces: OPTLLM_SEEDS=1,2501 up to OPTLLM_SEEDS=7501,10001.
const [from, to] = (process.env.OPTLLM_SEEDS ?? "1,1501").split(",").map(Number);

it("finds what brute force finds, on random small problems", async () => {
  const tally = await compareWithBruteForce(from, to);
  console.log(JSON.stringify({ from, to, ...tally }));
  expect(tally.optimal).toBeGreaterThanOrEqual(0.99 * tally.feasible);
  expect(tally.feasible).toBeGreaterThan(0.3 * (to - from));
});
