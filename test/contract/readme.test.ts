import { execFileSync } from "node:child_process";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const readme = readFileSync(join(root, "README.md"), "utf8");

it("has a library snippet that runs and prints what it says", () => {
  const snippets = [...readme.matchAll(/```ts\n([\s\S]*?)```/g)].map(([, code]) => code);
  expect(snippets.length).toBe(1);
  const folder = mkdtempSync(join(tmpdir(), "optllm-readme-"));
  const entry = join(root, "dist/src/index.js");
  writeFileSync(join(folder, "snippet.mjs"), snippets[0].replace('"optllm"', JSON.stringify(entry)));
  const printed = execFileSync("node", [join(folder, "snippet.mjs")], { encoding: "utf8" }).split("\n");
  rmSync(folder, { recursive: true });
  expect(printed[0]).toBe("[ 0, 1, 0 ]");
  const [totalCost, expectedAccuracy, gap] = printed[1].split(" ").map(Number);
  expect(totalCost).toBeCloseTo(0.033, 6);
  expect(expectedAccuracy).toBeCloseTo((0.9 + 0.9 + 0.7) / 3, 6);
  expect(gap).toBe(0);
});

it("links only to files that exist", () => {
  const links = [...readme.matchAll(/\]\(([^)#:]+)\)/g)].map(([, path]) => path);
  expect(links.length).toBeGreaterThan(0);
  links.forEach((path) => expect(() => readFileSync(join(root, path))).not.toThrow());
});
