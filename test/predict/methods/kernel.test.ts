import { describe, expect, it } from "vitest";
import { GRAM_ROWS, gramKernel, kernelOf, sparseKernel } from "../../../src/predict/methods/kernel.js";
import type { Kernel } from "../../../src/predict/methods/kernel.js";
import { compact, pickRows } from "../../../src/predict/features/sparse.js";
import type { SparseRows } from "../../../src/predict/features/sparse.js";
import { Random } from "../../../src/random.js";
import { sparseOf } from "../examples.js";

/** Dense rows of length `columns`, about half of them zero; row 2 is empty. */
function randomRows(rows: number, columns: number): { dense: number[][]; sparse: SparseRows } {
  const random = new Random(7);
  const dense = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, () =>
      r === 2 || random.uniform() < 0.5 ? 0 : Math.fround(random.normal()),
    ),
  );
  return { dense, sparse: sparseOf(dense, columns) };
}

/** (X·Xᵀ + 1)·x from the definition. */
function timesSlowly(dense: number[][], x: Float64Array, models: number): number[] {
  return dense.flatMap((a) =>
    Array.from({ length: models }, (_, m) =>
      dense.reduce((sum, b, j) => sum + x[j * models + m] * a.reduce((s, v, c) => s + v * b[c], 1), 0),
    ),
  );
}

function expectClose(found: Float64Array, expected: number[], digits: number): void {
  expect(found.length).toBe(expected.length);
  expected.forEach((v, i) => expect(found[i]).toBeCloseTo(v, digits));
}

describe("the kernel", () => {
  const { dense, sparse } = randomRows(13, 9);
  const vector = (size: number): Float64Array =>
    Float64Array.from({ length: size }, (_, i) => Math.sin(i + 1));
  // Both are float32 inside.
  const forms: [string, (rows: SparseRows, models: number) => Kernel, number][] = [
    ["a matrix", gramKernel, 4],
    ["sparse products", sparseKernel, 5],
  ];

  describe.each(forms)("as %s", (_, make, digits) => {
    it.each([1, 2, 4, 5, 11])("multiplies by all inner products and one, for %i models", (models) => {
      const kernel = make(sparse, models);
      expect(kernel.rows).toBe(13);
      const out = new Float64Array(13 * models).fill(99);
      for (const scale of [1, -2]) {
        const x = vector(13 * models).map((v) => scale * v);
        kernel.apply(x, out);
        expectClose(out, timesSlowly(dense, x, models), digits);
      }
    });

    it("does not change when empty columns are removed", () => {
      const spread = { ...sparse, columns: 1_000, column: sparse.column.map((c) => 999 - 100 * c) };
      const { rows, known } = compact(spread);
      expect(rows.columns).toBe(9);
      expect(known).toEqual({ column: Int32Array.from(new Set(spread.column)).sort(), of: 1_000 });
      const out = new Float64Array(13);
      make(rows, 1).apply(vector(13), out);
      expectClose(out, timesSlowly(dense, vector(13), 1), digits);
    });

    it("of picked rows is the corresponding part of the whole", () => {
      const chosen = [12, 2, 5];
      const out = new Float64Array(6);
      make(pickRows(sparse, Uint32Array.from(chosen)), 2).apply(vector(6), out);
      const part = chosen.map((r) => dense[r]);
      expectClose(out, timesSlowly(part, vector(6), 2), digits);
    });

    it("holds only the intercept for rows without entries", () => {
      const blank = { ...sparse, rows: 3, start: new Uint32Array(4) };
      const out = new Float64Array(6);
      make(blank, 2).apply(Float64Array.of(1, 10, 2, 20, 3, 30), out);
      expect([...out]).toEqual([6, 60, 6, 60, 6, 60]);
    });
  });

  it("is symmetric and positive semi-definite, also as a float32 matrix", () => {
    const kernel = gramKernel(sparse, 1);
    const random = new Random(3);
    const image = (x: Float64Array): Float64Array => {
      const out = new Float64Array(13);
      kernel.apply(x, out);
      return out;
    };
    const dot = (a: Float64Array, b: Float64Array): number => a.reduce((sum, v, i) => sum + v * b[i], 0);
    for (let trial = 0; trial < 50; trial++) {
      const [x, y] = [0, 1].map(() => Float64Array.from({ length: 13 }, () => random.normal()));
      expect(dot(x, image(y))).toBeCloseTo(dot(y, image(x)), 3);
      expect(dot(x, image(x))).toBeGreaterThan(-1e-4);
    }
  });

  it("changes its form beyond a number of rows, not its products", () => {
    const rows = GRAM_ROWS + 1;
    const start = Uint32Array.from({ length: rows + 1 }, (_, r) => Math.min(r, 2));
    const few = { rows, columns: 1, start, column: Int32Array.of(0, 0), value: Float32Array.of(0.5, 2) };
    const x = Float64Array.from({ length: rows }, (_, r) => (r < 3 ? r + 1 : 0));
    const out = new Float64Array(rows);
    for (const size of [GRAM_ROWS, rows]) {
      kernelOf({ ...few, rows: size, start: start.slice(0, size + 1) }, 1).apply(x, out);
      // 6 of the intercept, and 0.5·x₀ + 2·x₁ = 4.5 of the one column.
      expect([...out.subarray(0, 3)]).toEqual([8.25, 15, 6]);
    }
  });
});
