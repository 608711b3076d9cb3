import { cpSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { quickPredictor, run, testFolder } from "../cli/run.js";
import { root } from "./pages.js";

const { folder, at } = testFolder("help");

// The other commands' examples run in test/cli.
it("runs the examples in the help of fit, predict, import and labels", async () => {
  cpSync(join(root, "examples/data/labelled.csv"), at("sample.jsonl"));
  cpSync(join(root, "examples/data/work.jsonl"), at("work.jsonl"));
  const labelled = readFileSync(at("sample.jsonl"), "utf8");
  writeFileSync(at("new-models.jsonl"), labelled.replaceAll(/(small|medium|large)__/g, "$1-2__"));
  cpSync(join(root, "test/rows/fixtures/promptfoo/results.json"), at("results.json"));
  cpSync(join(root, "test/rows/fixtures/lm-eval"), at("lm-eval-output"), { recursive: true });
  const batch = join(root, "test/rows/fixtures/batch");
  for (const [from, to] of [
    ["scores.csv", "scores.csv"],
    ["requests.jsonl", "requests.jsonl"],
    ["mini-output.jsonl", "out-1.jsonl"],
    ["large-output.jsonl", "out-2.jsonl"],
  ]) {
    cpSync(join(batch, from), at(to));
  }
  const before = process.cwd();
  process.chdir(folder);
  try {
    for (const command of ["fit", "predict", "import", "labels"]) {
      const { out } = await run(command, "--help");
      const lines = [...out.matchAll(/^ {2}\$ optllm (.*)$/gm)].map(([, line]) => line);
      expect(lines.length, command).toBeGreaterThan(0);
      for (const line of lines) {
        const argv = line.split(" ");
        const { code, err } = await run(...argv, ...quickPredictor(argv), "-q");
        expect([line, code, code === 0 ? "" : err]).toEqual([line, 0, ""]);
      }
    }
  } finally {
    process.chdir(before);
  }
});
