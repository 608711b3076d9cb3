import { expect, it } from "vitest";
import { compareWithBruteForce } from "./brute.js";

it("finds what brute force finds, on 10,000 random small problems", async () => {
  const tally = await compareWithBruteForce(1, Number(process.env.OPTLLM_CASES ?? 10_001));
  console.log(JSON.stringify(tally));
  expect(tally.optimal).toBeGreaterThanOrEqual(0.99 * tally.feasible);
  expect(tally.feasible).toBeGreaterThan(0.3 * (Number(process.env.OPTLLM_CASES ?? 10_001) - 1));
});
