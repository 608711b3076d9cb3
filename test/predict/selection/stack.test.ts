import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { Examples } from "../../../src/predict/methods/examples.js";
import { sigmoid } from "../../../src/predict/methods/logistic.js";
import { stackingWeights } from "../../../src/predict/selection/stack.js";
import { Random } from "../../../src/random.js";
import { examplesOf } from "../examples.js";

/** Margins of members, and labels of one model drawn with log-odds anchor + Σ weight·margin. */
function drawn(rows: number, weight: readonly number[], anchor = 0, seed = 1) {
  const random = new Random(seed);
  const margins = weight.map(() => Float64Array.from({ length: rows }, () => 1.5 * random.normal()));
  const labels = Array.from({ length: rows }, (_, r) => {
    const f = weight.reduce((sum, w, k) => sum + w * margins[k][r], anchor);
    return random.uniform() < sigmoid(f) ? 1 : 0;
  });
  return { margins, labels };
}

/** The objective by its definition, at the intercepts that suit the weights best: one bisection a model. */
function objective(
  margins: readonly Float64Array[],
  { models, outcome, weight: counts }: Examples,
  anchor: Float64Array,
  weight: readonly number[],
): number {
  let total = weight.reduce((sum, w) => sum + 2.5 * models * (w - 1 / weight.length) ** 2, 0);
  for (let m = 0; m < models; m++) {
    const pairs = [...outcome.keys()]
      .filter((i) => i % models === m && counts[Math.floor(i / models)] > 0 && !Number.isNaN(outcome[i]))
      .map((i) => [weight.reduce((sum, w, k) => sum + w * margins[k][i], anchor[m]), outcome[i]]);
    let [low, high] = [-20, 20];
    for (let step = 0; step < 80; step++) {
      const a = (low + high) / 2;
      const pull = pairs.reduce((sum, [f, y]) => sum + sigmoid(f + a) - y, 5 * a);
      [low, high] = pull > 0 ? [low, a] : [a, high];
    }
    total += 2.5 * low * low;
    total += pairs.reduce((sum, [f, y]) => sum + Math.log1p(Math.exp(f + low)) - y * (f + low), 0);
  }
  return total;
}

const zero = (models: number): Float64Array => new Float64Array(models);

describe("stackingWeights", () => {
  it.each([
    [[0.7, 0.4], 0.5],
    [[1.3, 0], -1],
    [[0.2, 0.2, 0.9], 0],
  ])("recovers the weights of many rows: %j", (truth, anchor) => {
    const { margins, labels } = drawn(20_000, truth, anchor);
    const found = stackingWeights(margins, examplesOf(1, labels), Float64Array.of(anchor));
    truth.forEach((w, k) => expect(Math.abs(found[k] - w)).toBeLessThan(0.05));
  });

  it("minimises the loss and the priors of precision 5 among weights ≥ 0", () => {
    const cell = fc.double({ min: -3, max: 3, noNaN: true });
    const row = fc.tuple(cell, cell, cell, cell, fc.constantFrom(0, 0.3, 1, 1, NaN), fc.constantFrom(0, 1));
    fc.assert(
      fc.property(fc.array(row, { minLength: 1, maxLength: 30 }), (rows) => {
        const margins = [0, 1].map((k) => Float64Array.from(rows.flatMap((r) => [r[2 * k], r[2 * k + 1]])));
        const taught = examplesOf(
          2,
          rows.map((r) => [r[4], r[5]]),
        );
        const anchor = Float64Array.of(0.4, -0.7);
        const found = [...stackingWeights(margins, taught, anchor)];
        const least = objective(margins, taught, anchor, found);
        for (const w of found) expect(w).toBeGreaterThanOrEqual(0);
        for (const move of [
          [0.01, 0],
          [-0.01, 0],
          [0, 0.01],
          [0, -0.01],
          [0.01, -0.01],
          [-0.01, 0.01],
        ]) {
          const other = found.map((w, k) => w + move[k]);
          if (other.some((w) => w < 0)) continue;
          expect(objective(margins, taught, anchor, other)).toBeGreaterThan(least);
        }
      }),
    );
  });

  it("keeps near the plain mean with few labels, and with none at it", () => {
    // The first is right thrice, the second wrong: each pulls by Σ(½ − y)·x = ∓0.75 against a precision of 5.
    const right = Float64Array.of(0.5, -0.5, 0.5);
    const margins = [right, right.map((x) => -x)];
    const found = stackingWeights(margins, examplesOf(1, [1, 0, 1]), zero(1));
    expect(found[0] - 0.5).toBeGreaterThan(0.1);
    expect(found[0] - 0.5).toBeLessThan(0.15);
    expect(0.5 - found[1]).toBeGreaterThan(0.1);
    expect(0.5 - found[1]).toBeLessThan(0.15);
    const blank = stackingWeights(margins, examplesOf(1, [NaN, NaN, NaN]), zero(1));
    expect([...blank]).toEqual([0.5, 0.5]);
  });

  it("gives nothing to a member that points the wrong way", () => {
    const { margins, labels } = drawn(2_000, [1, -1]);
    const found = stackingWeights(margins, examplesOf(1, labels), zero(1));
    expect(found[1]).toBe(0);
    expect(found[0]).toBeGreaterThan(0.6);
  });

  it("learns no more from a model that is another's copy", () => {
    const { margins, labels } = drawn(60, [1, 0.2]);
    const alone = stackingWeights(margins, examplesOf(1, labels), zero(1));
    const tripled = margins.map((x) => Float64Array.from([...x].flatMap((v) => [v, v, v])));
    const copies = stackingWeights(
      tripled,
      examplesOf(
        3,
        labels.map((y) => [y, y, y]),
      ),
      zero(3),
    );
    alone.forEach((w, k) => expect(copies[k]).toBeCloseTo(w, 6));
  });

  it("skips labels that are NaN and rows of weight 0, whatever is predicted there", () => {
    const { margins, labels } = drawn(60, [0.8, 0.3]);
    const whole = stackingWeights(margins, examplesOf(1, labels), zero(1));
    const longer = margins.map((x) => Float64Array.from([...x, 9, -9]));
    const padded = examplesOf(1, [...labels, NaN, 1], [...labels.map(() => 1), 1, 0]);
    expect(stackingWeights(longer, padded, zero(1))).toEqual(whole);
  });

  it("stays finite where labels are all the same and margins extreme", () => {
    const margins = [Float64Array.of(13, 14, -13, 13), Float64Array.of(0, 0, 0, 0)];
    for (const labels of [
      [1, 1, 1, 1],
      [0, 0, 0, 0],
      [0, 1, 1, 0],
    ]) {
      for (const w of stackingWeights(margins, examplesOf(1, labels), Float64Array.of(2))) {
        expect(w >= 0 && w < 100).toBe(true);
      }
    }
  });
});
