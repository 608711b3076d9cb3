import { describe, expect, it } from "vitest";
import { gramKernel, type Kernel } from "../../../src/predict/methods/kernel.js";
import { fitLogistic, logit, marginLoss, sigmoid } from "../../../src/predict/methods/logistic.js";
import type { LogisticFit, Observations } from "../../../src/predict/methods/logistic.js";
import { Random } from "../../../src/random.js";
import { sparseOf } from "../examples.js";
import { jointDescent, jointLoss, jointMargins, type JointProblem } from "../oracle.js";

/** X·Xᵀ + 1 in float64, from the definition. */
function denseKernel(x: number[][]): Kernel {
  return {
    rows: x.length,
    apply(v, out) {
      const models = v.length / x.length;
      out.forEach((_, i) => {
        const a = x[Math.floor(i / models)];
        out[i] = x.reduce(
          (sum, b, j) => sum + v[j * models + (i % models)] * a.reduce((s, value, c) => s + value * b[c], 1),
          0,
        );
      });
    },
  };
}

const identity = (n: number): number[][] =>
  Array.from({ length: n }, (_, a) => Array.from({ length: n }, (_, b) => (a === b ? 1 : 0)));

/** B = L·Lᵀ. */
function covarianceOf(factor: number[][]): Float64Array {
  return Float64Array.from(factor.flatMap((a) => factor.map((b) => a.reduce((s, v, k) => s + v * b[k], 0))));
}

/** Rows of unit length; labels 0, 1 and ¼, weights 0, 1 and 2; three models of which two agree. */
function problem(seed: number, rows: number, factor: number[][], strength: number): JointProblem {
  const random = new Random(seed);
  const x = Array.from({ length: rows }, () => {
    const row = Array.from({ length: 4 }, () => random.normal());
    return row.map((v) => Math.fround(v / Math.hypot(...row)));
  });
  const slopes = [1, 0.8, -0.5];
  const label = x.map((row, r) =>
    slopes.map((s) => (r % 7 === 3 ? 0.25 : s * row[0] + 0.3 * random.normal() > 0.1 ? 1 : 0)),
  );
  const weight = x.map((_, r) => slopes.map((_, m) => (r % 5 === 4 || (r + m) % 6 === 0 ? 0 : 1 + (r % 2))));
  return { x, label, weight, offset: [0.3, -0.2, 1], factor, strength };
}

function observe({ label, weight, offset }: JointProblem): Observations {
  return {
    models: offset.length,
    label: Float64Array.from(label.flat()),
    weight: Float64Array.from(weight.flat()),
    offset: Float64Array.from(offset),
  };
}

function fitOf(p: JointProblem, from?: Float64Array, kernel = denseKernel(p.x)): LogisticFit {
  return fitLogistic(kernel, observe(p), covarianceOf(p.factor), p.strength, from);
}

/** Coefficients of the latent factors, w = (X, 1)ᵀ·A·L. */
function coefficientsOf({ x, factor }: JointProblem, alpha: Float64Array): number[][] {
  const models = factor.length;
  return factor[0].map((_, k) =>
    [...x[0], 1].map((_, c) =>
      x.reduce((sum, row, r) => {
        const share = factor.reduce((s, l, m) => s + alpha[r * models + m] * l[k], 0);
        return sum + share * (c < row.length ? row[c] : 1);
      }, 0),
    ),
  );
}

const massOf = ({ weight }: JointProblem): number => weight.flat().reduce((sum, w) => sum + w, 0);

const FACTORS: [string, number[][]][] = [
  ["each model alone", identity(3)],
  [
    "sharing in part",
    [
      [1, 0, 0],
      [0.7, 0.6, 0],
      [-0.4, 0.3, 0.8],
    ],
  ],
  ["one latent factor", [[1.2], [0.9], [-0.6]]],
];

describe("joint logistic regression", () => {
  describe.each(FACTORS)("with %s", (_, factor) => {
    it.each([3, 0.3, 0.03])(
      "finds the optimum that plain gradient descent finds, strength %f",
      (strength) => {
        const p = problem(11, 24, factor, strength);
        const fit = fitOf(p);
        const slow = jointDescent(p);
        // The fit stops at a gradient of 10⁻⁴ a label, which bounds what is left to gain.
        const left = (1e-4 * massOf(p)) ** 2 / (2 * strength);
        const excess = jointLoss(p, coefficientsOf(p, fit.alpha)) - jointLoss(p, slow);
        expect(excess).toBeGreaterThan(-1e-9);
        expect(excess).toBeLessThan(left);
        const margins = jointMargins(p, slow).flat();
        margins.forEach((f, i) => expect(p.offset[i % 3] + fit.image[i]).toBeCloseTo(f, 1.5));
      },
    );

    it("stops where finite differences of the loss vanish", () => {
      const p = problem(3, 24, factor, 0.1);
      const slope = (w: number[][]): number[] =>
        w.flatMap((v, k) =>
          v.map((_, c) => {
            const moved = (by: number): number =>
              jointLoss(
                p,
                w.map((u, j) => u.map((value, d) => (j === k && d === c ? value + by : value))),
              );
            return (moved(1e-5) - moved(-1e-5)) / 2e-5;
          }),
        );
      const tolerance = 1.1e-4 * massOf(p);
      expect(Math.hypot(...slope(coefficientsOf(p, fitOf(p).alpha)))).toBeLessThan(tolerance);
      expect(Math.hypot(...slope(coefficientsOf(p, new Float64Array(72))))).toBeGreaterThan(100 * tolerance);
    });

    it("returns the margins of its coefficients", () => {
      const p = problem(8, 24, factor, 0.1);
      const fit = fitOf(p);
      const margins = jointMargins(p, coefficientsOf(p, fit.alpha)).flat();
      margins.forEach((f, i) => expect(p.offset[i % 3] + fit.image[i]).toBeCloseTo(f, 8));
    });

    it("is the same over a float32 matrix", () => {
      const p = problem(5, 24, factor, 0.1);
      const [a, b] = [fitOf(p), fitOf(p, undefined, gramKernel(sparseOf(p.x, 4), 3))];
      a.image.forEach((f, i) => expect(b.image[i]).toBeCloseTo(f, 2));
    });

    it.each(FACTORS)("reaches the same optimum from the fit of a stronger penalty with %s", (_, other) => {
      const p = problem(2, 30, factor, 0.1);
      const start = fitOf({ ...p, factor: other, strength: 10 }).alpha;
      const before = start.slice();
      const [cold, warm] = [fitOf(p), fitOf(p, start)];
      cold.image.forEach((f, i) => expect(warm.image[i]).toBeCloseTo(f, 1.5));
      expect(start).toEqual(before);
    });
  });

  it("gives held-out rows a margin without being fitted to them", () => {
    const p = problem(4, 20, FACTORS[1][1], 0.3);
    const flipped = {
      ...p,
      label: p.label.map((row, r) => row.map((y, m) => (p.weight[r][m] === 0 ? 1 - y : y))),
    };
    const [a, b] = [fitOf(p), fitOf(flipped)];
    expect(a).toEqual(b);
    p.weight.flat().forEach((w, i) => {
      if (w === 0) expect(a.alpha[i]).toBe(0);
    });
    expect(new Set(a.image).size).toBe(60);
  });

  it("does not use a start's information about held-out rows", () => {
    const p = problem(4, 20, identity(3), 0.3);
    const all = { ...p, weight: p.weight.map((row) => row.map(() => 1)) };
    const [cold, warm] = [fitOf(p), fitOf(p, fitOf(all).alpha)];
    cold.image.forEach((f, i) => expect(warm.image[i]).toBeCloseTo(f, 1.5));
    p.weight.flat().forEach((w, i) => {
      if (w === 0) expect(Math.abs(warm.alpha[i])).toBeLessThan(0.02);
    });
  });

  it("fits models that share to each other's labels as well", () => {
    // Model 1 has no label: alone it stays at its offset, with model 0 it follows.
    const p = problem(9, 24, identity(3), 0.1);
    const blank = { ...p, weight: p.weight.map((row) => row.map((w, m) => (m === 1 ? 0 : w))) };
    const learned = (fit: LogisticFit, m: number): number[] => [...fit.image].filter((_, i) => i % 3 === m);
    expect(learned(fitOf(blank), 1)).toEqual(new Array<number>(24).fill(0));
    const shared = fitOf({ ...blank, factor: [[1], [0.5], [0]] });
    learned(shared, 1).forEach((f, r) => expect(f).toBeCloseTo(learned(shared, 0)[r] / 2, 9));
    expect(Math.max(...learned(shared, 1).map(Math.abs))).toBeGreaterThan(0.3);
  });

  it("takes a label of ¼ as a quarter of a right and three quarters of a wrong answer", () => {
    const p = problem(6, 8, FACTORS[2][1], 0.1);
    const halves = {
      ...p,
      x: [...p.x, ...p.x],
      label: [...p.label.map((row) => row.map(() => 1)), ...p.label.map((row) => row.map(() => 0))],
      weight: [1, 0].flatMap((right) =>
        p.weight.map((row, r) => row.map((w, m) => w * (right ? p.label[r][m] : 1 - p.label[r][m]))),
      ),
    };
    const [whole, split] = [fitOf(p), fitOf(halves)];
    whole.image.forEach((f, i) => expect(split.image[i]).toBeCloseTo(f, 2));
  });

  it("has an intercept that is penalised like the other coefficients", () => {
    // Rows without features: the one margin f minimises 4·ln(1 + e^f) − 3·f + strength/2·f².
    const intercept = (strength: number): number => {
      const label = Float64Array.of(1, 1, 1, 0);
      const observed = { models: 1, label, weight: new Float64Array(4).fill(1), offset: Float64Array.of(0) };
      const { image } = fitLogistic(
        denseKernel([[0], [0], [0], [0]]),
        observed,
        Float64Array.of(1),
        strength,
      );
      expect(new Set(image).size).toBe(1);
      return image[0];
    };
    for (const strength of [10, 1, 0.1]) {
      const f = intercept(strength);
      expect(4 * sigmoid(f) - 3 + strength * f, `strength ${strength}`).toBeCloseTo(0, 3);
    }
    expect(intercept(10)).toBeLessThan(0.1);
    expect(sigmoid(intercept(1e-3))).toBeCloseTo(0.75, 3);
  });

  it("stays at the offset without labels", () => {
    const p = problem(1, 6, identity(3), 0.1);
    const { alpha, image } = fitOf({ ...p, weight: p.weight.map((row) => row.map(() => 0)) });
    expect([...alpha, ...image]).toEqual(new Array<number>(36).fill(0));
  });

  it("stays finite if the labels are separable and the penalty is tiny", () => {
    const p = { ...problem(7, 12, identity(3), 1e-9), offset: [40, -40, 800] };
    const label = p.x.map((row) => [row[0] > 0 ? 1 : 0, row[1] > 0 ? 1 : 0, 0]);
    const fit = fitOf({ ...p, label });
    for (const values of [fit.alpha, fit.image]) expect(values.every(Number.isFinite)).toBe(true);
  });
});

describe("sigmoid, logit and loss", () => {
  it("do not overflow for margins of any size", () => {
    expect([sigmoid(-1e4), sigmoid(0), sigmoid(1e4)]).toEqual([0, 0.5, 1]);
    expect([marginLoss(1e4, 0), marginLoss(-1e4, 1), marginLoss(1e4, 1), marginLoss(-1e4, 0)]).toEqual([
      1e4, 1e4, 0, 0,
    ]);
    expect(sigmoid(-700)).toBeGreaterThan(0);
  });

  it("agree with each other and with the definition", () => {
    for (const p of [1e-6, 0.2, 0.5, 0.99]) {
      expect(sigmoid(logit(p))).toBeCloseTo(p, 12);
      for (const y of [0, 0.3, 1]) {
        expect(marginLoss(logit(p), y)).toBeCloseTo(-y * Math.log(p) - (1 - y) * Math.log(1 - p), 10);
      }
    }
  });
});
