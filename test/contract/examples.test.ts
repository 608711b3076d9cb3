import { execFile } from "node:child_process";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { expect, it } from "vitest";
import { isUpdating } from "./pages.js";

const folder = fileURLToPath(new URL("../../examples", import.meta.url));
const examples = readdirSync(folder).filter((file) => file.endsWith(".mjs"));
const ENDING = "\n// Prints:\n";

it.each(examples)("examples/%s prints what its last comment says", async (file) => {
  const path = join(folder, file);
  const { stdout } = await promisify(execFile)("node", [path]);
  const printed = stdout.trimEnd().split("\n");
  const text = readFileSync(path, "utf8");
  if (isUpdating) {
    const comment = printed.map((line) => `//   ${line}\n`).join("");
    writeFileSync(path, text.split(ENDING)[0] + ENDING + comment);
    return;
  }
  const promised = text.split(ENDING)[1].trimEnd().split("\n");
  expect(printed).toEqual(promised.map((line) => line.replace(/^\/\/ {3}/, "")));
});

it("lists every example in examples/README.md, and no other", () => {
  const page = readFileSync(join(folder, "README.md"), "utf8");
  const listed = [...page.matchAll(/`node examples\/(.+?)`/g)].map(([, file]) => file);
  expect(listed.sort()).toEqual(examples.sort());
});

it.each(examples)("examples/%s is 15 to 50 lines and imports only optllm, Node and the AI SDK", (file) => {
  const text = readFileSync(join(folder, file), "utf8");
  const lines = text.split(ENDING)[0].split("\n").length;
  expect(lines).toBeGreaterThanOrEqual(15);
  expect(lines).toBeLessThanOrEqual(50);
  const modules = [...text.matchAll(/from "(.+)"/g)].map(([, module]) => module);
  expect(modules.filter((module) => !/^(node:\w+|(optllm|ai)(\/\w+)?)$/.test(module))).toEqual([]);
});
