import { describe, expect, it } from "vitest";
import { gramKernel, sparseKernel } from "../../src/predict/kernel.js";
import type { Kernel } from "../../src/predict/kernel.js";
import { compact, pickRows } from "../../src/predict/sparse.js";
import type { SparseRows } from "../../src/predict/sparse.js";
import { Random } from "../../src/random.js";

/** Dense rows of length `columns`, about half of them zero; row 2 is empty. */
function randomRows(rows: number, columns: number): { dense: number[][]; sparse: SparseRows } {
  const random = new Random(7);
  const dense = Array.from({ length: rows }, (_, r) =>
    Array.from({ length: columns }, () =>
      r === 2 || random.uniform() < 0.5 ? 0 : Math.fround(random.normal()),
    ),
  );
  const column = dense.flatMap((row) => row.flatMap((v, c) => (v === 0 ? [] : [c])));
  const value = dense.flatMap((row) => row.filter((v) => v !== 0));
  const start = new Uint32Array(rows + 1);
  dense.forEach((row, r) => (start[r + 1] = start[r] + row.filter((v) => v !== 0).length));
  return {
    dense,
    sparse: { rows, columns, start, column: Int32Array.from(column), value: Float32Array.from(value) },
  };
}

describe("the kernel", () => {
  const { dense, sparse } = randomRows(13, 9);
  const x = Float64Array.from({ length: 13 }, (_, i) => Math.sin(i) + (i === 4 ? 0 : 0.5));
  const expected = dense.map((a) =>
    dense.reduce((sum, b, j) => sum + x[j] * a.reduce((s, v, c) => s + v * b[c], 0), 0),
  );
  const forms: [string, (rows: SparseRows) => Kernel][] = [
    ["a matrix", gramKernel],
    ["sparse products", sparseKernel],
  ];

  it.each(forms)("as %s multiplies by all inner products", (_, make) => {
    const kernel = make(sparse);
    const out = new Float64Array(13).fill(99);
    for (let repeat = 0; repeat < 2; repeat++) {
      kernel.apply(x, out);
      expected.forEach((v, i) => expect(out[i]).toBeCloseTo(v, 10));
    }
  });

  it.each(forms)("as %s does not change when empty columns go", (_, make) => {
    const spread = { ...sparse, columns: 1_000, column: sparse.column.map((c) => 999 - 100 * c) };
    const { rows, columnOf } = compact(spread);
    expect(rows.columns).toBe(9);
    expect(columnOf.filter((c) => c >= 0).sort()).toEqual(Int32Array.from({ length: 9 }, (_, i) => i));
    const out = new Float64Array(13);
    make(rows).apply(x, out);
    expected.forEach((v, i) => expect(out[i]).toBeCloseTo(v, 10));
  });

  it("of picked rows is the part of the whole that belongs to them", () => {
    const chosen = Uint32Array.of(12, 2, 5);
    const out = new Float64Array(3);
    gramKernel(pickRows(sparse, chosen)).apply(Float64Array.of(1, 2, 3), out);
    chosen.forEach((r, k) => {
      const want = [12, 2, 5].reduce(
        (sum, o, j) => sum + (j + 1) * dense[r].reduce((s, v, c) => s + v * dense[o][c], 0),
        0,
      );
      expect(out[k]).toBeCloseTo(want, 10);
    });
  });
});
