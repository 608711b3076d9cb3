import { describe, expect, it } from "vitest";
import { runs } from "../../runs.js";
import { run } from "../run.js";
import { workloadFolder } from "../workload.js";

const { at } = workloadFolder("backtest");

/** Fewer rows to learn from in `npm test`. */
const learning = ["--train", `${runs(100, 0.6)}`, "--validation", `${runs(50, 0.6)}`];

describe("backtest", () => {
  const backtest = (...more: string[]) => run("backtest", at("labelled.csv"), "-q", ...more);

  it("prints figures whose means are those of the repeats", async () => {
    const { code, out } = await backtest(
      ...["--train", "20%", "--validation", "0.1", "--repeats", "2", "--seed", "7"],
      ...["--predictor", "base-rate", "--json"],
    );
    expect(code).toBe(0);
    const { dataset, repeats, mean } = JSON.parse(
      out,
    ) as import("../../../src/backtest/backtestTypes.js").Backtest;
    expect(dataset).toEqual({ queries: 600, models: 5, leftOut: 0, missing: [], notAlone: [] });
    expect(repeats.map(({ seed }) => seed)).toEqual([7, 8]);
    expect(repeats[0]).toMatchObject({ trainQueries: 120, validationQueries: 60, testQueries: 420 });
    expect(mean.areaUnderFront).toBeCloseTo((repeats[0].areaUnderFront + repeats[1].areaUnderFront) / 2, 12);
    expect(repeats[0].front.length).toBe(200);
    repeats[0].front.forEach(({ realisedAccuracy }) => {
      expect(Math.round(realisedAccuracy * 420)).toBeCloseTo(realisedAccuracy * 420, 9);
    });
  });

  it("prints a table for people", async () => {
    const { out } = await backtest(...learning, "--predictor", "logistic");
    expect(out).toMatch(/seed 1 .*model-\d/);
    expect(out).toMatch(/^mean /m);
    for (const line of [
      /^the front .*0\.\d{4}/m,
      /^OptLLM-M, /m,
      /^zero router, /m,
      /^oracle /m,
      /^knee .*\$/m,
    ])
      expect(out).toMatch(line);
    expect(out).toMatch(/^match the best model: (Route:|Use model-\d+ alone:|Not enough evidence that) /m);
    expect(Math.max(...out.split("\n").map((line) => line.length))).toBeLessThanOrEqual(120);
  });

  it("judges several targets in a changed world", async () => {
    const { code, out } = await backtest(
      ...[...learning, "--budget", "1.5", "--accuracy", "60%"],
      ...["--scale-cost", "model-05=0.5", "--only", "model-02,model-05", "--predictor", "knn", "--json"],
    );
    expect(code).toBe(0);
    const { plans, repeats, changes, verdict } = JSON.parse(
      out,
    ) as import("../../../src/backtest/backtestTypes.js").Backtest;
    expect(plans.map(({ target }) => target)).toEqual([{ budget: 1.5 }, { accuracy: 0.6 }]);
    expect(changes).toEqual({ scaleCost: [["model-05", 0.5]], only: ["model-02", "model-05"] });
    expect(repeats[0].comparators.singles.map(({ model }) => model)).toEqual(["model-02", "model-05"]);
    expect(repeats[0].whatIf!.before.plans.length).toBe(2);
    expect(repeats[0].twoModels).toBeDefined();
    expect(verdict).toEqual(plans[0].verdict);
  });

  it.each([
    [["--train", "99%", "--validation", "5%"], /too few/],
    [["--train", "700"], /asks for 700 rows, the file has 600/],
    [["--train", "150%"], /expected a share such as 5%/],
    [["--repeats", "0"], /whole number from 1/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await backtest(...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
  });
});

describe("backtest --predict-cost", () => {
  it("tells in a line how far predicted costs were off", async () => {
    const argv = [
      "backtest",
      at("labelled.csv"),
      "--predictor",
      "base-rate",
      "--train",
      "10%",
      "--predict-cost",
    ];
    const { code, out } = await run(...argv);
    expect(code).toBe(0);
    expect(out).toMatch(/Costs were predicted for planning\. Mean error over the repeats: \d/);
    expect(out.split("\n").every((line) => line.length <= 130)).toBe(true);
    const json = JSON.parse((await run(...argv, "--json")).out) as Record<string, unknown>;
    expect(json.costPrediction).toHaveProperty("totalErrorShare");
    expect(json.costPrediction).toHaveProperty("perModel.0.totalErrorShare");
  });
});
