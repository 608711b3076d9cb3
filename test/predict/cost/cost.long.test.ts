import { describe, expect, it } from "vitest";
import { fitCosts } from "../../../src/predict/cost/cost.js";
import { predictCosts } from "../../../src/predict/cost/predictCosts.js";
import { Random } from "../../../src/random.js";
import { known, sum, textsOf } from "./texts.js";

describe("predicted costs", () => {
  it("have unbiased totals: over 16 samples the mean error is within its standard error", async () => {
    const errors: number[] = [];
    const work = textsOf(1_000, new Random(99));
    const expected = sum(work.map((text) => 1e-4 + 2e-6 * text.length));
    for (let seed = 1; seed <= 16; seed++) {
      const random = new Random(seed, 5);
      const queries = textsOf(60, random);
      const cost = known(queries, random, 0.6, 0);
      const fit = await fitCosts({ models: ["a"], queries, cost }, { seed });
      errors.push(sum(await predictCosts(fit, work)) / expected - 1);
    }
    const mean = sum(errors) / errors.length;
    const deviation = Math.sqrt(sum(errors.map((e) => (e - mean) ** 2)) / (errors.length - 1));
    expect(Math.abs(mean)).toBeLessThan((3 * deviation) / Math.sqrt(errors.length));
    expect(deviation).toBeLessThan(0.2);
  });
});
