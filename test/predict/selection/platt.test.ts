import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { sigmoid } from "../../../src/predict/methods/logistic.js";
import { fitLines, type Told } from "../../../src/predict/selection/platt.js";
import { Random } from "../../../src/random.js";

const PRECISIONS = [1, 4, 16, 64, 256];

/** −ln of labels and prior densities at a line, up to a constant. */
function objective({ margin, label, anchor }: Told, prior: number, a: number, b: number): number {
  const loss = label.reduce((sum, y, i) => {
    const p = sigmoid(anchor + a + b * margin[i]);
    return sum - y * Math.log(p) - (1 - y) * Math.log(1 - p);
  }, 0);
  return loss + 2.5 * a * a + (prior / 2) * (b - 1) ** 2;
}

/** The least place with slope ≥ 0 by a compass search, and the evidence from second differences there. */
function slowLine(told: Told, prior: number) {
  const f = (a: number, b: number): number => objective(told, prior, a, b);
  let [a, b] = [0, 1];
  for (let step = 0.5; step > 1e-9;) {
    const places = [
      [a + step, b],
      [a - step, b],
      [a, b + step],
      [a, b - step],
    ];
    const better = places.find(([u, v]) => v >= 0 && f(u, v) < f(a, b));
    if (better === undefined) step /= 2;
    else [a, b] = better;
  }
  const h = 1e-3;
  const aa = (f(a + h, b) - 2 * f(a, b) + f(a - h, b)) / h ** 2;
  const bb = (f(a, b + h) - 2 * f(a, b) + f(a, b - h)) / h ** 2;
  const ab = (f(a + h, b + h) - f(a + h, b - h) - f(a - h, b + h) + f(a - h, b - h)) / (4 * h ** 2);
  const density = Math.sqrt((5 * prior) / (aa * bb - ab * ab)) * Math.exp(-f(a, b));
  return { a, b, density };
}

/** Averages over the precisions, each by the product of the models' densities. */
function slowLines(models: readonly Told[]): [intercept: number, slope: number][] {
  const tried = PRECISIONS.map((prior) => models.map((told) => slowLine(told, prior)));
  const weight = tried.map((lines) => lines.reduce((product, { density }) => product * density, 1));
  const all = weight.reduce((sum, w) => sum + w, 0);
  return models.map((_, m) => {
    const mean = (of: (line: ReturnType<typeof slowLine>) => number): number =>
      tried.reduce((sum, lines, k) => sum + (weight[k] / all) * of(lines[m]), 0);
    return [mean(({ a }) => a), mean(({ b }) => b)];
  });
}

/** Labels drawn with log-odds slope · margin. */
function drawn(rows: number, slope: number, seed: number): Told {
  const random = new Random(seed);
  const margin = Array.from({ length: rows }, () => 1.5 * random.normal());
  const label = margin.map((x) => (random.uniform() < sigmoid(slope * x) ? 1 : 0));
  return { margin, label, anchor: 0 };
}

describe("fitLines", () => {
  it("is the mean over the precisions, weighted by the evidence, that a slow search finds", () => {
    const row = fc.tuple(fc.double({ min: -4, max: 4, noNaN: true }), fc.constantFrom(0, 0.25, 1, 1));
    const one = fc.record({
      rows: fc.array(row, { maxLength: 12 }),
      anchor: fc.double({ min: -2, max: 2, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(one, { minLength: 1, maxLength: 3 }), (drawn) => {
        const models = drawn.map(({ rows, anchor }) => ({
          margin: rows.map(([x]) => x),
          label: rows.map(([, y]) => y),
          anchor,
        }));
        const { intercept, slope } = fitLines(models);
        slowLines(models).forEach(([a, b], m) => {
          expect(intercept[m]).toBeCloseTo(a, 4);
          expect(slope[m]).toBeCloseTo(b, 4);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("trusts a model's own slope more if the models differ more", () => {
    const few = drawn(60, 2, 1);
    const [alike, apart] = [
      Array.from({ length: 11 }, () => 1),
      Array.from({ length: 11 }, (_, m) => (m % 2 === 0 ? 0.2 : 2.5)),
    ].map((slopes) => fitLines([few, ...slopes.map((slope, m) => drawn(200, slope, 2 + m))]).slope[0]);
    expect(Math.abs(apart - 1)).toBeGreaterThan(1.3 * Math.abs(alike - 1));
  });

  it("leaves models without labels as they are, to the last bit", () => {
    const none = { margin: [], label: [], anchor: 0.3 };
    const { intercept, slope } = fitLines([none, drawn(50, 0.5, 3), none]);
    for (const m of [0, 2]) expect([intercept[m], slope[m]]).toEqual([0, 1]);
  });

  it("stays finite if margins are large and all labels contradict them", () => {
    const margin = Array.from({ length: 2_000 }, (_, i) => (i % 2 === 0 ? 27 : -27));
    const { intercept, slope } = fitLines([{ margin, label: margin.map((x) => (x > 0 ? 0 : 1)), anchor: 0 }]);
    expect(intercept[0]).toBeCloseTo(0, 12);
    expect(slope[0]).toBe(0);
  });
});
