import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NGRAM_BUCKETS } from "../../assembly/layout.js";
import { compileCore, type Build } from "../../src/core/module.js";
import { TextReader } from "../../src/core/texts.js";

const DIGITS = "\x01";

/** FNV-1a over code units, finished as MurmurHash3 does: the bucket of an n-gram. */
function raw(seed: number, text: string): number {
  let hash = seed;
  for (let i = 0; i < text.length; i++) hash = Math.imul(hash ^ text.charCodeAt(i), 0x01000193);
  return hash;
}
function bucket(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & (NGRAM_BUCKETS - 1);
}
const wordHash = (word: string): number => raw(0x17b74a5d, word);
const pairBucket = (a: string, b: string): number => {
  const [x, y] = [wordHash(a), wordHash(b)];
  const half = (hash: number, part: number): number => Math.imul(hash ^ part, 0x01000193);
  return bucket(half(half(0x5bd1e995 ^ x, y & 0xffff), y >>> 16));
};

const classed = (text: string): string => text.replace(/[0-9]+/g, DIGITS);
const wordsOf = (text: string): string[] => text.match(/[a-z0-9_\x01\x80-\uffff]+/g) ?? [];
const gramsOf = (text: string): string[] =>
  [3, 4, 5].flatMap((n) =>
    Array.from({ length: Math.max(0, text.length - n + 1) }, (_, i) => text.slice(i, i + n)),
  );

/** Every n-gram of a text with its weight, from the definition. */
function weightsSlowly(text: string): Map<number, number> {
  const weights = new Map<number, number>();
  const add = (b: number, weight: number): void => void weights.set(b, (weights.get(b) ?? 0) + weight);
  const tokens = text.split(/[\x00-\x20\xa0\u3000]+/).filter((token) => token !== "");
  const readings = (part: string): { reading: string; holds: (gram: string) => boolean }[] => [
    { reading: part, holds: () => true },
    { reading: classed(part), holds: (gram) => gram.includes(DIGITS) },
  ];
  for (const token of new Set(tokens)) {
    const weight = 1 + Math.log(tokens.filter((other) => other === token).length);
    for (const { reading, holds } of readings(` ${token} `)) {
      for (const word of wordsOf(reading)) if (holds(word)) add(bucket(wordHash(word)), weight);
      for (const gram of gramsOf(reading)) if (holds(gram)) add(bucket(raw(0x2545f491, gram)), weight);
    }
  }
  for (const { reading, holds } of readings(` ${tokens.join(" ")} `)) {
    const words = wordsOf(reading);
    for (let k = 1; k < words.length; k++) {
      if (holds(words[k - 1] + words[k])) add(pairBucket(words[k - 1], words[k]), 1);
    }
    for (const gram of gramsOf(reading)) {
      if (gram.slice(1, -1).includes(" ") && holds(gram)) add(bucket(raw(0x2545f491, gram)), 1);
    }
  }
  return weights;
}

function rowSlowly(text: string, columnOf: Int32Array, numbers: Float32Array, width: number): number[] {
  const step = numbers.reduce((most, x) => Math.max(most, Math.abs(x)), 0) / 32_767;
  const projection = Float64Array.from(numbers, (x) => Math.round(x / step));
  const row = new Array<number>(width).fill(0);
  for (const [b, weight] of weightsSlowly(text)) {
    if (columnOf[b] < 0) continue;
    for (let d = 0; d < width; d++) row[d] += weight * projection[columnOf[b] * width + d];
  }
  const length = Math.hypot(...row);
  return length === 0 ? row : row.map((x) => x / length);
}

/** Texts of few letters, so that tokens, words and n-grams repeat. */
const text = fc.string({
  unit: fc.constantFrom(..."aaabb11230 _-é\t\xa0\u3000日".split(""), "  ", "ab", "0x1f "),
  maxLength: 90,
});

describe.each(["debug", "release"] as Build[])("the text kernel of the %s build", (build) => {
  const ones = new Float32Array(NGRAM_BUCKETS).fill(1);
  const rows = 97;
  // Three buckets of four have a row.
  const columnOf = Int32Array.from({ length: NGRAM_BUCKETS }, (_, b) => (b % 4 === 3 ? -1 : b % rows));
  const projector = (width: number, keptTokens?: number): TextReader => {
    const projection = Float32Array.from({ length: rows * width }, (_, k) => ((k * 37) % 11) - 4);
    const matrix = { columnOf, dimensions: width, projection };
    return new TextReader({ scale: ones, matrix }, compileCore(build), keptTokens);
  };
  const project = (by: TextReader, texts: string[], width: number): Float32Array => {
    const out = new Float32Array(texts.length * width);
    by.project(texts, out, width);
    return out;
  };

  it.each([4, 36, 76])("adds up what the definition says, %i wide", (width) => {
    // Two places for kept tokens, so that they are overwritten all the time.
    const by = projector(width, 2);
    const projection = Float32Array.from({ length: rows * width }, (_, k) => ((k * 37) % 11) - 4);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const found = project(by, texts, width);
        texts.forEach((one, r) => {
          const expected = rowSlowly(one, columnOf, projection, width);
          expected.forEach((x, d) => expect(Math.abs(found[r * width + d] - x)).toBeLessThan(1e-5));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("gives a text the same bytes whatever was read before it", () => {
    const by = projector(8, 4);
    const fresh = projector(8);
    fc.assert(
      fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), (texts) => {
        const together = project(by, texts, 8);
        texts.forEach((one, r) => {
          expect(project(fresh, [one], 8)).toEqual(together.slice(r * 8, (r + 1) * 8));
        });
      }),
    );
  });

  it("reads the longest texts: one token, all tokens different, all n-grams in both readings", () => {
    const by = projector(4);
    const long = [
      "x".repeat(8001),
      "1a".repeat(4001),
      Array.from({ length: 3000 }, (_, k) => k.toString(36)).join(" "),
      "1 ".repeat(4001),
      "",
    ];
    const found = project(by, long, 4);
    const projection = Float32Array.from({ length: rows * 4 }, (_, k) => ((k * 37) % 11) - 4);
    long.forEach((one, r) => {
      const expected = rowSlowly(one.slice(0, 8001), columnOf, projection, 4);
      expected.forEach((x, d) => expect(Math.abs(found[r * 4 + d] - x)).toBeLessThan(1e-4));
    });
  });

  it("gives both halves at once the bytes that each has alone, whatever the borders of blocks", () => {
    const by = projector(8);
    const texts = Array.from({ length: 700 }, (_, k) => `${"word ".repeat(k % 130)}${k} 0x1f é`);
    texts.push("x".repeat(8001), "", " ", ...Array<string>(20).fill("1 ".repeat(4000)), "end");
    const out = new Float32Array(texts.length * 8);
    const both = by.rows(texts, { out, stride: 8 });
    expect(out).toEqual(project(projector(8), texts, 8));
    expect(both).toEqual(by.rows(texts));
    texts.forEach((one, r) => {
      const alone = by.rows([one]);
      expect(both.column.subarray(both.start[r], both.start[r + 1])).toEqual(alone.column);
      expect(both.value.subarray(both.start[r], both.start[r + 1])).toEqual(alone.value);
    });
    expect(by.rows([])).toEqual({
      rows: 0,
      start: new Uint32Array(1),
      column: new Int32Array(0),
      value: new Float32Array(0),
    });
  });

  it("leaves what lies between rows alone", () => {
    const out = new Float32Array(12).fill(7);
    projector(4).project(["ab", "ab ab"], out, 6);
    expect([...out.subarray(4, 6), ...out.subarray(10)]).toEqual([7, 7, 7, 7]);
  });
});
