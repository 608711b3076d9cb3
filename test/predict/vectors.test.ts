import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { denseColumns, denseVectors } from "../../src/predict/vectors.js";

describe("denseVectors", () => {
  it("scales rows to unit length, keeps a row of zeros, and leaves what it was given", () => {
    const value = Float64Array.of(3, 4, 0, 0, -2, 0);
    const dense = denseVectors({ rows: 3, columns: 2, value }, 3);
    expect(dense).toEqual({
      rows: 3,
      columns: 2,
      value: Float32Array.of(0.6, 0.8, 0, 0, -1, 0),
    });
    expect([...value]).toEqual([3, 4, 0, 0, -2, 0]);
  });

  it("gives unit length to any finite numbers, however great or small", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (row) => {
        const { value } = denseVectors({ rows: 1, columns: row.length, value: Float64Array.from(row) }, 1);
        const expected = row.some((x) => x !== 0) ? 1 : 0;
        expect(Math.hypot(...value)).toBeCloseTo(expected, 5);
      }),
    );
  });

  it("refuses other shapes and numbers that are not finite, naming the place", () => {
    const refused = (rows: number, columns: number, value: Float64Array, queries = rows): string => {
      try {
        denseVectors({ rows, columns, value }, queries);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      }
      return "accepted";
    };
    expect(refused(1, 2, Float64Array.of(1, 2), 3)).toBe(
      "vectors have 1 rows; expected 3, one for each query",
    );
    expect(refused(1, 0, new Float64Array(0))).toMatch(/0 columns/);
    expect(refused(1, 1.5, Float64Array.of(1))).toMatch(/1.5 columns/);
    expect(refused(2, 2, Float64Array.of(1))).toMatch(/hold 1 values; expected 2 rows × 2 columns = 4/);
    expect(refused(2, 2, Float64Array.of(1, 2, 3, NaN))).toBe(
      "vector of query 1, column 1 is NaN; expected a finite number",
    );
    expect(refused(1, 1, Float64Array.of(-Infinity))).toMatch(/is -Infinity/);
  });
});

describe("denseColumns", () => {
  it("puts columns side by side and names the one that is wrong", () => {
    const columns = new Map([
      ["e0", [3, 0]],
      ["__proto__", [4, -7]],
    ]);
    expect([...denseColumns(columns, 2).value]).toEqual([...Float32Array.of(0.6, 0.8, 0, -1)]);
    expect(() => denseColumns(new Map([["e0", [1]]]), 2)).toThrow('column "e0" has 1 values; expected 2');
    expect(() => denseColumns(new Map([["e0", [1, NaN]]]), 2)).toThrow(
      'vector of query 1, column "e0" is NaN',
    );
  });
});
