import { describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { readDataset } from "../../src/rows/dataset.js";
import { realData } from "../realData.js";

const SETS = [
  { name: "frugalgpt_overruling", share: 0.05, most: 0.02 },
  { name: "routerbench_3", share: 0.05, most: 0.06 },
  { name: "logparsing", share: 0.01, most: 0.04 },
];

describe.each(SETS)("costs of $name", ({ name, share, most }) => {
  const file = realData(name);

  it.skipIf(file === undefined)("have totals near the recorded ones for every model", async () => {
    const dataset = await readDataset(file!);
    const { costPrediction } = await backtest(dataset, {
      train: { share },
      validation: { share },
      predictor: "base-rate",
      predictCost: true,
    });
    expect(costPrediction!.perModel.length).toBe(dataset.models.length);
    for (const { totalErrorShare } of costPrediction!.perModel) expect(totalErrorShare).toBeLessThan(most);
  });
});
