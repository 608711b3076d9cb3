import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { checkPrinted, examples, folder, partsOf } from "./examples.js";

// package.long.test.ts runs all of them where the package is installed.
it("runs an example from the checkout", () => {
  const example = "own-matrix.mjs";
  checkPrinted(example, execFileSync("node", [join(folder, example)], { encoding: "utf8" }));
});

it("lists every example in examples/README.md, and no other", () => {
  const page = readFileSync(join(folder, "README.md"), "utf8");
  const listed = [...page.matchAll(/`node examples\/(.+?)`/g)].map(([, file]) => file);
  expect(listed.sort()).toEqual([...examples].sort());
});

it.each(examples)("examples/%s is 15 to 50 lines and imports only optllm, Node and the AI SDK", (file) => {
  const { program } = partsOf(file);
  const lines = program.split("\n").length;
  expect(lines).toBeGreaterThanOrEqual(15);
  expect(lines).toBeLessThanOrEqual(50);
  const modules = [...program.matchAll(/from "(.+)"/g)].map(([, module]) => module);
  expect(modules.filter((module) => !/^(node:\w+|(optllm|ai)(\/\w+)?)$/.test(module))).toEqual([]);
});
