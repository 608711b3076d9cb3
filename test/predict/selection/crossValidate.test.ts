import { describe, expect, it } from "vitest";
import { Pool } from "../../../src/pool/pool.js";
import { calibratedLoss, type Candidate } from "../../../src/predict/selection/crossValidate.js";
import { FOLDS, planFolds, type Folds } from "../../../src/predict/selection/folds.js";
import type { Examples } from "../../../src/predict/methods/examples.js";
import { METHODS, type MethodKind } from "../../../src/predict/methods/method.js";
import { tryMethods } from "../../../src/predict/selection/tryMethods.js";
import { Random } from "../../../src/random.js";
import { examplesOf, sparseOf } from "../examples.js";

/** Two models; coordinate 0 says which is right, three are noise. */
function examples(rows: number, seed = 1): Examples {
  const random = new Random(seed);
  const outcomes = Array.from({ length: rows }, () => [random.below(2), random.below(2)]);
  const dense = outcomes.map(([y]) =>
    [2 * y - 1, random.normal(), random.normal(), random.normal()].map((v) => Math.fround(v / 3)),
  );
  const plain = examplesOf(2, outcomes);
  const value = Float32Array.from(dense.flat());
  const sparse = sparseOf(dense, 4);
  return {
    ...plain,
    features: { rows, sparse, cells: sparse, vectors: sparse, dense: { rows, columns: 4, value } },
  };
}

/** Rows 0, 5, 10 … in fold 0, and so on. */
const inTurns = (rows: number): Folds => ({
  rows: Uint32Array.from({ length: rows }, (_, r) => r),
  fold: Int32Array.from({ length: rows }, (_, r) => r % FOLDS),
});

/** All settings of one method. */
const tryOne = (kind: MethodKind, taught: Examples, { fold }: Folds, seed: number): Promise<Candidate[]> =>
  tryMethods([kind], { examples: taught, fold, seed }, {});

describe("tryMethods", () => {
  it.each(METHODS)("predicts a row without its own label (%s)", async (kind) => {
    const taught = examples(40);
    const folds = planFolds(
      Uint32Array.from({ length: 40 }, (_, r) => r),
      3,
    );
    const flipped = { ...taught, outcome: taught.outcome.slice() };
    const row = 17;
    flipped.outcome.set([1 - taught.outcome[2 * row], NaN], 2 * row);
    const [before, after] = [await tryOne(kind, taught, folds, 1), await tryOne(kind, flipped, folds, 1)];
    before.forEach(({ heldOut, setting }, s) => {
      expect(setting).toEqual(after[s].setting);
      let moved = 0;
      folds.fold.forEach((f, r) => {
        const [a, b] = [heldOut, after[s].heldOut].map((p) => p.subarray(2 * r, 2 * r + 2));
        if (f === folds.fold[row]) expect(a).toEqual(b);
        else if (a[0] !== b[0]) moved++;
      });
      expect(moved).toBeGreaterThan(kind === "knn" || kind === "forest" ? 3 : 20);
    });
  });

  it.each(METHODS)("fills every row with probabilities, the same for the same seed (%s)", async (kind) => {
    const [taught, folds] = [
      examples(30, 2),
      planFolds(
        Uint32Array.from({ length: 30 }, (_, r) => r),
        1,
      ),
    ];
    const tried = await tryOne(kind, taught, folds, 4);
    expect(await tryOne(kind, taught, folds, 4)).toEqual(tried);
    for (const { heldOut, logLoss } of tried) {
      expect(heldOut.length).toBe(60);
      expect(heldOut.every((p) => (p > 0 && p < 1) || (kind === "forest" && p >= 0 && p <= 1))).toBe(true);
      expect(logLoss).toBe(calibratedLoss([heldOut], taught, folds.fold));
    }
  });

  it("gives base rates of the other folds, and ln 2 where those are one half", async () => {
    // Each fold holds one right and one wrong answer.
    const taught = examplesOf(1, [0, 0, 1, 0, 1, 1, 1, 0, 1, 0]);
    const [{ heldOut, logLoss }] = await tryOne("base-rate", taught, inTurns(10), 1);
    expect([...heldOut]).toEqual(new Array<number>(10).fill(0.5));
    expect(logLoss).toBeCloseTo(Math.LN2, 6);
  });

  it("gives the log-loss of base rates by hand", async () => {
    // Three of four right in every fold, two models, the other one labelled in fold 0 only.
    const outcomes = Array.from({ length: 20 }, (_, r) => [r < 15 ? 1 : 0, r % 5 === 0 ? 0 : NaN]);
    const [{ heldOut, logLoss }] = await tryOne("base-rate", examplesOf(2, outcomes), inTurns(20), 1);
    // 12 of 16 right elsewhere; of the other model none of 0 or of 4.
    const rate = 12.5 / 17;
    for (let r = 0; r < 20; r++) {
      expect(heldOut[2 * r]).toBeCloseTo(rate, 6);
      expect(heldOut[2 * r + 1]).toBeCloseTo(r % 5 === 0 ? 0.5 : 0.5 / 5, 6);
    }
    // The intercept moves by a few thousandths at most: labels tell the same as the rate, but for half a label.
    const expected = (-15 * Math.log(rate) - 5 * Math.log(1 - rate) + 4 * Math.LN2) / 24;
    expect(logLoss).toBeCloseTo(expected, 3);
  });

  it("stops with the signal's reason", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    const trial = { examples: examples(10), fold: inTurns(10).fold, seed: 1 };
    await expect(tryMethods(["base-rate"], trial, { signal })).rejects.toThrow("enough");
  });

  it("gives the same bytes on threads, and reports progress", async () => {
    const trial = { examples: examples(30), fold: inTurns(30).fold, seed: 2 };
    const kinds = ["trees", "knn", "logistic", "base-rate"] as const;
    const pool = new Pool({ threads: 2 });
    const [alone, together] = [[] as number[], [] as number[]];
    const expected = await tryMethods(kinds, trial, { onProgress: ({ done }) => alone.push(done) });
    const found = await tryMethods(kinds, trial, { pool, onProgress: ({ done }) => together.push(done) });
    await pool.close();
    expect(found).toEqual(expected);
    expect(alone).toEqual(Array.from({ length: kinds.length * FOLDS + 1 }, (_, k) => k));
    expect(together).toEqual(alone);
  });
});

describe("calibratedLoss", () => {
  it("does not let a fold's labels correct its own predictions", () => {
    // All say ½. The other folds agree, so fold 0's labels alone cannot be known.
    const labels = Array.from({ length: 50 }, (_, r) => (r % FOLDS === 0 ? 1 : r % 2));
    const half = new Float32Array(50).fill(0.5);
    const loss = calibratedLoss([half], examplesOf(1, labels), inTurns(50).fold);
    const known = labels.map((y, r) => (r % FOLDS === 0 ? 0 : y));
    const other = calibratedLoss([half], examplesOf(1, known), inTurns(50).fold);
    expect(loss).toBeGreaterThan(0.65);
    expect(loss).toBeCloseTo(other, 2);
  });

  it("rewards right predictions and corrects overconfident ones", () => {
    const random = new Random(1);
    const margin = Array.from({ length: 1_000 }, () => 2 * random.normal());
    const labels = margin.map((f) => (random.uniform() < 1 / (1 + Math.exp(-f)) ? 1 : 0));
    const { fold } = inTurns(1_000);
    const loss = (scale: number): number =>
      calibratedLoss(
        [Float32Array.from(margin, (f) => 1 / (1 + Math.exp(-scale * f)))],
        examplesOf(1, labels),
        fold,
      );
    expect(loss(1)).toBeLessThan(0.55);
    expect(loss(3)).toBeCloseTo(loss(1), 2);
    expect(loss(0)).toBeCloseTo(Math.LN2, 1);
    expect(loss(-1)).toBeCloseTo(Math.LN2, 1);
  });
});
