import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const files = ["assembly", "src", "bench", "docs", "paper"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|md)$/.test(file))
    .map((file) => join(folder, file)),
);
const KEY = "[A-Z][A-Za-z]+\\d{4}";

it("lists every source that code and pages cite, and no other", () => {
  const list = readFileSync("docs/lab/references.md", "utf8");
  const listed = [...list.matchAll(/\*\*(\w+)\*\*/g)].map(([, key]) => key);
  const cited = new Set<string>();
  for (const file of files) {
    for (const [place] of readFileSync(file, "utf8").matchAll(new RegExp(`\\[${KEY}(?:, ${KEY})*\\]`, "g"))) {
      for (const [key] of place.matchAll(new RegExp(KEY, "g"))) cited.add(key);
    }
  }
  expect(listed.slice().sort()).toEqual([...cited].sort());
});
