import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { csvCell } from "../../src/write/csv.js";
import { float32Text, float64Text } from "../../src/write/number.js";

describe("float32Text", () => {
  it("reads back as the same float32, and no text is shorter", () => {
    fc.assert(
      fc.property(fc.float({ noNaN: true, noDefaultInfinity: true }), (value) => {
        const text = float32Text(value, "");
        expect(Math.fround(Number(text))).toBe(Math.fround(value) + 0);
        const digits = text
          .replace(/e.*/, "")
          .replace(/[-.]/g, "")
          .replace(/^0+/, "")
          .replace(/0+$/, "").length;
        if (digits > 1) expect(Math.fround(Number(value.toPrecision(digits - 1)))).not.toBe(value);
      }),
      { numRuns: 5000 },
    );
  });

  it.each([0.0005, 0, 1, 0.1, 4.04e-5, 0.000576, 12.5, 3.4e38, 1e-45, 1e-7, 16_777_216, 123456.79])(
    "writes float32 %d as people do",
    (value) => expect(Number(float32Text(Math.fround(value), ""))).toBe(value === 1e-45 ? 1e-45 : value),
  );

  it("writes what is not finite as the blank given", () => {
    expect([NaN, Infinity, -Infinity].map((value) => float32Text(value, "null"))).toEqual([
      "null",
      "null",
      "null",
    ]);
    expect(float64Text(Infinity, "")).toBe("");
    expect(float64Text(0.1 + 0.2, "")).toBe("0.30000000000000004");
  });
});

describe("csvCell", () => {
  it.each([
    ["plain", "plain"],
    ["=a", "'=a"],
    ["'=a", "''=a"],
    ["''-a", "'''-a"],
    ["'a", "'a"],
    ["", ""],
    ["a,b", '"a,b"'],
    ['say "hi"', '"say ""hi"""'],
    ["a\nb", '"a\nb"'],
    ["=1+1", "'=1+1"],
    ['=cmd|"x"', '"\'=cmd|""x"""'],
    ["@x", "'@x"],
    ["+x", "'+x"],
    ["-x", "'-x"],
    ["\tx", '"\'\tx"'],
    ["\rx", '"\'\rx"'],
    ["-5", "-5"],
    ["+1.5e-3", "+1.5e-3"],
    ["-5+cmd", "'-5+cmd"],
    ["a=b", "a=b"],
  ])("writes %j as %j", (text, cell) => expect(csvCell(text)).toBe(cell));
});
