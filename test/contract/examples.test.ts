import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";

const root = fileURLToPath(new URL("../..", import.meta.url));
const bin = join(root, "dist/src/cli/bin.js");

interface Block {
  /** What stands after the fence, such as `txt work.jsonl` or `console`. */
  info: string;
  text: string;
}

const blocksOf = (page: string): Block[] =>
  [...page.matchAll(/^```(.+)\n([\s\S]*?)^```$/gm)].map(([, info, text]) => ({ info, text }));

/** The commands of a console block, each with the output that the page shows. */
const commandsOf = (text: string): { command: string; output: string }[] =>
  text
    .split(/^\$ /m)
    .slice(1)
    .map((part) => {
      const end = part.indexOf("\n");
      return { command: part.slice(0, end), output: part.slice(end + 1).trimEnd() };
    });

// A block `txt work.jsonl` makes a file; a `console` block runs commands and shows what they print.
describe.each(["prices", "exports"])("docs/%s.md", (name) => {
  const blocks = blocksOf(readFileSync(join(root, "docs", `${name}.md`), "utf8"));
  const folder = mkdtempSync(join(tmpdir(), "optllm-docs-"));
  mkdirSync(join(folder, "node_modules"));
  symlinkSync(root, join(folder, "node_modules", "optllm"));

  it("does what its examples show", () => {
    let commands = 0;
    for (const { info, text } of blocks) {
      const [language, file] = info.split(" ");
      if (file !== undefined) writeFileSync(join(folder, file), text);
      if (language !== "console") continue;
      for (const { command, output } of commandsOf(text)) {
        const script = `optllm() { node ${JSON.stringify(bin)} "$@"; }\n${command}`;
        const done = spawnSync("bash", ["-c", script], { cwd: folder, encoding: "utf8" });
        const printed = done.status === 0 ? done.stdout : done.stdout + done.stderr;
        expect(printed.trimEnd(), command).toBe(output);
        commands++;
      }
    }
    expect(commands).toBeGreaterThan(3);
    rmSync(folder, { recursive: true });
  });
});
