import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll } from "vitest";
import { runCli } from "../../src/cli/app.js";

/** Runs one command line in process; what it printed and its exit code. */
export async function run(...argv: string[]) {
  let out = "";
  let err = "";
  const code = await runCli(argv, {
    out: (text) => (out += text),
    err: (text) => (err += text),
    isTerminal: false,
    signal: new AbortController().signal,
  });
  return { code, out, err };
}

/** A folder of a test file's own, removed after its tests. */
export function testFolder(name: string): { folder: string; at: (file: string) => string } {
  const folder = mkdtempSync(join(tmpdir(), `optllm-${name}-`));
  afterAll(() => rmSync(folder, { recursive: true }));
  return { folder, at: (file) => join(folder, file) };
}
