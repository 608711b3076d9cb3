import fc from "fast-check";
import { expect, it } from "vitest";
import { oneLine, printable, shown } from "../../src/text/shown.js";

it("escapes what a terminal would interpret or hide", () => {
  expect(oneLine("a\u001b[31mred\u0007\r\nb\u0085")).toBe("a\\u001b[31mred\\u0007\\u000d\\u000ab\\u0085");
  expect(oneLine("\u200e\u200f\u061c\u202e\u2066\u2069")).toBe("\\u200e\\u200f\\u061c\\u202e\\u2066\\u2069");
  expect(oneLine("\u2028\u2029\ufeff\ud800")).toBe("\\u2028\\u2029\\ufeff\\ud800");
  expect(oneLine("\u{e0041}")).toBe("\\u{e0041}");
  expect(oneLine("größer 模型 😀")).toBe("größer 模型 😀");
});

it("escapes results line by line, and JSON stays JSON of the same value", () => {
  const value = { name: "a\u009b\u202e\u{e0041}模型 😀" };
  const text = printable(`${JSON.stringify(value)}\nnext\n`);
  expect(text.split("\n").slice(1)).toEqual(["next", ""]);
  expect(text.replaceAll("\n", "")).not.toMatch(/[\p{Cc}\p{Cf}]/u);
  expect(JSON.parse(text.split("\n")[0])).toEqual(value);
});

it("leaves only printable characters, and is idempotent", () => {
  fc.assert(
    fc.property(fc.string({ unit: "binary" }), (text) => {
      const line = oneLine(text);
      expect(line).not.toMatch(/[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/u);
      expect(oneLine(line)).toBe(line);
    }),
  );
});

it("keeps a value in an error message to 60 characters", () => {
  expect(shown("x".repeat(100))).toBe(`${"x".repeat(59)}…`);
  expect(shown("  ")).toBe('"  "');
  expect([shown(undefined), shown([1]), shown({ a: "\u001b" })]).toEqual([
    "undefined",
    "[1]",
    '{"a":"\\u001b"}',
  ]);
});
