import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runCompare } from "../../paper/command.js";
import { runCli } from "../../src/cli/app.js";
import { isLong } from "../runs.js";

/** Runs one `optllm` command line in process; what it printed and its exit code. */
export const run = (...argv: string[]) => printed(runCli, argv);

/** Runs one command line of the paper's comparison in the same way. */
export const compare = (...argv: string[]) => printed(runCompare, argv);

async function printed(program: typeof runCli, argv: readonly string[]) {
  let out = "";
  let err = "";
  const code = await program(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** A method that is fitted in a moment, for a command that names none; `npm run test:long` fits as by default. */
export function quickPredictor([command, ...options]: readonly string[]): string[] {
  const isFit = ["fit", "backtest"].includes(command);
  const fits = isFit || (["solve", "front", "labels"].includes(command) && options.includes("--labels"));
  return fits && !isLong && !options.includes("--predictor") ? ["--predictor", "base-rate"] : [];
}

/** A folder of a test file's own, removed after its tests. */
export function testFolder(name: string): { folder: string; at: (file: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), `optllm-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, at: (file) => join(folder, file) };
}
