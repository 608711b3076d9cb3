import { readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { run, testFolder } from "./run.js";

const { at } = testFolder("scores");

beforeAll(() => {
  const rows = Array.from({ length: 48 }, (_, i) => i).flatMap((i) =>
    ["a", "b"].map((model, m) => {
      const hits = (i + m) % 3 > 0;
      return {
        ...{ query: `Question ${i}`, model, cost: 0.01 * (m + 1) },
        ...{ score: hits ? 0.75 : 0.5, passed: hits, grade: hits ? 4 : 2 },
      };
    }),
  );
  writeFileSync(at("rows.jsonl"), rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

const labels = async (...options: string[]) => {
  const { out, err, code } = await run("import", at("rows.jsonl"), "-o", at("labelled.jsonl"), ...options);
  expect(out).toBe("");
  const scores = readFileSync(at("labelled.jsonl"), "utf8")
    .trim()
    .split("\n")
    .map((line) => (JSON.parse(line) as Record<string, number>).a__score);
  return { scores: scores.slice(0, 3), err, code };
};

describe("the options that choose the score", () => {
  it.each<[string[], number[], string]>([
    [[], [0.5, 0.75, 0.75], "score: metric score (0 … 1); others: passed"],
    [["--pass"], [0, 1, 1], "score: metric passed (0 … 1); others: score"],
    [["--metric", "passed"], [0, 1, 1], "score: metric passed (0 … 1); others: score"],
    [["--metric", "grade", "--scale", "0..4"], [0.5, 1, 1], "score: metric grade (0 … 4)"],
    [["--metric", "score", "--scale", "0.5..1"], [0, 0.5, 0.5], "score: metric score (0.5 … 1)"],
  ])("of import: %s", async (options, scores, note) => {
    const found = await labels(...options);
    expect(found).toMatchObject({ code: 0, scores });
    expect(found.err).toContain(note);
  });

  it("are in all commands that read labelled rows, and their choice is a note", async () => {
    const choice = ["--metric", "grade", "--scale", "0..4", "--predictor", "base-rate"];
    const note = "score: metric grade (0 … 4); others: score, passed";
    const all = [
      ["fit", at("rows.jsonl"), "-o", at("p.optllm")],
      ["backtest", at("rows.jsonl"), "--train", "12", "--validation", "12"],
      ["solve", at("rows.jsonl"), "--labels", at("rows.jsonl"), "--knee", "-o", at("plan.jsonl")],
      ["front", at("rows.jsonl"), "--labels", at("rows.jsonl"), "-o", at("front.csv")],
    ];
    for (const command of all) {
      const { code, err } = await run(...command, ...choice);
      expect(code, err).toBe(0);
      expect(err).toContain(note);
    }
    expect(readFileSync(at("plan.jsonl"), "utf8")).toContain('"model"');
  });

  it.each<[string[], string]>([
    [["--metric", "grades"], "rows.jsonl has no metric grades; it has score, passed"],
    [["--scale", "ten"], "scale ten; expected WORST..BEST, such as 1..10 or 0..100"],
    [["--metric", "grade"], "grade is 2; expected 0 … 1, true or false (another scale: --scale WORST..BEST)"],
    [["--metric", "grade", "--scale", "3..4"], "metric grade has values 2 … 4, outside the scale 3 … 4"],
  ])("are refused with what is accepted: %s", async (options, problem) => {
    const { code, err } = await run("import", at("rows.jsonl"), ...options);
    expect(code).toBe(2);
    expect(err).toContain(problem);
  });

  it("do nothing but scale native rows, which a note says", async () => {
    writeFileSync(at("native.csv"), "query,m__score\nWhy?,3\n");
    const choice = ["--metric", "grade", "--scale", "1..5"];
    const { err } = await run("import", at("native.csv"), ...choice, "-o", at("native.jsonl"));
    expect(readFileSync(at("native.jsonl"), "utf8")).toContain('"m__score":0.5');
    expect(err).toContain(
      "native rows have one score for each model: only the scale of the scores can be chosen",
    );
  });

  it("are not needed for work, whose scores are not read as labels", async () => {
    const graded = '{"task_name":"t","query":"Why?","model_name":"a","performance":3,"cost":0.01}\n';
    writeFileSync(at("work.jsonl"), graded + graded.replace("Why?", "How?"));
    const labels = ["--labels", at("rows.jsonl"), "--models", "a", "--predictor", "base-rate"];
    const { code, err } = await run("solve", at("work.jsonl"), ...labels, "--knee", "-o", at("plan.jsonl"));
    expect(code, err).toBe(0);
  });
});
