import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { testFolder } from "../cli/run.js";
import { checkPage, root } from "./pages.js";

const readme = readFileSync(join(root, "README.md"), "utf8");
const { folder, at } = testFolder("readme");
/** Lines for a shell that are no `optllm` commands. */
const SHELL = ["npm install optllm", "npm ci && npm run demo", "npm ci && npm test"];

it("does what its blocks show, with fewer labels", async () => {
  cpSync(join(root, "examples/data"), folder, { recursive: true });
  const labelled = readFileSync(at("labelled.csv"), "utf8").split("\n");
  writeFileSync(at("labelled.csv"), labelled.slice(0, 81).join("\n"));
  await checkPage("README.md", folder, SHELL);
});

it("has the two commands of a checkout, each with a script", () => {
  const { scripts } = JSON.parse(readFileSync(join(root, "package.json"), "utf8")) as {
    scripts: Record<string, string>;
  };
  for (const command of SHELL) expect(readme).toContain(`\n${command}\n`);
  expect(Object.keys(scripts)).toEqual(expect.arrayContaining(["demo", "test"]));
});

it("fits on two screens of 110 columns", () => {
  const rows = readme.split("\n").reduce((sum, line) => sum + Math.max(1, Math.ceil(line.length / 110)), 0);
  expect(rows).toBeLessThanOrEqual(115);
});
