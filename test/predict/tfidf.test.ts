import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SparseRows } from "../../src/predict/sparse.js";
import { TfIdf } from "../../src/predict/tfidf.js";
import { ngramCounts } from "./oracle.js";

function rowOf(rows: SparseRows, r: number): Map<number, number> {
  const entries = new Map<number, number>();
  for (let k = rows.start[r]; k < rows.start[r + 1]; k++) entries.set(rows.column[k], rows.value[k]);
  return entries;
}

describe("TfIdf", () => {
  it("makes rows of unit length, and empty rows of blank texts", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const rows = new TfIdf(texts.slice(0, 3)).rows(texts);
        texts.forEach((_, r) => {
          const values = [...rowOf(rows, r).values()];
          const squares = values.reduce((sum, v) => sum + v * v, 0);
          if (values.length > 0) expect(squares).toBeCloseTo(1, 5);
          else expect(ngramCounts(texts[r]).size).toBe(0);
        });
      }),
      { numRuns: 60 },
    );
  });

  it("weighs by sublinear counts and the root of idf", () => {
    const fitted = ["the cat sat", "the dog", "a cat and a cat"];
    const holders = (bucket: number): number => fitted.filter((t) => ngramCounts(t).has(bucket)).length;
    const text = "the the cat is new";
    const expected = new Map(
      [...ngramCounts(text)].map(([bucket, count]) => {
        const idf = 1 + Math.log(4 / (1 + holders(bucket)));
        return [bucket, (1 + Math.log(count)) * Math.sqrt(idf)];
      }),
    );
    const length = Math.hypot(...expected.values());
    const row = rowOf(new TfIdf(fitted).rows([text]), 0);
    expect(row.size).toBe(expected.size);
    for (const [bucket, v] of expected) expect(row.get(bucket)).toBeCloseTo(v / length, 6);
  });

  it("gives a text the same row wherever it stands", () => {
    const texts = Array.from({ length: 300 }, (_, i) =>
      `query ${i} about topic ${i % 7} `.repeat(1 + (i % 5)),
    );
    const tfidf = new TfIdf(texts);
    const all = tfidf.rows(texts);
    const part = tfidf.rows(texts, 100, 200);
    expect(part.rows).toBe(100);
    for (let r = 0; r < 100; r++) expect(rowOf(part, r)).toEqual(rowOf(all, 100 + r));
  });
});
