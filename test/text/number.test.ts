import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { DecimalScanner } from "../../src/text/number.js";
import { written } from "./decimals.js";

const scanner = new DecimalScanner();
const scan = (text: string): number => scanner.scan(Buffer.from(`${text},`), 0);

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
