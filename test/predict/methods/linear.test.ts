import { describe, expect, it } from "vitest";
import { predictSpace } from "../../../src/core/predict/space.js";
import { together } from "../../../src/predict/selection/calibration.js";
import { Featuriser } from "../../../src/predict/features/featuriser.js";
import { sideBySide, type Linear } from "../../../src/predict/methods/linear.js";
import { methodOf } from "../../../src/predict/methods/methods.js";
import { queryScorer } from "../../../src/predict/score.js";
import { stateOf } from "../../../src/predict/predictor.js";
import { fitSample } from "../../../src/predict/fit.js";
import { toySample } from "../toy.js";

const sample = toySample(60);

describe("linear members", () => {
  it.each(["logistic", "rank-one"] as const)(
    "predict the same from texts as from sparse rows (%s)",
    async (kind) => {
      const state = stateOf(await fitSample(sample, { kind }));
      const texts = [...toySample(40, 2).queries, ...sample.queries, "", "new words 42"];
      const features = new Featuriser(state.featuriser!).features(texts);
      const models = sample.models.length;
      const slow = new Float32Array(texts.length * models);
      methodOf(kind).scorer(state.members[0].learned, predictSpace())(features, slow);
      const expected = together(state.calibration, [slow]);
      const found = new Float32Array(texts.length * models);
      queryScorer(state)({ texts }, 0, texts.length, found);
      found.forEach((p, i) => expect(p).toBeCloseTo(expected[i], 5));
    },
  );

  it("stand side by side, with a row for each bucket that any of them has", () => {
    const one: Linear = {
      bucket: Int32Array.of(2, 0),
      columns: 2,
      matrix: Float32Array.of(1, 2, 3, 4),
      intercept: new Float32Array(2),
    };
    const other: Linear = {
      bucket: Int32Array.of(2, 3),
      columns: 1,
      matrix: Float32Array.of(5, 6),
      intercept: new Float32Array(1),
    };
    expect(sideBySide([])).toBeUndefined();
    expect(sideBySide([one])).toBe(one);
    const { bucket, columns, matrix } = sideBySide([one, other])!;
    expect(columns).toBe(3);
    expect([...bucket]).toEqual([2, 0, 3]);
    expect([...matrix]).toEqual([1, 2, 5, 3, 4, 0, 0, 0, 6]);
  });
});
