import { describe, expect, it } from "vitest";
import type { Dataset } from "../../src/types.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { checkHeldOut } from "../../src/plan/heldOutCheck.js";

const BLANK = Infinity;

/** Four labelled rows of the models a (1 dollar) and b (3 dollars). */
function sampleOf(outcome: number[], cost = [1, 3, 1, 3, 1, 3, 1, 3]): Dataset {
  return {
    ids: ["0", "1", "2", "3"],
    queries: ["", "", "", ""],
    models: ["a", "b"],
    cost: Float32Array.from(cost),
    outcome: Float32Array.from(outcome),
  };
}

/** Held out: rows 0, 1 and 3; the predictor knows its models in another order, and one more. */
const predictor = {
  models: ["b", "else", "a"],
  heldOut: {
    rows: Uint32Array.of(0, 1, 3),
    probability: Float32Array.of(0.75, 0, 0.5, 1, 0, 0.25, 0.5, 0, 0.25),
    unbeaten: Int32Array.of(-1, -1, -1),
  },
} as unknown as Predictor;

describe("a plan tried on labelled rows", () => {
  // b gains 0.25, 0.75 and 0.25 on a, for 2 dollars: taken above λ = 0.125, 0.375, 0.125.
  it.each([
    [0.2, [1, 0, 1, 1, 9, 9, 0, 1], 0.5 + 1 + 0.25, 1 + 1 + 0],
    [0.1, [1, 0, 1, 1, 9, 9, 0, 1], 0.75 + 1 + 0.5, 0 + 1 + 1],
    [Infinity, [1, 0, 1, 1, 9, 9, 0, 1], 0.5 + 0.25 + 0.25, 1 + 1 + 0],
  ])("at the price %f by hand", async (lambda, outcome, predicted, recorded) => {
    const plan = { lambda, expectedAccuracy: 0.6 };
    const check = await checkHeldOut(plan, ["a", "b"], sampleOf(outcome), predictor);
    expect(check).toMatchObject({ queries: 3 });
    expect(check!.predicted).toBeCloseTo(predicted / 3, 6);
    expect(check!.recorded).toBeCloseTo(recorded / 3, 6);
    const moved = 0.6 + (recorded - predicted) / 3;
    expect(check!.accuracy.estimate).toBeCloseTo(Math.min(1, moved), 6);
  });

  it("has the interval of a mean, as if one more row were off by a whole answer, and half as wide again", async () => {
    const plan = { lambda: 0.2, expectedAccuracy: 0.5 };
    const { accuracy } = (await checkHeldOut(
      plan,
      ["a", "b"],
      sampleOf([1, 0, 1, 1, 9, 9, 0, 1]),
      predictor,
    ))!;
    const differences = [0.5, 0, -0.25];
    const mean = 0.25 / 3;
    const squares = differences.reduce((sum, d) => sum + (d - mean) ** 2, 0);
    const error = (1.5 * 1.96 * Math.sqrt(squares + 1)) / 3;
    expect(accuracy.low).toBe(Math.max(0, 0.5 + mean - error));
    expect(accuracy.high).toBeCloseTo(Math.min(1, 0.5 + mean + error), 9);
  });

  it("leaves out rows whose chosen model has no label, or that no model may answer", async () => {
    const plan = { lambda: 0.2, expectedAccuracy: 0.6 };
    const unlabelled = sampleOf([NaN, 0, 1, 1, 9, 9, 0, 1]);
    expect(await checkHeldOut(plan, ["a", "b"], unlabelled, predictor)).toMatchObject({ queries: 2 });
    const priceless = sampleOf([1, 0, 1, 1, 9, 9, 0, 1], [BLANK, BLANK, 1, 3, 1, 3, 1, 3]);
    expect(await checkHeldOut(plan, ["a", "b"], priceless, predictor)).toMatchObject({ queries: 2 });
    const none = sampleOf([1, 0, 1, 1, 9, 9, 0, 1], Array<number>(8).fill(BLANK));
    expect(await checkHeldOut(plan, ["a", "b"], none, predictor)).toBeUndefined();
    const saved = { ...predictor, heldOut: undefined } as Predictor;
    expect(await checkHeldOut(plan, ["a", "b"], priceless, saved)).toBeUndefined();
  });
});
