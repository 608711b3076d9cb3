import { expect, it } from "vitest";
import { compareWithHighs } from "./besideHighs.js";
import { loadHighs } from "./highs.js";

it("gives the verdicts and the bounds of HiGHS's linear relaxation", async () => {
  const seeds = Array.from({ length: 16 }, (_, i) => i + 1);
  const tally = await compareWithHighs(await loadHighs(), seeds, (seed) => 50 + 10 * (seed % 8));
  expect(tally.feasible).toBeGreaterThan(4);
  expect(tally.infeasible).toBeGreaterThan(1);
});
