import { expect, it } from "vitest";
import { compareWithBruteForce } from "./brute.js";

it("finds what brute force finds, on random small problems of every kind of constraint", async () => {
  const tally = await compareWithBruteForce(1, 300);
  console.log(tally);
  expect(tally.optimal).toBeGreaterThanOrEqual(0.99 * tally.feasible);
});
