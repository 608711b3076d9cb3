import { describe, expect, it } from "vitest";
import { reliability } from "../../src/predict/selection/reliability.js";
import { Random } from "../../src/random.js";
import { named, reliabilityOver } from "../../src/backtest/reliabilityOver.js";

function drawn(queries: number, models: number, seed: number) {
  const random = new Random(seed);
  const p = Float32Array.from({ length: queries * models }, () => random.uniform());
  const y = p.map((v) => (random.uniform() < 0.1 ? NaN : random.uniform() < v ** 2 ? 1 : 0));
  return { p, y };
}

describe("reliability over repeats", () => {
  const repeats = [drawn(40, 2, 1), drawn(70, 2, 2), drawn(1, 2, 3)];
  const reports = repeats.map(({ p, y }) => named(reliability(p, y, 2), ["a", "b"]));

  it("is that of all answers together, but for AUROC, which is the mean of the repeats that have it", () => {
    const [p, y] = (["p", "y"] as const).map((side) =>
      Float32Array.from(repeats.flatMap((repeat) => [...repeat[side]])),
    );
    const whole = reliability(p, y, 2);
    const { perModel, mean, pooledEce } = reliabilityOver(reports);
    expect(pooledEce).toBeCloseTo(whole.pooledEce, 12);
    expect(mean.labels).toBe(whole.mean.labels);
    perModel.forEach((one, m) => {
      expect(one.model).toBe("ab"[m]);
      for (const figure of ["labels", "brier", "logLoss", "ece"] as const)
        expect(one[figure]).toBeCloseTo(whole.perModel[m][figure], 12);
      one.bins.forEach((bin, k) => {
        for (const figure of ["labels", "predicted", "observed"] as const)
          expect(bin[figure]).toBeCloseTo(whole.perModel[m].bins[k][figure], 12);
      });
      // The repeat of one query has none.
      const [first, second] = reports.map((report) => report.perModel[m].auroc);
      expect(one.auroc).toBeCloseTo((first + second) / 2, 12);
    });
  });

  it("keeps models apart by name, where a repeat lacks one or has no label of it", () => {
    const { p } = drawn(5, 1, 4);
    const blank = named(reliability(p, new Float32Array(5).fill(NaN), 1), ["b"]);
    const { perModel } = reliabilityOver([blank, reports[0]]);
    expect(perModel.map(({ model }) => model)).toEqual(["b", "a"]);
    const [b] = perModel;
    expect([b.labels, b.brier, b.auroc]).toEqual([
      reports[0].perModel[1].labels,
      reports[0].perModel[1].brier,
      reports[0].perModel[1].auroc,
    ]);
    const [none] = reliabilityOver([blank]).perModel;
    expect([none.labels, none.brier, none.ece]).toEqual([0, NaN, NaN]);
  });
});
