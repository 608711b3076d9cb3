import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { FORMATS } from "../../src/rows/formats/formats.js";
import { blocksOf, root } from "./pages.js";

const page = readFileSync(join(root, "docs/guide/formats.md"), "utf8");

// What the examples print is checked with all other pages.
it.each(FORMATS)("docs/guide/formats.md has a line in its table and an example for %s", (format) => {
  expect(page).toContain(`| \`${format}\``);
  const shown = blocksOf(page).filter(({ info }) => info === "console");
  expect(shown.map(({ text }) => text).join("\n")).toContain(`\n${format}: `);
});
