import { spawn } from "node:child_process";
import { existsSync, readdirSync, statSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import { testFolder } from "./run.js";

const bin = fileURLToPath(new URL("../../dist/src/cli/bin.js", import.meta.url));
const { folder, at } = testFolder("streams");

/** Runs a shell command in which OPTLLM is the program; what it printed and its exit code. */
async function shell(command: string) {
  const child = spawn("bash", ["-c", command], {
    env: { ...process.env, OPTLLM: `${process.execPath} ${bin}` },
  });
  const text = { out: "", err: "" };
  child.stdout.on("data", (chunk) => (text.out += chunk));
  child.stderr.on("data", (chunk) => (text.err += chunk));
  const code = await new Promise((done) => child.on("close", done));
  return { code, ...text };
}

describe("standard output that is full", () => {
  const isThere = existsSync("/dev/full");

  it.runIf(isThere).each([
    ["rows", "simulate --queries 500 --models 3 -q"],
    ["a table", "prices"],
    ["JSON", `simulate --queries 500 --models 3 -q --json -o ${at("rows.jsonl")}`],
  ])("of %s is one line and exit code 74", async (_, argv) => {
    const { code, err } = await shell(`$OPTLLM ${argv} >/dev/full`);
    expect([code, err]).toEqual([74, "error: stdout cannot be written: the disk is full (ENOSPC)\n"]);
  });
});

describe.runIf(process.platform === "linux")("too little address space for another core", () => {
  const rows = Array.from({ length: 60 }, (_, k) => `${k},question ${k},${k % 2},0.1,1,0.2\n`);
  writeFileSync(at("few.csv"), `id,query,a__score,a__cost,b__score,b__cost\n${rows.join("")}`);

  it.each([
    ["solving", "bench --queries 1000 --models 3 --threads 2"],
    ["fitting on threads", `fit ${at("few.csv")} --predictor knn --threads 2 -o ${at("few.optllm")}`],
  ])("is one line in %s", async (_, argv) => {
    const { code, out, err } = await shell(`ulimit -v 12000000; $OPTLLM ${argv} -q`);
    if (code !== 0)
      expect([code, out, err]).toEqual([70, "", expect.stringMatching(/^error: .* address space .*\n$/)]);
  });
});

it("completes the work when standard error is closed", async () => {
  const { code } = await shell(
    `$OPTLLM simulate --queries 3000 --models 3 -o ${at("all.jsonl")} 2>&1 >/dev/null | head -c 5`,
  );
  expect(code).toBe(0);
  expect(statSync(at("all.jsonl")).size).toBeGreaterThan(100_000);
});

it("removes temporary files on SIGHUP", async () => {
  const before = readdirSync(folder);
  const child = spawn(process.execPath, [
    bin,
    ..."simulate --queries 5000000 --models 20 -o".split(" "),
    at("cut.jsonl"),
  ]);
  while (readdirSync(folder).length === before.length) await new Promise((wake) => setTimeout(wake, 20));
  child.kill("SIGHUP");
  expect(await new Promise((done) => child.on("exit", done))).toBe(130);
  expect(readdirSync(folder)).toEqual(before);
});

it("shows a value of megabytes shortened, on one line, without controls", async () => {
  const role = `\u009b31m\u202e${"r".repeat(3_000_000)}\n`;
  const body = { messages: [{ role, content: "x" }], [`\u001b[2J${"k".repeat(1e6)}`]: 1 };
  writeFileSync(at("work.jsonl"), `${JSON.stringify({ custom_id: "a", body })}\n`);
  writeFileSync(at("plan.jsonl"), `${JSON.stringify({ id: "a", model: "claude-opus-4-1" })}\n`);
  const command = `$OPTLLM export --allocation ${at("plan.jsonl")} --work ${at("work.jsonl")} --to batch -q -o ${at("out")}`;
  const { code, err } = await shell(command);
  expect(code).toBe(2);
  expect(err.length).toBeLessThan(600);
  expect(err).toMatch(
    /^error: [^\n\p{Cc}\p{Cf}]*a message of role \\u009b31m\\u202er+…[^\n\p{Cc}\p{Cf}]*\n$/u,
  );
});
