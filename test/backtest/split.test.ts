import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { splitRows } from "../../src/backtest/split.js";

const texts = (rows: number, distinct: number) =>
  Array.from({ length: rows }, (_, q) => `text ${q % distinct}`);
const part = { train: { share: 0.1 }, validation: { count: 30 }, seed: 1 };

describe("a split", () => {
  it("deals every row to exactly one side, in the sizes asked for", () => {
    const { train, validation, test } = splitRows(texts(1000, 1000), part);
    expect([train.length, validation.length, test.length]).toEqual([100, 30, 870]);
    expect(new Set([...train, ...validation, ...test]).size).toBe(1000);
  });

  it("depends on the seed alone", () => {
    const queries = texts(200, 200);
    expect(splitRows(queries, part)).toEqual(splitRows(queries, part));
    expect(splitRows(queries, part).train).not.toEqual(splitRows(queries, { ...part, seed: 2 }).train);
  });

  it("keeps equal texts on one side when told to", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 60, max: 300 }),
        fc.integer({ min: 40, max: 60 }),
        fc.integer(),
        (rows, distinct, seed) => {
          const queries = texts(rows, distinct);
          const options = { train: { share: 0.2 }, validation: { share: 0.2 }, seed, distinct: true };
          const { train, validation, test } = splitRows(queries, options);
          const side = (side: Uint32Array) => new Set(Array.from(side, (q) => queries[q]));
          const sides = [side(train), side(validation), side(test)];
          expect(sides.reduce((sum, { size }) => sum + size, 0)).toBe(new Set(queries).size);
          expect(train.length).toBeGreaterThanOrEqual(Math.round(0.2 * rows));
        },
      ),
    );
  });

  it("refuses to leave no row for the test", () => {
    expect(() =>
      splitRows(texts(10, 10), { ...part, train: { count: 5 }, validation: { count: 5 } }),
    ).toThrow(/too few/);
    const same = texts(10, 1);
    expect(() => splitRows(same, { ...part, validation: { count: 1 }, distinct: true })).toThrow(
      /share one text/,
    );
  });
});
