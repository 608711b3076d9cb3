import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { FoundProduct, InnerProduct } from "../../../src/core/predict/found.js";
import type { Postings } from "../../../src/core/predict/postings.js";
import { compileCore, type Build } from "../../builds.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import type { SparseMatrix } from "../../../src/core/predict/subspace.js";

const COLUMNS = 60;

/** A row as pairs of column and value. */
type Row = [column: number, value: number][];

function sparse(rows: Row[]): SparseMatrix {
  const entries = rows.flat();
  const start = new Uint32Array(rows.length + 1);
  rows.forEach((row, r) => (start[r + 1] = start[r] + row.length));
  return {
    rows: rows.length,
    start,
    column: Int32Array.from(entries, ([column]) => column),
    value: Float32Array.from(entries, ([, value]) => value),
  };
}

// Small whole numbers: sums are exact, whatever their order.
const row: fc.Arbitrary<Row> = fc.uniqueArray(
  fc.tuple(fc.nat(COLUMNS - 1), fc.integer({ min: -8, max: 8 })),
  { selector: ([column]) => column, maxLength: COLUMNS },
);
/** Two columns of three have a place. */
const places = COLUMNS * (2 / 3);
const placeOf = Int32Array.from({ length: COLUMNS }, (_, c) => (c % 3 === 2 ? -1 : c - Math.floor(c / 3)));

const known = {
  column: Int32Array.from(placeOf.keys()).filter((c) => placeOf[c] >= 0),
  of: COLUMNS,
};

/** The rows by their columns' places. */
function postingsOf(rows: Row[]): Postings {
  const byPlace = Array.from({ length: places }, (_, place) =>
    rows.flatMap((row, r) => row.filter(([c]) => placeOf[c] === place).map(([, v]) => [r, v])),
  );
  const first = new Uint32Array(places + 1);
  byPlace.forEach((found, place) => (first[place + 1] = first[place] + found.length));
  return {
    first,
    row: Uint32Array.from(byPlace.flat(), ([r]) => r),
    value: Float32Array.from(byPlace.flat(), ([, v]) => v),
  };
}

const numberAt = (i: number): number => ((i * 29) % 17) - 8;

describe.each(["debug", "release"] as Build[])("products of sparse rows, %s build", (build) => {
  const module = compileCore(build, "predict");

  it.each([1, 4, 7, 12, 17, 40])(
    "are the definition's with a matrix found by a table, %i wide",
    (columns) => {
      const product = new FoundProduct(known, columns, predictSpace(module));
      const { matrix, width } = product;
      expect(width).toBeGreaterThanOrEqual(columns);
      matrix.forEach((_, i) => (matrix[i] = numberAt(i)));
      fc.assert(
        fc.property(fc.array(row, { maxLength: 6 }), (rows) => {
          product.run(sparse(rows), (out, from, count) => {
            expect([from, count]).toEqual([0, rows.length]);
            const expected = rows.flatMap((entries) =>
              Array.from({ length: width }, (_, d) =>
                entries.reduce(
                  (s, [c, v]) => s + (placeOf[c] < 0 ? 0 : v * matrix[placeOf[c] * width + d]),
                  0,
                ),
              ),
            );
            expect([...out.subarray(0, expected.length)]).toEqual(expected);
          });
        }),
        { numRuns: 60 },
      );
    },
  );

  it("are the definition's over the inner products with other rows", () => {
    fc.assert(
      fc.property(
        fc.array(row, { maxLength: 6 }),
        // Of more than 16, some columns are rare, and there are panels.
        fc.array(row, { minLength: 1, maxLength: 40 }),
        fc.integer({ min: 1, max: 9 }),
        (rows, others, columns) => {
          const product = new InnerProduct(
            known,
            postingsOf(others),
            others.length,
            columns,
            2,
            predictSpace(module),
          );
          const { matrices, width } = product;
          matrices.forEach((matrix, b) => matrix.forEach((_, i) => (matrix[i] = numberAt(i + b))));
          const told: number[] = [];
          product.run(sparse(rows), (b, out) => {
            told.push(b);
            const matrix = matrices[b];
            const expected = rows.flatMap((entries) => {
              const inner = others.map((other) =>
                entries.reduce((sum, [c, v]) => {
                  const twin = placeOf[c] < 0 ? undefined : other.find(([column]) => column === c);
                  return sum + (twin === undefined ? 0 : v * twin[1]);
                }, 0),
              );
              return Array.from({ length: width }, (_, d) =>
                inner.reduce((sum, x, r) => sum + x * matrix[r * width + d], 0),
              );
            });
            // −0 and 0 are the same product.
            expect(Array.from(out.subarray(0, expected.length), (x) => x + 0)).toEqual(
              expected.map((x) => x + 0),
            );
          });
          expect(told).toEqual(rows.length === 0 ? [] : [0, 1]);
        },
      ),
      { numRuns: 60 },
    );
  });

  it("over inner products are returned block by block, raw or as probabilities", () => {
    // Every other row is of the first column: it is dense; the other columns have one entry in forty.
    const others = Array.from({ length: 80 }, (_, r): Row => (r % 2 === 0 ? [[0, 1]] : [[1 + (r % 38), 2]]));
    const columns = 5;
    const product = new InnerProduct(
      known,
      postingsOf(others),
      others.length,
      columns,
      1,
      predictSpace(module),
    );
    const [matrix] = product.matrices;
    matrix.forEach((_, i) => (matrix[i] = i % product.width < columns ? numberAt(i) / 64 : 0));
    // A block is full at 256 rows.
    const rows = Array.from({ length: 300 }, (_, r): Row => [
      [0, r % 3],
      [1 + (r % 38), 1],
    ]);
    const margins: number[] = [];
    const borders: number[] = [];
    product.run(sparse(rows), (_, out, from, count) => {
      borders.push(from);
      for (let r = 0; r < count; r++)
        margins.push(...out.subarray(r * product.width, r * product.width + columns));
    });
    expect(borders).toEqual([0, 256]);
    const twin = rows.flatMap((entries) => {
      const inner = others.map(([[c, v]]) =>
        entries.reduce((sum, [column, x]) => sum + (placeOf[c] >= 0 && column === c ? x * v : 0), 0),
      );
      return Array.from({ length: columns }, (_, d) =>
        inner.reduce((sum, x, r) => sum + x * matrix[r * product.width + d], 0),
      );
    });
    expect(margins.map((x) => x + 0)).toEqual(twin.map((x) => x + 0));
    const intercept = Float32Array.of(0, 1, -2, 200, -200);
    const told: number[] = [];
    product.run(sparse(rows), (_, out, __, count) => told.push(...out.subarray(0, count * columns)), [
      intercept,
    ]);
    expect(told.length).toBe(twin.length);
    told.forEach((p, i) => expect(p).toBeCloseTo(1 / (1 + Math.exp(-(intercept[i % columns] + twin[i]))), 6));
  });

  it("are returned block by block, and do not depend on the borders", () => {
    const product = new FoundProduct(known, 3, predictSpace(module));
    product.matrix.forEach((_, i) => (product.matrix[i] = numberAt(i)));
    // A block is full at 256 rows.
    const rows = Array.from({ length: 513 }, (_, r): Row => [[r % COLUMNS, 1 + (r % 5)]]);
    const all: number[] = [];
    const borders: number[] = [];
    product.run(sparse(rows), (out, from, count) => {
      borders.push(from);
      all.push(...out.subarray(0, count * product.width));
    });
    expect(borders).toEqual([0, 256, 512]);
    rows.forEach(([[c, v]], r) => {
      const expected = placeOf[c] < 0 ? 0 : v * product.matrix[placeOf[c] * product.width];
      expect(all[r * product.width] + 0).toBe(expected + 0);
    });
  });
});
