import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecimalScanner } from "../../src/text/number.js";

const scanner = new DecimalScanner();
const scan = (text: string): number => scanner.scan(Buffer.from(`${text},`), 0);

const digits = (maxLength: number) =>
  fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength });
const exponent = fc.oneof(
  fc.constant(""),
  fc.integer({ min: -60, max: 60 }).map((e) => `e${e}`),
  fc.integer({ min: 0, max: 400 }).map((e) => `E+${e}`),
);
const decimal = fc
  .tuple(digits(26), fc.option(digits(26)), exponent)
  .map(([whole, fraction, e]) => whole + (fraction === null ? "" : `.${fraction}`) + e);
/** Decimals of many digits around the middle of two neighbouring float32, where rounding twice goes wrong. */
const middle = fc
  .tuple(
    fc.float({ min: Math.fround(1e-12), max: Math.fround(1e12), noNaN: true }),
    fc.integer({ min: -3, max: 3 }),
  )
  .map(([x, step]) => {
    const bits = new Int32Array(Float32Array.of(x).buffer);
    const next = new Float32Array(Int32Array.of(bits[0] + 1).buffer)[0];
    const half = (x + next) / 2;
    const near = new Float64Array(
      BigInt64Array.of(new BigInt64Array(Float64Array.of(half).buffer)[0] + BigInt(step)).buffer,
    )[0];
    return near.toPrecision(21);
  });
const written = fc.oneof(
  decimal,
  middle,
  fc.double({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
  fc.float({ min: 0, noNaN: true, noDefaultInfinity: true }).map(String),
  fc.double({ min: 0.9999999999999, max: 1.0000000000001, noNaN: true }).map((x) => x.toPrecision(18)),
);

describe("DecimalScanner", () => {
  it("rounds to the same float32 as Number, for any decimal, and recognises what is above 1", () => {
    fc.assert(
      fc.property(written, (text) => {
        const value = scan(text);
        expect(scanner.end).toBe(text.length);
        expect(Math.fround(value)).toBe(Math.fround(Number(text)));
        expect(value > 1).toBe(Number(text) > 1);
      }),
      { numRuns: 20_000 },
    );
  });

  it("gives the same float64 as Number up to 15 digits", () => {
    const short = fc
      .tuple(fc.integer({ min: 0, max: 1e15 - 1 }), fc.integer({ min: -22, max: 22 }))
      .map(([whole, e]) => `${whole}e${e}`);
    fc.assert(
      fc.property(short, (text) => {
        expect(scan(text)).toBe(Number(text));
      }),
      { numRuns: 5000 },
    );
  });

  it.each(["", ".", "e5", "1e", "1e+", "x", "-1", "+1", "NaN", "Infinity", " 1"])(
    "does not take %j for a number",
    (text) => expect(scan(text)).toBeNaN(),
  );

  it("reads a number of a million digits", () => {
    expect(scan(`0.${"3".repeat(1_000_000)}`)).toBe(1 / 3);
  });
});
