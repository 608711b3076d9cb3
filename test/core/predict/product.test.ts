import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { Product, padded } from "../../../src/core/predict/product.js";
import { Random } from "../../../src/random.js";

/** One chain of rounded float32 additions for each number, from the first term to the last. */
function multiplySlowly(
  left: Float32Array,
  right: Float32Array,
  rows: number,
  inner: number,
  columns: number,
): Float32Array {
  const out = new Float32Array(rows * columns);
  for (let r = 0; r < rows; r++) {
    for (let c = 0; c < columns; c++) {
      let sum = 0;
      for (let i = 0; i < inner; i++) {
        sum = Math.fround(sum + Math.fround(left[r * inner + i] * right[i * columns + c]));
      }
      out[r * columns + c] = sum;
    }
  }
  return out;
}

/** Sizes at and around the tiles of 4 × 8, 4 × 4 and 1 × 4 numbers. */
const size = fc.constantFrom(0, 1, 3, 4, 5, 8, 12);
const shapes = fc.record({ rows: size, inner: size, columns: size.map(padded), seed: fc.nat(1_000_000) });

function fill(values: Float32Array, random: Random): void {
  for (let i = 0; i < values.length; i++) values[i] = random.below(5) === 0 ? 0 : random.normal();
}

const bits = (values: Float32Array): Uint32Array => new Uint32Array(values.slice().buffer);

it("pads a row to a multiple of four", () => {
  expect([0, 1, 3, 4, 5, 8, 12].map(padded)).toEqual([0, 4, 4, 4, 8, 8, 12]);
});

describe.each(["debug", "release"] as Build[])("multiply of the %s build", (build) => {
  const module = compileCore(build, "predict");

  it("adds in the order of the inner index, to the bit", () => {
    fc.assert(
      fc.property(shapes, ({ rows, inner, columns, seed }) => {
        const product = new Product(rows, inner, columns, module);
        const random = new Random(seed);
        fill(product.left, random);
        fill(product.right, random);
        product.out.fill(NaN);
        product.run();
        const slow = multiplySlowly(product.left, product.right, rows, inner, columns);
        expect(bits(product.out)).toEqual(bits(slow));
      }),
      { numRuns: 200 },
    );
  });

  it("has views that do not overlap, stay valid, and are read again at every run", () => {
    const product = new Product(5, 3, 12, module);
    const { left, right, out } = product;
    expect([left.length, right.length, out.length]).toEqual([15, 36, 60]);
    const random = new Random(4);
    for (let run = 0; run < 3; run++) {
      fill(left, random);
      fill(right, random);
      const before = [left.slice(), right.slice()];
      product.run();
      expect([left, right]).toEqual(before);
      expect(out).toEqual(multiplySlowly(left, right, 5, 3, 12));
    }
  });

  it("multiplies the first rows only when asked to, and leaves the others alone", () => {
    for (const rows of [0, 1, 4, 6]) {
      const product = new Product(6, 5, 8, module);
      fill(product.left, new Random(1));
      fill(product.right, new Random(2));
      product.out.fill(7);
      product.run(rows);
      const whole = multiplySlowly(product.left, product.right, 6, 5, 8);
      expect(product.out).toEqual(whole.fill(7, rows * 8));
    }
  });

  it("gives zeros if the inner length is 0", () => {
    const product = new Product(5, 0, 4, module);
    product.out.fill(7);
    product.run();
    expect(bits(product.out)).toEqual(new Uint32Array(20));
  });

  it("does not affect another product, so that two can be filled at once", () => {
    const [a, b] = [new Product(1, 1, 4, module), new Product(1, 1, 4, module)];
    a.left.fill(2);
    a.right.fill(3);
    b.left.fill(5);
    b.right.fill(7);
    a.run();
    b.run();
    expect([a.out[0], b.out[3]]).toEqual([6, 35]);
  });
});
