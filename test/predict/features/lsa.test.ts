import { describe, expect, it } from "vitest";
import { symmetricEigen } from "../../../src/predict/features/eigen.js";
import { Featuriser } from "../../../src/predict/features/featuriser.js";
import { fitLsa } from "../../../src/predict/features/lsa.js";
import type { SparseRows } from "../../../src/predict/features/sparse.js";
import { Random } from "../../../src/random.js";
import { simulate } from "../../../src/simulate/simulate.js";

function sparse(rows: number[][], columns: number): SparseRows {
  const start = Uint32Array.from({ length: rows.length + 1 }, () => 0);
  const column: number[] = [];
  const value: number[] = [];
  rows.forEach((row, r) => {
    row.forEach((v, c) => {
      if (v === 0) return;
      column.push(c);
      value.push(v);
    });
    start[r + 1] = column.length;
  });
  return {
    rows: rows.length,
    columns,
    start,
    column: Int32Array.from(column),
    value: Float32Array.from(value),
  };
}

const texts = (count: number, seed = 1): string[] =>
  [...simulate({ queries: count, models: 1, seed }).rows()].map((row) => row.query);

const sameBytes = (a: ArrayBufferView, b: ArrayBufferView): boolean =>
  Buffer.from(a.buffer, a.byteOffset, a.byteLength).equals(Buffer.from(b.buffer, b.byteOffset, b.byteLength));

describe("symmetricEigen", () => {
  it("gives the eigenvalues and vectors of a matrix worked by hand", () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 0, 1, 2, 0, 0, 0, 5), 3);
    [5, 3, 1].forEach((value, k) => expect(values[k]).toBeCloseTo(value, 14));
    expect(Math.abs(vectors[2 * 3])).toBeCloseTo(1, 14);
    expect(vectors[1] / vectors[3 + 1]).toBeCloseTo(1, 14);
    expect(vectors[2] / vectors[3 + 2]).toBeCloseTo(-1, 14);
  });

  it("rebuilds a random Gram matrix of low rank from orthonormal vectors", () => {
    const n = 24;
    const random = new Random(3);
    const y = Float64Array.from({ length: 7 * n }, () => random.normal());
    const gram = new Float64Array(n * n);
    for (let i = 0; i < n; i++)
      for (let j = 0; j < n; j++) for (let r = 0; r < 7; r++) gram[i * n + j] += y[r * n + i] * y[r * n + j];
    const { values, vectors } = symmetricEigen(gram, n);
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let rebuilt = 0;
        let inner = 0;
        for (let k = 0; k < n; k++) {
          rebuilt += vectors[i * n + k] * values[k] * vectors[j * n + k];
          inner += vectors[k * n + i] * vectors[k * n + j];
        }
        expect(rebuilt).toBeCloseTo(gram[i * n + j], 10);
        expect(inner).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
    expect(values[6]).toBeGreaterThan(1e-3);
    expect(Math.abs(values[7])).toBeLessThan(1e-12);
  });
});

describe("fitLsa", () => {
  it("finds the singular vectors of a matrix worked by hand", async () => {
    // Σ = 6, 3, 2 along columns (1,1,0,0)/√2, (0,0,1,0) and (0,0,0,1).
    const s = Math.SQRT1_2;
    const rows = sparse(
      [
        [6 * s, 6 * s, 0, 0],
        [0, 0, 3, 0],
        [0, 0, 0, 2],
      ],
      4,
    );
    const { dimensions, projection } = await fitLsa(rows, { dimensions: 4 });
    expect(dimensions).toBe(4);
    const column = (k: number): number[] => [0, 1, 2, 3].map((c) => Math.abs(projection[c * 4 + k]));
    const expected = [
      [s, s, 0, 0],
      [0, 0, 1, 0],
      [0, 0, 0, 1],
      [0, 0, 0, 0],
    ];
    expected.forEach((vector, k) => vector.forEach((x, c) => expect(column(k)[c]).toBeCloseTo(x, 5)));
  });

  it("spans the leading singular subspace of a noisy matrix of low rank", async () => {
    const random = new Random(5);
    const [n, columns, rank] = [60, 80, 8];
    const left = Array.from({ length: n }, () => Array.from({ length: rank }, () => random.normal()));
    const right = Array.from({ length: rank }, () => Array.from({ length: columns }, () => random.normal()));
    const clean = left.map((row) =>
      Array.from({ length: columns }, (_, c) => row.reduce((sum, x, k) => sum + x * right[k][c], 0)),
    );
    const noisy = clean.map((row) => row.map((x) => x + 1e-3 * random.normal()));
    const { projection } = await fitLsa(sparse(noisy, columns), { dimensions: rank });
    // Projecting and coming back keeps every row.
    for (const row of noisy) {
      const coordinates = Array.from({ length: rank }, (_, k) =>
        row.reduce((sum, x, c) => sum + x * projection[c * rank + k], 0),
      );
      row.forEach((x, c) => {
        const back = coordinates.reduce((sum, y, k) => sum + y * projection[c * rank + k], 0);
        expect(Math.abs(back - x)).toBeLessThan(0.02);
      });
    }
  });

  it("stops when asked to", async () => {
    const signal = AbortSignal.abort(new Error("enough"));
    await expect(fitLsa(sparse([[1, 2]], 2), { signal })).rejects.toThrow("enough");
  });
});

describe("Featuriser", () => {
  it("gives unit rows, zeros for a blank text, and rows that do not depend on other texts", async () => {
    const sample = texts(300);
    const featuriser = await Featuriser.fit(sample.slice(0, 50), sample.slice(50), { dimensions: 16 });
    const { dense, sparse, rows } = featuriser.features([...sample.slice(0, 9), " \n", "zzz qqq"]);
    expect([rows, dense.rows, dense.columns, sparse.rows]).toEqual([11, 11, featuriser.denseColumns, 11]);
    const row = (r: number): Float32Array => dense.value.subarray(r * dense.columns, (r + 1) * dense.columns);
    for (let r = 0; r < 9; r++) {
      expect(Math.hypot(...row(r).subarray(0, 16))).toBeCloseTo(1, 5);
      expect(featuriser.dense(sample, r, r + 1).value).toEqual(row(r));
    }
    expect(featuriser.denseColumns).toBe(39);
    expect([...row(9)]).toEqual(new Array<number>(39).fill(0));
  });

  it("gives the same bytes for the same seed, others for another, and the same from its saved state", async () => {
    const sample = texts(200);
    const fit = (seed: number): Promise<Featuriser> => Featuriser.fit([], sample, { dimensions: 8, seed });
    const [a, b, c] = [await fit(1), await fit(1), await fit(2)];
    expect(b.state).toEqual(a.state);
    expect(sameBytes(c.state.projection.byte, a.state.projection.byte)).toBe(false);
    const saved = structuredClone(a.state);
    expect(sameBytes(new Featuriser(saved).dense(sample).value, a.dense(sample).value)).toBe(true);
  });

  it("accepts samples without any text, or without any shared n-gram", async () => {
    for (const sample of [[], ["", " "], ["alpha"], ["alpha", "12345"]]) {
      const { dense } = (await Featuriser.fit(sample, [])).features(["alpha beta", ""]);
      expect(dense.value.every((x) => Number.isFinite(x))).toBe(true);
    }
  });
});
