import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { parseJson } from "../../src/text/parseJson.js";
import { processorMs } from "../processor.js";

function parsed(text: string): { value: unknown; blanks: number } {
  let blanks = 0;
  return { value: parseJson(text, () => blanks++), blanks };
}

describe("parseJson", () => {
  it.each<[string, unknown, number]>([
    ["NaN", null, 1],
    ["-Infinity", "-Infinity", 0],
    [
      '{"a":Infinity,"b":[-Infinity,NaN, NaN],"c":1}',
      { a: "Infinity", b: ["-Infinity", null, null], c: 1 },
      2,
    ],
    ['["NaN",NaN,"\\"NaN","a\\\\",NaN]', ["NaN", null, '"NaN', "a\\", null], 2],
    ['{"NaN":NaN,"x":"-Infinity: \\"NaN\\""}', { NaN: null, x: '-Infinity: "NaN"' }, 1],
  ])("reads Python's %s", (text, value, blanks) => {
    expect(parsed(text)).toEqual({ value, blanks });
  });

  it("gives what JSON.parse gives for JSON, and refuses what it refuses", () => {
    fc.assert(
      fc.property(fc.json(), (text) => {
        expect(parsed(text).value).toEqual(JSON.parse(text));
      }),
    );
    for (const text of [
      "nan",
      "NaNs",
      "-NaN",
      "+Infinity",
      "--Infinity",
      "[Infinity",
      '{"a":Inf}',
      '["NaN',
      "",
      "01",
    ])
      expect(() => parseJson(text), text).toThrow(SyntaxError);
  });

  it("takes time in proportion to the text, whatever it holds", () => {
    const start = processorMs();
    for (const piece of ["NaN,", '\\"', '"', "-", "Infinity", '"\\', "[", 'NaN\\"', "I", '"NaN'])
      expect(() => parseJson("[" + piece.repeat(1e6 / piece.length))).toThrow(SyntaxError);
    expect(processorMs() - start).toBeLessThan(5000);
  });
});
