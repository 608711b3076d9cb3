import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { combineColumns, stepColumns, type Postings } from "../../../src/core/predict/postings.js";
import { compileCore, type Build } from "../../builds.js";

const ROWS = 5;

/** Columns of few whole numbers, whose products and sums are exact. */
const columns = fc.array(
  fc.uniqueArray(fc.tuple(fc.nat(ROWS - 1), fc.integer({ min: -9, max: 9 })), { selector: ([r]) => r }),
  { minLength: 1, maxLength: 7 },
);

function postingsOf(lists: [number, number][][]): Postings {
  const sorted = lists.map((list) => [...list].sort(([a], [b]) => a - b));
  const first = new Uint32Array(lists.length + 1);
  sorted.forEach((list, c) => (first[c + 1] = first[c] + list.length));
  return {
    first,
    row: Uint32Array.from(sorted.flat(), ([r]) => r),
    value: Float32Array.from(sorted.flat(), ([, v]) => v),
  };
}

/** Row r, number d of a matrix of this width. */
const numberAt = (r: number, d: number, width: number): number => ((r * width + d) * 7) % 13;
const matrixOf = (width: number): Float32Array =>
  Float32Array.from({ length: ROWS * width }, (_, i) => numberAt(Math.floor(i / width), i % width, width));
const sumOf = (list: [number, number][], d: number, width: number): number =>
  list.reduce((sum, [r, v]) => sum + v * numberAt(r, d, width), 0);

describe.each(["debug", "release"] as Build[])("products of sparse columns, %s build", (build) => {
  const module = compileCore(build, "predict");

  it.each([1, 3, 8])("are the definition's, %i wide", (width) => {
    fc.assert(
      fc.property(columns, (lists) => {
        const found = combineColumns(postingsOf(lists), matrixOf(width), width, module);
        expect([...found]).toEqual(
          lists.flatMap((list) => Array.from({ length: width }, (_, d) => sumOf(list, d, width))),
        );
      }),
      { numRuns: 40 },
    );
  });

  it("become steps: no number exceeds 127 of them, and each is off by half a step at most", () => {
    fc.assert(
      fc.property(columns, fc.array(fc.integer({ min: -1, max: 6 }), { maxLength: 6 }), (lists, wanted) => {
        const column = Int32Array.from(wanted, (c) => Math.min(c, lists.length - 1));
        const scale = Float32Array.from(column, (_, k) => 1 + k / 4);
        const width = 4;
        const exact = Array.from(column, (c, k) =>
          Array.from({ length: width }, (_, d) => (c < 0 ? 0 : scale[k] * sumOf(lists[c], d, width))),
        );
        const greatest = Math.max(0, ...exact.flat().map(Math.abs));
        const step = greatest / (127 * 255);
        const chosen = { bucket: column, columns: width, step, column, scale };
        const { byte, factor } = stepColumns(postingsOf(lists), matrixOf(width), chosen, module);
        exact.forEach((row, k) => {
          const most = Math.max(...row.map(Math.abs));
          expect(127 * factor[k] * step).toBeGreaterThanOrEqual(most * (1 - 1e-6));
          if (factor[k] > 1) expect(127 * (factor[k] - 1) * step).toBeLessThan(most * (1 + 1e-6));
          row.forEach((x, d) =>
            expect(Math.abs(x - byte[k * width + d] * factor[k] * step)).toBeLessThanOrEqual(
              0.501 * factor[k] * step,
            ),
          );
        });
      }),
      { numRuns: 100 },
    );
  });
});
