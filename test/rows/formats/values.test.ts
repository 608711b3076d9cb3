import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { BAD, costOf, scoreOf } from "../../../src/rows/builder/cell.js";
import { GrowingMatrix } from "../../../src/rows/builder/growingMatrix.js";
import { sharedDoubles, sharedFloats } from "../../../src/memory.js";
import { parseObject } from "../../../src/text/jsonl.js";
import { nearest } from "../../../src/text/nearest.js";
import { parseDecimal } from "../../../src/text/number.js";
import { shown } from "../../../src/text/shown.js";
import { textOf } from "../../../src/rows/where.js";
import { InputError } from "../../../src/errors.js";
import type { Costs } from "../../../src/types.js";

describe("parseDecimal", () => {
  it("gives the same float64 as Number for any decimal", () => {
    const digits = fc.string({ unit: fc.constantFrom(..."0123456789"), minLength: 1, maxLength: 20 });
    const decimal = fc.tuple(digits, digits).map(([whole, fraction]) => `${whole}.${fraction}`);
    const text = fc.oneof(fc.double({ noNaN: true, noDefaultInfinity: true }).map(String), digits, decimal);
    fc.assert(
      fc.property(text, (written) => {
        expect(parseDecimal(written)).toBe(Number(written));
      }),
      { numRuns: 2000 },
    );
  });

  it.each(["0.5", "1e-3", "1E+3", " 0.5 ", ".5", "5.", "+2", "-2", "007", "1e999"])("reads %j", (text) => {
    expect(parseDecimal(text)).toBe(Number(text));
  });

  it.each([
    "",
    " ",
    "abc",
    "NaN",
    "Infinity",
    "0x1f",
    "1,5",
    "1 2",
    ".",
    "1.2.3",
    "1e",
    "--1",
    "1_000",
    "$1",
    "٣",
  ])("refuses %j", (text) => expect(parseDecimal(text)).toBeNaN());
});

describe("scoreOf and costOf", () => {
  it.each<[unknown, number]>([
    ["0.25", 0.25], [1, 1], [0, 0], [true, 1], [false, 0], ["TRUE", 1], ["false", 0], ["", NaN], [" ", NaN], [null, NaN],
    ["1.01", BAD], [-0.1, BAD], ["yes", BAD], ["nan", NaN], [[], BAD], [{}, BAD], ["inf", BAD],
  ])("reads the score %j as %d", (value, score) => expect(scoreOf(value)).toBe(score)); // prettier-ignore

  it.each<[unknown, number]>([
    ["0.25", 0.25], [0, 0], ["1e-3", 0.001], ["", Infinity], [null, Infinity], ["inf", Infinity], ["Infinity", Infinity],
    [0.1, 0.1], ["0.1", 0.1], [1e-12, 1e-12], ["9e-13", BAD], [1e12, 1e12], ["1.0001e12", BAD], [3.4e38, BAD],
    ["1e999", BAD], [Infinity, BAD], [-1, BAD], ["-inf", BAD], ["NaN", Infinity], [true, BAD],
    ["1,5", BAD], ["$1", BAD], [[1], BAD],
  ])("reads the cost %j as %d", (value, cost) => expect(costOf(value)).toBe(cost)); // prettier-ignore

  it("turns a cost of −0 into 0, whose bits sort first", () => {
    expect(Object.is(costOf("-0"), 0)).toBe(true);
    expect(Object.is(costOf(-0), 0)).toBe(true);
  });
});

describe("GrowingMatrix", () => {
  it("holds what was set, whatever the order in which rows and columns come", () => {
    const write = fc.record({ row: fc.nat(20_000), column: fc.nat(9), value: fc.integer() });
    const numbers = fc.constantFrom(sharedFloats, sharedDoubles);
    fc.assert(
      fc.property(fc.array(write, { minLength: 1 }), fc.nat(30_000), numbers, (writes, guess, numbersOf) => {
        const matrix = new GrowingMatrix<Costs>(NaN, 0, () => guess, numbersOf);
        const rounded = numbersOf(1);
        const expected = new Map<string, number>();
        let columns = 0;
        let rows = 0;
        for (const { row, column, value } of writes) {
          for (; columns <= column; columns++) matrix.addColumn();
          rows = Math.max(rows, row + 1);
          matrix.set(row, column, value);
          rounded[0] = value;
          expected.set(`${row},${column}`, rounded[0]);
        }
        const packed = matrix.pack(rows);
        expect(packed.length).toBe(rows * columns);
        expect(packed.buffer).toBeInstanceOf(SharedArrayBuffer);
        let wrong = 0;
        for (let row = 0; row < rows; row++)
          for (let column = 0; column < columns; column++) {
            const value = expected.get(`${row},${column}`) ?? NaN;
            if (!Object.is(packed[row * columns + column], value + 0)) wrong++;
          }
        expect(wrong).toBe(0);
      }),
      { numRuns: 30 },
    );
  });

  it("clears a row to blanks", () => {
    const matrix = new GrowingMatrix(
      Infinity,
      2,
      () => 0,
      (length) => new Float64Array(length),
    );
    matrix.set(0, 1, 5);
    matrix.set(1, 0, 7);
    matrix.clear(0);
    expect([...matrix.pack(2)]).toEqual([Infinity, Infinity, 7, Infinity]);
  });
});

describe("parseObject", () => {
  it("returns keys that are properties of every object as plain data", () => {
    const row = parseObject('{"__proto__": 1, "constructor": 2}', "work.jsonl", 1) as object;
    expect(Object.keys(row)).toEqual(["__proto__", "constructor"]);
    expect(Object.values(row)).toEqual([1, 2]);
  });

  it("gives nothing for a blank line", () => {
    expect(parseObject(" \r", "work.jsonl", 1)).toBeUndefined();
  });

  it.each([
    ["{", "work.jsonl:9: not valid JSON"],
    ['{"a": NaN, b}', "work.jsonl:9: not valid JSON (Unexpected token"],
    ["[1]", "work.jsonl:9: [1] is not an object"],
    ["null", "work.jsonl:9: null is not an object"],
    ['"a"', "work.jsonl:9: a is not an object"],
    ['{"a":"\u0001"}', "work.jsonl:9: not valid JSON"],
  ])("refuses %j in one line", (text, message) => {
    expect(() => parseObject(text, "work.jsonl", 9)).toThrow(message);
    expect(() => parseObject(text, "work.jsonl", 9)).toThrow(/^[^\p{Cc}]+$/u);
  });
});

describe("shown", () => {
  it("is one printable line of at most 60 characters for any text", () => {
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 200 }), (text) => {
        expect(shown(text)).toMatch(/^[^\p{Cc}\p{Cs}\u2028\u2029]+$/u);
        expect(shown(text).length).toBeLessThanOrEqual(60);
      }),
    );
  });

  it("shows short values as they are and blank text in quotes", () => {
    expect(["gpt-4", 1, null, { a: 1 }, "", " ", "a\nb"].map(shown)).toEqual([
      "gpt-4", "1", "null", '{"a":1}', '""', '" "', "a\\u000ab",
    ]); // prettier-ignore
    expect(shown("x".repeat(61))).toBe("x".repeat(59) + "…");
  });

  it("shows values that have no JSON, or that are nested too deeply to be written", () => {
    const deep = (open: string, close: string): unknown =>
      JSON.parse(open.repeat(100_000) + "1" + close.repeat(100_000));
    expect([undefined, 12n, [12n], deep("[", "]"), deep('{"a":', "}")].map(shown)).toEqual([
      "undefined", "12", "[12]", "[…]", "{…}",
    ]); // prettier-ignore
  });

  it("refuses a condition on a value that is nested too deeply to be compared", () => {
    const deep: unknown = JSON.parse("[".repeat(100_000) + "]".repeat(100_000));
    expect(() => textOf(deep)).toThrow(InputError);
  });
});

describe("nearest", () => {
  it("lists the most similar names first", () => {
    expect(nearest("gpt4", ["claude", "GPT-4", "gpt-3.5"], 2)).toEqual(["GPT-4", "gpt-3.5"]);
  });
});
