import { describe, expect, it } from "vitest";
import { backtest, readDataset } from "../../src/index.js";
import { realData } from "../realData.js";

const file = realData("logparsing");

describe.skipIf(file === undefined)("the paper's protocol on its LogPai set", () => {
  it(
    "saves more than the paper's 49.18 % at the best single model's accuracy",
    { timeout: 240_000 },
    async () => {
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
    },
  );
});
