import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SparseMatrix } from "../../src/core/subspace.js";
import { TextReader } from "../../src/core/texts.js";
import { normalise } from "../../src/predict/ngrams.js";
import { DocumentFrequencies } from "../../src/predict/tfidf.js";
import { ngramCounts } from "./oracle.js";

function rowOf(rows: SparseMatrix, r: number): Map<number, number> {
  const entries = new Map<number, number>();
  for (let k = rows.start[r]; k < rows.start[r + 1]; k++) entries.set(rows.column[k], rows.value[k]);
  return entries;
}

/** Rows of texts, weighed by the frequencies in others. */
function rowsBy(fitted: readonly string[], texts: readonly string[]): SparseMatrix {
  const frequencies = new DocumentFrequencies();
  frequencies.add(fitted);
  return new TextReader({ scale: frequencies.scale() }).rows(texts.map(normalise));
}

describe("tf-idf", () => {
  it("makes rows of unit length, and empty rows of blank texts", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const rows = rowsBy(texts.slice(0, 3), texts);
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
    const row = rowOf(rowsBy(fitted, [text]), 0);
    expect(row.size).toBe(expected.size);
    for (const [bucket, v] of expected) expect(row.get(bucket)).toBeCloseTo(v / length, 6);
  });

  it("gives a text the same row wherever it stands", () => {
    const texts = Array.from({ length: 300 }, (_, i) =>
      `query ${i} about topic ${i % 7} `.repeat(1 + (i % 5)),
    );
    const all = rowsBy(texts, texts);
    const part = rowsBy(texts, texts.slice(100, 200));
    expect(part.rows).toBe(100);
    for (let r = 0; r < 100; r++) expect(rowOf(part, r)).toEqual(rowOf(all, 100 + r));
  });

  it("stops counting after the text with which there are too many entries", () => {
    const frequencies = new DocumentFrequencies();
    expect(frequencies.add(["ab", "cd", "ef"], 5)).toBe(2); // 4 n-grams each
    expect([frequencies.texts, frequencies.entries]).toEqual([2, 8]);
    expect(frequencies.add(["gh"], 5)).toBe(0);
  });
});
