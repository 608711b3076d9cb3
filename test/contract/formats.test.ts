import { execFile } from "node:child_process";
import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { FORMATS } from "../../src/rows/formats/formats.js";

const root = fileURLToPath(new URL("../..", import.meta.url));
const page = readFileSync(`${root}/docs/formats.md`, "utf8");
const examples = [...page.matchAll(/```console\n\$ optllm (.+)\n([^]*?)```/g)].map(([, command, output]) => ({
  command,
  output,
}));

describe("docs/formats.md", () => {
  it.each(examples)("shows what `optllm $command` prints", async ({ command, output }) => {
    const argv = [...command.matchAll(/"([^"]*)"|(\S+)/g)].map(([, quoted, plain]) => quoted ?? plain);
    const { stdout, stderr } = await promisify(execFile)("node", ["dist/src/cli/bin.js", ...argv], {
      cwd: root,
    });
    const counts = stderr.split("\n").filter((line) => !line.startsWith("read "));
    expect(stdout + counts.join("\n")).toBe(output);
  });

  it("has a line in the table and an example for every format", () => {
    for (const format of FORMATS) {
      expect(page).toContain(`| \`${format}\``);
      expect(examples.map(({ output }) => output).join("\n")).toContain(`\n${format}: `);
    }
  });
});
