import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { NGRAM_BUCKETS } from "../../../assembly/layout.js";
import { compileCore, type Build } from "../../builds.js";
import { TextSums, type NgramMatrix } from "../../../src/core/predict/textSums.js";
import { inSteps } from "../../../src/core/predict/steppedMatrix.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { sparseRow, ngramBuckets } from "../../predict/oracle.js";
import { runs } from "../../runs.js";

/** Texts of few letters, so that tokens, words and n-grams repeat. */
const text = fc.string({
  unit: fc.constantFrom(..."aaabb11230 _-é\t\xa0\u3000日".split(""), "  ", "ab", "0x1f "),
  maxLength: 90,
});

/** Differs from bucket to bucket, exactly as float32. */
const scaleOf = (bucket: number): number => 1 + (bucket % 7) / 8;
const everyBucket = Int32Array.from({ length: NGRAM_BUCKETS }, (_, b) => b);
/** Three of four buckets have a number of their own. */
const ownScale = everyBucket.filter((b) => b % 7 !== 2);
const scale = { bucket: ownScale, value: Float32Array.from(ownScale, scaleOf), rest: scaleOf(2) };

/** Of some buckets with a row in either map, some in both, some in none; each made once, and never changed. */
const wide = once((columns) => mapOf(columns, (b) => b % 29 < 15));
const projection = once((columns) => inSteps(wide(columns).bucket, columns, wide(columns).matrix));
const weights = once((columns) => mapOf(columns, (b) => b % 29 > 8 && b % 29 < 25));
const roundedProjection = once((columns) => rounded(wide(columns)));

function once<Made>(make: (columns: number) => Made): (columns: number) => Made {
  const made = new Map<number, Made>();
  return (columns) => {
    const map = made.get(columns) ?? make(columns);
    made.set(columns, map);
    return map;
  };
}

/** A map of an eighth of the buckets that `has`, in falling order, whose rows differ in size by up to a hundred. */
function mapOf(columns: number, has: (bucket: number) => boolean): NgramMatrix {
  const bucket = everyBucket.filter((b) => b % 8 === 0 && has(b / 8)).reverse();
  const matrix = new Float32Array(bucket.length * columns);
  bucket.forEach((b, row) => {
    for (let d = 0; d < columns; d++) {
      const k = (b % 97) * columns + d;
      matrix[row * columns + d] = (((k * 37) % 11) - 4) * (1 + (b % 97));
    }
  });
  return { bucket, columns, matrix };
}

/** The row of each bucket, undefined for none; found once for each map. */
const rowsOf = new WeakMap<Int32Array, Map<number, number>>();
function rowOf(bucket: Int32Array, b: number): number | undefined {
  const rows = rowsOf.get(bucket) ?? new Map(Array.from(bucket, (known, row) => [known, row]));
  rowsOf.set(bucket, rows);
  return rows.get(b);
}

/** The map as the kernel has it: of each row the greatest is 127 steps or less, which have one of 255 sizes. */
function rounded({ bucket, columns, matrix }: NgramMatrix): NgramMatrix {
  const greatestOf = (row: Float32Array): number => row.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  const greatest = greatestOf(matrix);
  const out = new Float32Array(matrix.length);
  for (let r = 0; r < bucket.length; r++) {
    const row = matrix.subarray(r * columns, (r + 1) * columns);
    const step = (greatest / 255 / 127) * Math.ceil((255 * greatestOf(row)) / greatest);
    out.set(
      row.map((x) => step * Math.round(x / step)),
      r * columns,
    );
  }
  return { bucket, columns, matrix: out };
}

function projectionSlowly(one: string, { bucket: known, columns, matrix }: NgramMatrix): number[] {
  const sum = new Array<number>(columns).fill(0);
  for (const bucket of ngramBuckets(one)) {
    const row = rowOf(known, bucket);
    if (row === undefined) continue;
    for (let d = 0; d < columns; d++) sum[d] += matrix[row * columns + d];
  }
  const length = Math.hypot(...sum);
  return length === 0 ? sum : sum.map((x) => x / length);
}

function productsSlowly(one: string, { bucket: known, columns, matrix }: NgramMatrix): number[] {
  const sum = new Array<number>(columns).fill(0);
  for (const [bucket, value] of sparseRow(one, scaleOf)) {
    const row = rowOf(known, bucket);
    for (let d = 0; d < columns && row !== undefined; d++) sum[d] += value * matrix[row * columns + d];
  }
  return sum;
}

describe.each(["debug", "release"] as Build[])("the text kernel of the %s build", (build) => {
  const reader = (columns: number, weighed: number, keptTokens?: number): TextSums =>
    new TextSums(
      { scale, projection: projection(columns), weights: weights(weighed) },
      predictSpace(compileCore(build, "predict")),
      keptTokens,
    );
  const read = (by: TextSums, texts: string[], columns: number, weighed: number) => {
    const projected = new Float32Array(texts.length * columns);
    const products = new Float32Array(texts.length * weighed);
    by.run(texts, {
      projected: { out: projected, stride: columns },
      products: { out: products, stride: weighed },
    });
    return { projected, products };
  };
  const expectClose = (found: Float32Array, expected: number[], least: number): void =>
    expected.forEach((x, d) => expect(Math.abs(found[d] - x)).toBeLessThan(least * (1 + Math.abs(x))));

  it.each([
    [4, 1],
    [36, 12],
    [76, 21],
  ])("adds up the sums of the definition, %i and %i columns", (columns, weighed) => {
    // Two places for kept tokens, so that they are overwritten all the time.
    const by = reader(columns, weighed, 2);
    const to = roundedProjection(columns);
    const times = weights(weighed);
    fc.assert(
      fc.property(fc.array(text, { maxLength: 4 }), (texts) => {
        const { projected, products } = read(by, texts, columns, weighed);
        texts.forEach((one, r) => {
          expectClose(projected.subarray(r * columns), projectionSlowly(one, to), 1e-5);
          // Weights reach 600.
          expectClose(products.subarray(r * weighed), productsSlowly(one, times), 2e-3);
        });
      }),
      { numRuns: runs(200) },
    );
  });

  it("gives a text the same bytes after any other texts and for any block borders", () => {
    const by = reader(8, 4, 4);
    const fresh = reader(8, 4);
    const expectAlike = (texts: string[]): void => {
      const together = read(by, texts, 8, 4);
      texts.forEach((one, r) => {
        const { projected, products } = read(fresh, [one], 8, 4);
        expect(projected).toEqual(together.projected.slice(r * 8, (r + 1) * 8));
        expect(products).toEqual(together.products.slice(r * 4, (r + 1) * 4));
      });
    };
    fc.assert(fc.property(fc.array(text, { minLength: 1, maxLength: 5 }), expectAlike));
    const many = Array.from({ length: 700 }, (_, k) => `${"word ".repeat(k % 130)}${k} 0x1f é`);
    expectAlike([...many, "x".repeat(8001), "", " ", ...Array<string>(20).fill("1 ".repeat(4000)), "end"]);
  });

  it("reads the longest texts: one token, all tokens different, all n-grams in both readings", () => {
    const long = [
      "x".repeat(8001),
      "1a".repeat(4001),
      Array.from({ length: 3000 }, (_, k) => k.toString(36)).join(" "),
      "1 ".repeat(4001),
      "",
    ].map((one) => one.slice(0, 8000));
    const { projected, products } = read(reader(4, 4), long, 4, 4);
    long.forEach((one, r) => {
      expectClose(projected.subarray(r * 4), projectionSlowly(one, roundedProjection(4)), 1e-4);
      expectClose(products.subarray(r * 4), productsSlowly(one, weights(4)), 0.05);
    });
  });

  it("works without either map, and with one of zeros", () => {
    const texts = ["ab ab", "1 a"];
    const { projected, products } = read(reader(8, 4), texts, 8, 4);
    const module = compileCore(build, "predict");
    const one = new Float32Array(16);
    new TextSums({ scale, projection: projection(8) }, predictSpace(module)).run(texts, {
      projected: { out: one, stride: 8 },
    });
    expect(one).toEqual(projected);
    const other = new Float32Array(8);
    new TextSums({ scale, weights: weights(4) }, predictSpace(module)).run(texts, {
      products: { out: other, stride: 4 },
    });
    expect(other).toEqual(products);
    const { bucket } = wide(8);
    const zeros = inSteps(bucket, 8, new Float32Array(8 * bucket.length));
    new TextSums({ scale, projection: zeros }, predictSpace(module)).run(texts, {
      projected: { out: one, stride: 8 },
    });
    expect(one.every((x) => x === 0)).toBe(true);
  });

  it("does not write between rows", () => {
    const out = new Float32Array(12).fill(7);
    reader(4, 1).run(["ab", "ab ab"], { projected: { out, stride: 6 } });
    expect([...out.subarray(4, 6), ...out.subarray(10)]).toEqual([7, 7, 7, 7]);
  });
});
