import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { SparseTexts } from "../../../src/core/predict/sparseTexts.js";
import { BUCKETS, MAX_CHARACTERS, normalise } from "../../../src/predict/features/ngrams.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { sparseRow, ngramBuckets } from "../oracle.js";
import { runs } from "../../runs.js";

/** Differs from bucket to bucket. */
const scaleOf = (bucket: number): number => 1 + (bucket % 7);
const bucket = Int32Array.from({ length: BUCKETS }, (_, b) => b);
const scale = { bucket, value: Float32Array.from(bucket, scaleOf), rest: 0 };

describe.each(["debug", "release"] as Build[])("sparse rows of the %s build", (build) => {
  const reader = new SparseTexts(scale, predictSpace(compileCore(build, "predict")));

  function counted(text: string): Map<number, number> {
    const { column, value } = reader.rows([normalise(text)]);
    return new Map(Array.from(column, (bucket, k) => [bucket, value[k]]));
  }

  /** Every bucket of the definition and no other, and its value. */
  function expectRow(text: string): void {
    const row = counted(text);
    const expected = sparseRow(text, scaleOf);
    expect([...row.keys()].sort()).toEqual([...expected.keys()].sort());
    for (const [bucket, v] of expected) expect(Math.abs(row.get(bucket)! - v)).toBeLessThan(1e-6 + 1e-5 * v);
  }

  it("counts what the definition counts, for any text", () => {
    const character = fc.constantFrom(..."abzAZ019 _.-:=/\t\n\u0001\u00a0éİ漢😀", "\ud83d");
    const text = fc.oneof(
      fc.string({ unit: character, maxLength: 60 }),
      fc.string({ unit: "binary", maxLength: 40 }),
    );
    fc.assert(
      fc.property(text, (t) => {
        expectRow(t);
      }),
      { numRuns: runs(500) },
    );
  });

  it("counts words, pairs and character n-grams of a log line", () => {
    const line = "081109 INFO dfs.DataNode: Received block blk_1608999687919862906 of size 91178";
    expectRow(line);
    expect(counted("ab").size).toBe(1 + 3); // the word, " ab", "ab ", " ab "
    expect(counted("ab").size).toBe(ngramBuckets("ab").length);
  });

  it("reads head and tail of a text that is too long, and nothing between", () => {
    const head = "a1 b".repeat(MAX_CHARACTERS / 8);
    const tail = "xyz ".repeat(MAX_CHARACTERS / 8);
    const long = head + "never seen ".repeat(1_000) + tail;
    expectRow(long);
    expect(counted(long)).toEqual(counted(head + "other filler" + tail));
    expectRow("İ".repeat(9_000));
  });

  it("holds as many n-grams as a text can have", () => {
    // Digits between rare characters: nearly all n-grams differ, and each is counted in both readings.
    const rare = (i: number): string => String.fromCharCode(0x4e00 + ((i * 7919) % 20_000));
    const text = Array.from({ length: MAX_CHARACTERS }, (_, i) => (i % 2 ? rare(i) : String(i % 10))).join(
      "",
    );
    expect(counted(text).size).toBeGreaterThan(5.5 * MAX_CHARACTERS);
    expectRow(text);
  });

  it("ignores case and the kind of white space", () => {
    expect(counted("  Hello\n\tWORLD ")).toEqual(counted("hello world"));
    expect(counted("hello worlds")).not.toEqual(counted("hello world"));
  });

  it("finds numbers similar but not equal", () => {
    const [a, b] = [counted("port 8080"), counted("port 443")];
    const shared = [...a.keys()].filter((k) => b.has(k));
    const sharedOfWords = [...counted("port http").keys()].filter((k) => b.has(k));
    expect(shared.length).toBeGreaterThan(sharedOfWords.length);
    expect(a).not.toEqual(b);
  });

  it("gives the same rows for any block borders", () => {
    const texts = Array.from({ length: 700 }, (_, k) => `${"word ".repeat(k % 130)}${k} 0x1f é`);
    texts.push("x".repeat(8001), "", " ", ...Array<string>(20).fill("1 ".repeat(4000)), "end");
    const all = reader.rows(texts);
    texts.forEach((one, r) => {
      const alone = reader.rows([one]);
      expect(all.column.subarray(all.start[r], all.start[r + 1])).toEqual(alone.column);
      expect(all.value.subarray(all.start[r], all.start[r + 1])).toEqual(alone.value);
    });
    expect(reader.rows([])).toEqual({
      rows: 0,
      start: new Uint32Array(1),
      column: new Int32Array(0),
      value: new Float32Array(0),
    });
  });

  it("counts nothing in a blank text", () => {
    for (const blank of ["", " ", "\n\t "]) expect(counted(blank).size).toBe(0);
  });
});
