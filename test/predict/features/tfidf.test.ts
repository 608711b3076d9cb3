import fc from "fast-check";
import { describe, expect, it } from "vitest";
import type { SparseMatrix } from "../../../src/core/predict/subspace.js";
import { SparseTexts } from "../../../src/core/predict/sparseTexts.js";
import { normalise } from "../../../src/predict/features/ngrams.js";
import { DocumentFrequencies } from "../../../src/predict/features/tfidf.js";
import { sparseRow, ngramBuckets } from "../oracle.js";
import { runs } from "../../runs.js";

function rowOf(rows: SparseMatrix, r: number): Map<number, number> {
  const entries = new Map<number, number>();
  for (let k = rows.start[r]; k < rows.start[r + 1]; k++) entries.set(rows.column[k], rows.value[k]);
  return entries;
}

/** Rows of texts, weighed by the frequencies in others. */
function rowsBy(fitted: readonly string[], texts: readonly string[]): SparseMatrix {
  const frequencies = new DocumentFrequencies();
  frequencies.add(fitted);
  return new SparseTexts(frequencies.scale()).rows(texts.map(normalise));
}

describe("tf-idf", () => {
  it("weights by the root of idf, and leaves blank texts empty", () => {
    fc.assert(
      fc.property(fc.array(fc.string({ maxLength: 30 }), { minLength: 1, maxLength: 8 }), (texts) => {
        const fitted = texts.slice(0, 3);
        const held = fitted.map((text) => new Set(ngramBuckets(text)));
        const scaleOf = (bucket: number): number => {
          const holders = held.filter((buckets) => buckets.has(bucket)).length;
          return Math.sqrt(1 + Math.log((1 + fitted.length) / (1 + holders)));
        };
        const rows = rowsBy(fitted, texts);
        texts.forEach((text, r) => {
          const [row, expected] = [rowOf(rows, r), sparseRow(text, scaleOf)];
          expect(row.size).toBe(expected.size);
          for (const [bucket, v] of expected) expect(row.get(bucket)).toBeCloseTo(v, 6);
        });
      }),
      { numRuns: runs(60) },
    );
  });

  it("gives a text the same row at any position", () => {
    const texts = Array.from({ length: 300 }, (_, i) =>
      `query ${i} about topic ${i % 7} `.repeat(1 + (i % 5)),
    );
    const all = rowsBy(texts, texts);
    const part = rowsBy(texts, texts.slice(100, 200));
    expect(part.rows).toBe(100);
    for (let r = 0; r < 100; r++) expect(rowOf(part, r)).toEqual(rowOf(all, 100 + r));
  });

  it("stops counting after the text that exceeds the limit of entries", () => {
    const frequencies = new DocumentFrequencies();
    expect(frequencies.add(["ab", "cd", "ef"], 5)).toBe(2); // 4 n-grams each
    expect([frequencies.texts, frequencies.entries]).toEqual([2, 8]);
    expect(frequencies.add(["gh"], 5)).toBe(0);
  });
});
