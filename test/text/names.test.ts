import { expect, it } from "vitest";
import { cutMiddle, distinctNames } from "../../src/text/names.js";

it("cuts names in the middle, and never in the middle of a character", () => {
  expect(cutMiddle("gpt-4o", 6)).toBe("gpt-4o");
  expect(cutMiddle("gateway/eu/gpt-4o-mini-2024-07-18", 21)).toBe("gateway/eu…2024-07-18");
  expect(cutMiddle("😀😀😀😀😀", 8)).not.toMatch(
    /[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff]/,
  );
});

it("keeps different names different", () => {
  const names = ["a", "b"].map((middle) => `${"x".repeat(30)}${middle}${"y".repeat(30)}`);
  const shown = distinctNames([...names, "short"], 24);
  expect(new Set(shown).size).toBe(3);
  expect(shown[2]).toBe("short");
  expect(Math.max(...shown.map((name) => name.length))).toBeLessThanOrEqual(24);
});
