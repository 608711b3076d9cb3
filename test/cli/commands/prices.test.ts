import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run, testFolder } from "../run.js";

const { at } = testFolder("cli-prices");

describe("prices", () => {
  it("lists all, for people and programs", async () => {
    const { code, out } = await run("prices");
    expect(code).toBe(0);
    expect(out).toMatch(/^openai\/gpt-4o +2\.5 +1\.25 +10 +× 0\.5 +2026-09-23$/m);
    const list = JSON.parse((await run("prices", "--json")).out) as { model: string; source: string }[];
    expect(out.trimEnd().split("\n").length).toBe(list.length + 1);
    expect(list.every(({ source }) => source.length > 0)).toBe(true);
  });

  it("explains a price as JSON", async () => {
    const { out } = await run("prices", "gpt-4o@batch", "--input", "1000", "--output", "10", "--json");
    const { price, matched, bill } = JSON.parse(out) as {
      price: object;
      matched: string;
      bill: { total: number; mode: string; lines: object[] };
    };
    expect(price).toMatchObject({ model: "openai/gpt-4o", input: 2.5 });
    expect([matched, bill.mode, bill.lines.length]).toEqual(["gpt-4o", "batch", 2]);
    expect(bill.total).toBeCloseTo(0.0013, 12);
  });

  it("tells what it does not know, and ends with 2", async () => {
    const { code, err, out } = await run("prices", "gpt-44o", "--json");
    expect(code).toBe(2);
    expect(err).toMatch(/^error: no price of model gpt-44o is known; nearest names: gpt-4o/);
    expect(JSON.parse(out)).toMatchObject({ error: { code: "E_INPUT", details: { model: "gpt-44o" } } });
    expect((await run("prices", "gpt-4o", "--prices", at("none.json"))).err).toMatch(
      /none\.json: no such file/,
    );
    expect((await run("prices", "gpt-4o", "--input", "5", "--cached", "6")).code).toBe(2);
    expect((await run("prices", "gpt-4o", "--input", "many")).code).toBe(2);
  });

  it("notes a request longer than the context", async () => {
    const { code, err } = await run("prices", "gpt-4o", "--input", "200000");
    expect([code, err]).toEqual([0, "note: the request is longer than the model's context\n"]);
  });

  it("shows no control characters of a user's file", async () => {
    const models = { "a\u001b[31m": { input: 1, source: "\u001b]0;x", note: "\u0007" } };
    writeFileSync(at("own.json"), JSON.stringify({ asOf: "2026-01-01", source: "s", models }));
    const { out } = await run("prices", "a\u001b[31m", "--prices", at("own.json"));
    expect(out).not.toMatch(/[\u0000-\u0009\u000b-\u001f]/);
  });
});

it("runs the examples of their help, from a workload to batch files", async () => {
  const simulated = "simulate --queries 300 --models 3 --labelled 20% --labels sample.jsonl -o work.jsonl";
  const lines = [simulated];
  for (const command of ["prices", "export"]) {
    const { out } = await run(command, "--help");
    lines.push(...[...out.matchAll(/^ {2}\$ optllm (.*)$/gm)].map(([, line]) => line));
  }
  expect(lines.length).toBe(4);
  // Batch files are written for models that a vendor serves.
  const serve = (text: string): string =>
    text.replaceAll("model-02", "claude-haiku-4-5").replaceAll("model-03", "gpt-4o");
  for (const line of lines) {
    const argv = line.split(" ").map((word) => (/\.jsonl$|^batches$/.test(word) ? at(`help-${word}`) : word));
    const { code, err } = await run(...argv, "-q");
    expect([line, code, err]).toEqual([line, 0, ""]);
    if (line !== simulated) continue;
    for (const name of ["help-sample.jsonl", "help-work.jsonl"])
      writeFileSync(at(name), serve(readFileSync(at(name), "utf8")));
  }
  const manifest = JSON.parse(readFileSync(at("help-batches/manifest.json"), "utf8")) as {
    requests: number;
    expectedCost: number;
  };
  expect(manifest.requests).toBe(240);
  expect(manifest.expectedCost).toBeLessThanOrEqual(5);
});
