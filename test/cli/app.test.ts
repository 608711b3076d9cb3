import { spawn } from "node:child_process";
import { readdirSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { isLong } from "../runs.js";
import { quickPredictor, run, testFolder } from "./run.js";

const bin = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const { folder, at } = testFolder("app");

describe("the program", () => {
  it("gives every command a help with an example", async () => {
    for (const command of ["solve", "front", "backtest", "simulate", "bench"]) {
      const { code, out } = await run(command, "--help");
      expect(code).toBe(0);
      expect(out).toMatch(/Example:\n {2}\$ optllm/);
    }
  });

  it("runs every example of its help, of fewer queries and models", async () => {
    for (const command of ["solve", "front", "backtest", "simulate", "bench"]) {
      const { out } = await run(command, "--help");
      const lines = [...out.matchAll(/^ {2}\$ optllm (.*)$/gm)].map(([, line]) => line);
      expect(lines.length).toBeGreaterThan(0);
      for (const [k, line] of lines.entries()) {
        const argv = line
          .replace(/--queries \d+/, "--queries 200")
          .replace(/--models \d+/, (given) => (isLong ? given : "--models 3"))
          .split(" ")
          .map((word) => (/\.(jsonl|csv)$/.test(word) ? at(`help-${word}`) : word));
        // The first of each command is fitted as it stands.
        const quick = k === 0 ? [] : quickPredictor(argv);
        const { code, err } = await run(...argv, ...quick, "-q");
        expect([line, code, err]).toEqual([line, 0, ""]);
      }
    }
  });

  it.each([["constructor"], ["toString"], ["nope"]])("refuses the unknown command %s", async (command) => {
    const { code, err } = await run(command);
    expect(code).toBe(2);
    expect(err).toMatch(/unknown command/);
  });

  it("stops on Ctrl-C with exit code 130 and leaves no half file", async () => {
    const target = at("cut");
    const before = readdirSync(folder);
    const child = spawn("node", [
      bin,
      "simulate",
      "--queries",
      "5000000",
      "--models",
      "20",
      "-o",
      `${target}.jsonl`,
    ]);
    // Wait until it writes: its temporary file shows.
    while (readdirSync(folder).length === before.length) await new Promise((wake) => setTimeout(wake, 20));
    child.kill("SIGINT");
    const code = await new Promise((done) => child.on("exit", done));
    expect(code).toBe(130);
    expect(readdirSync(folder)).toEqual(before);
  });
});
