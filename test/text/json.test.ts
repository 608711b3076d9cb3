import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { JsonWalker, type JsonPart, type JsonPath } from "../../src/text/json.js";
import { InputError } from "../../src/errors.js";

function walk(text: string, paths: JsonPath[], lengths: number[] = [1 << 20]): JsonPart[] {
  const walker = new JsonWalker("file", paths);
  const bytes = Buffer.from(text);
  const parts: JsonPart[] = [];
  for (let from = 0, k = 0; from < bytes.length; k++) {
    const length = lengths[k % lengths.length];
    parts.push(...walker.push(bytes.subarray(from, from + length)));
    from += length;
  }
  walker.end();
  return parts;
}

describe("JsonWalker", () => {
  it("finds the wanted values of any document, in any layout and cut into any chunks", () => {
    const layout = fc.constantFrom(undefined, 1, "\t");
    const lengths = fc.array(fc.integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
    const document = fc.record({
      before: fc.jsonValue(),
      rows: fc.record({ "wan\"ted": fc.array(fc.jsonValue(), { maxLength: 5 }), rest: fc.jsonValue() }),
      around: fc.jsonValue(),
    }); // prettier-ignore
    fc.assert(
      fc.property(document, layout, lengths, (value, space, lengths) => {
        const text = JSON.stringify(value, null, space);
        const parts = walk(text, [["rows", 'wan"ted', "*"], ["around"]], lengths);
        // Read back: JSON has no −0.
        const read = JSON.parse(text) as typeof value;
        expect(parts.filter(({ path }) => path === 0).map((part) => part.value)).toEqual(
          read.rows['wan"ted'],
        );
        expect(parts.filter(({ path }) => path === 1).map((part) => part.value)).toEqual([read.around]);
        const bytes = Buffer.from(text);
        for (const { at, value } of parts) {
          const start = bytes.toString("utf8", at);
          expect(start.startsWith(JSON.stringify(value)[0])).toBe(true);
        }
      }),
      { numRuns: 500 },
    );
  });

  it("takes the elements of an array at the top", () => {
    expect(walk(" [1, {\"a\": [2]}, []]\n", [["*"]]).map(({ value }) => value)).toEqual([1, { a: [2] }, []]);
  }); // prettier-ignore

  it("passes over the NaN and Infinity of Python, and reads them where they are wanted", () => {
    const text = '{"a":[NaN,{"b":-Infinity},1],"rest":NaN,"more":[Infinity, NaN],"last":-Infinity}';
    for (const lengths of [[1 << 20], [1], [3, 2]]) {
      expect(walk(text, [["a", "*"]], lengths).map(({ value }) => value)).toEqual([
        null,
        { b: "-Infinity" },
        1,
      ]);
      expect(walk(text, [["last"]], lengths).map(({ value }) => value)).toEqual(["-Infinity"]);
    }
  });

  it.each([
    ["", "byte 0: the document ends too early"],
    ['{"a":[1,2]', "byte 10: the document ends too early"],
    ['{"a":[1,2]}}', "byte 11: unexpected }"],
    ['{"a":[1 2]}', "byte 8: unexpected 2"],
    ['{"a":[1,]}', "byte 8: unexpected ]"],
    ['{"a":[tru]}', "byte 6: not valid JSON"],
    ['{"a":[01]}', "byte 6: not valid JSON"],
    ["{a:1}", "byte 1: unexpected a"],
    ['{"a" 1}', "byte 5: unexpected 1"],
    ['{"\\x":1}', "byte 1: not valid JSON"],
    ['{"a":["\u0001"]}', "byte 6: not valid JSON"],
    ["[1] [2]", "byte 4: unexpected ["],
  ])("refuses %j, naming the byte", (text, message) => {
    expect(() => walk(text, [["a", "*"]])).toThrow(InputError);
    expect(() => walk(text, [["a", "*"]], [1])).toThrow(message);
  });
});
