import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect } from "vitest";
import { isUpdating, root } from "./pages.js";

export const folder = join(root, "examples");
export const examples = readdirSync(folder).filter((file) => file.endsWith(".mjs"));

const ENDING = "\n// Prints:\n";

/** The program of an example, and its last comment: what it prints. */
export function partsOf(example: string): { program: string; promised: string[] } {
  const [program, comment] = readFileSync(join(folder, example), "utf8").split(ENDING);
  const promised = comment.trimEnd().split("\n");
  return { program, promised: promised.map((line) => line.replace(/^\/\/ {3}/, "")) };
}

/** Checks that an example has printed what its last comment says, or writes that comment. */
export function checkPrinted(example: string, stdout: string): void {
  const printed = stdout.trimEnd().split("\n");
  const { program, promised } = partsOf(example);
  if (!isUpdating) return expect(printed).toEqual(promised);
  const comment = printed.map((line) => `//   ${line}\n`).join("");
  writeFileSync(join(folder, example), program + ENDING + comment);
}
