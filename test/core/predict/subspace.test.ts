import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { SubspacePair, type SparseMatrix } from "../../../src/core/predict/subspace.js";

/** Sparse rows as a list of lists of entries, and a width that is a multiple of 4. */
const cases = fc
  .record({
    columns: fc.integer({ min: 1, max: 9 }),
    quads: fc.integer({ min: 1, max: 20 }),
    seed: fc.integer({ min: 1, max: 1000 }),
  })
  .chain(({ columns, quads, seed }) =>
    fc.record({
      columns: fc.constant(columns),
      width: fc.constant(4 * quads),
      seed: fc.constant(seed),
      entries: fc.array(
        fc.uniqueArray(
          fc.record({
            column: fc.integer({ min: 0, max: columns - 1 }),
            value: fc.integer({ min: -32, max: 32 }).map((eighths) => eighths / 8),
          }),
          { selector: (entry) => entry.column, maxLength: columns },
        ),
        { maxLength: 12 },
      ),
    }),
  );

type Entries = { column: number; value: number }[][];

function matrixOf(entries: Entries): SparseMatrix {
  const start = new Uint32Array(entries.length + 1);
  entries.forEach((row, r) => (start[r + 1] = start[r] + row.length));
  const flat = entries.flat();
  return {
    rows: entries.length,
    start,
    column: Int32Array.from(flat, ({ column }) => column),
    value: Float32Array.from(flat, ({ value }) => value),
  };
}

/** Small whole numbers, so that sums of products are exact in float32. */
function dense(rows: number, width: number, seed: number): Float32Array {
  return Float32Array.from({ length: rows * width }, (_, i) => ((i * 7 + seed * 13) % 17) - 8);
}

function timesSlowly(entries: Entries, matrix: Float32Array, width: number): number[] {
  return entries.flatMap((row) =>
    Array.from({ length: width }, (_, d) =>
      row.reduce((sum, { column, value }) => sum + value * matrix[column * width + d], 0),
    ),
  );
}

function transposedTimesSlowly(
  entries: Entries,
  columns: number,
  left: Float32Array,
  width: number,
): number[] {
  const out = new Array<number>(columns * width).fill(0);
  entries.forEach((row, r) => {
    for (const { column, value } of row) {
      for (let d = 0; d < width; d++) out[column * width + d] += value * left[r * width + d];
    }
  });
  return out;
}

function gramSlowly(matrix: ArrayLike<number>, rows: number, width: number): number[] {
  return Array.from({ length: width * width }, (_, k) => {
    const [i, j] = [Math.floor(k / width), k % width];
    let sum = 0;
    for (let r = 0; r < rows; r++) sum += matrix[r * width + i] * matrix[r * width + j];
    return sum;
  });
}

function expectClose(found: ArrayLike<number>, expected: ArrayLike<number>, scale = 1): void {
  expect(found.length).toBe(expected.length);
  const far = Array.from(expected).findIndex(
    (x, i) => !(Math.abs(found[i] - x) <= 1e-5 * Math.max(scale, Math.abs(x))),
  );
  expect(far < 0 ? "close" : `${found[far]} for ${expected[far]} at ${far}`).toBe("close");
}

describe.each(["debug", "release"] as Build[])("the subspace kernels of the %s build", (build) => {
  const module = compileCore(build, "predict");

  it("multiply, transpose, sum squares and turn as the definitions do", () => {
    fc.assert(
      fc.property(cases, ({ columns, width, seed, entries }) => {
        const pair = new SubspacePair(matrixOf(entries), columns, width, module);
        const left = dense(entries.length, width, seed);
        pair.writeLeft(left);
        pair.toRight();
        const right = transposedTimesSlowly(entries, columns, left, width);
        expectClose(pair.readRight(width), right, 100);

        const held = pair.readRight(width);
        expectClose(pair.gram("right"), gramSlowly(held, columns, width), 1e3);
        expectClose(pair.gram("left"), gramSlowly(left, entries.length, width));

        const factor = dense(width, width, seed + 1);
        const turned = Array.from({ length: columns * width }, (_, k) => {
          const [c, d] = [Math.floor(k / width), k % width];
          let sum = 0;
          for (let i = 0; i < width; i++) sum += held[c * width + i] * factor[i * width + d];
          return sum;
        });
        pair.multiply("right", factor);
        expectClose(pair.readRight(width), turned, 1e4);
        expectClose(
          pair.readRight(4),
          turned.filter((_, k) => k % width < 4),
          1e4,
        );

        const before = pair.readRight(width);
        pair.toLeft();
        pair.multiply("left", identity(width));
        expectClose(
          pair.gram("left"),
          gramSlowly(timesSlowly(entries, before, width), entries.length, width),
          1e9,
        );
      }),
      { numRuns: 100 },
    );
  });
});

function identity(width: number): Float32Array {
  return Float32Array.from({ length: width * width }, (_, k) => (k % (width + 1) === 0 ? 1 : 0));
}
