import { describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { readDataset } from "../../src/rows/dataset.js";
import { realData } from "../realData.js";
// The same tests, of full size.
import "./backtest.test.js";

const file = realData("logparsing");
const questions = realData("routerbench_3");

describe.skipIf(file === undefined)("the paper's protocol on its LogPai set", () => {
  it("saves more than the paper's 49.18 % at the best single model's accuracy", async () => {
    const dataset = await readDataset(file!);
    const result = await backtest(dataset, {
      train: { share: 0.01 },
      validation: { share: 0.01 },
      seed: 1,
    });
    const [repeat] = result.repeats;
    expect(repeat).toMatchObject({ trainQueries: 320, validationQueries: 320, testQueries: 31_360 });
    expect(repeat.bestSingle.model).toBe("Mixtral_8x7B");
    expect(repeat.savingAtEqualAccuracy).toBeGreaterThan(0.4918);
    expect(repeat.highestAccuracy).toBeGreaterThan(0.71);
    expect(repeat.comparators.singles.length).toBe(8);
    // The paper's own search on the same predictions, its front's hypervolume, and the paper's IGD of 0.19.
    expect(repeat.metrics.front.hypervolume).toBeGreaterThan(repeat.metrics.optllm.hypervolume);
    expect(repeat.metrics.front.igd).toBeLessThan(0.19);
    expect(result.verdict).toMatchObject({ decision: "route", model: "Mixtral_8x7B" });
    const { savingAtEqualAccuracy, accuracyAtEqualCost } = result.frontAgainstBestSingle;
    expect(savingAtEqualAccuracy.low).toBeGreaterThan(0.4918);
    expect(accuracyAtEqualCost.low).toBeGreaterThan(0.1);
  });
});

describe.skipIf(questions === undefined)("mixed question sets, where little beats the best model", () => {
  it("is not told to route to match the best model, and is told where routing does pay", async () => {
    const result = await backtest(await readDataset(questions!), {
      train: { share: 0.05 },
      validation: { share: 0.05 },
      repeats: 2,
      seed: 1,
    });
    const [match, knee] = result.plans;
    expect(match.verdict.decision).not.toBe("route");
    expect(match.verdict.model).toBe("gpt-4-1106-preview");
    // Predictions promise more than records show.
    expect(match.promised.accuracy.mean).toBeGreaterThan(match.realised.accuracy.mean!);
    expect(knee.againstZeroRouter.accuracyAtEqualCost.estimate).toBeGreaterThan(0);
    expect(knee.againstBestSingle.accuracy.high).toBeLessThan(0);
  });
});
