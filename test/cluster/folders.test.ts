import { copyFileSync, mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { run } from "../cli/run.js";
import { recordedOf, scoresOf, testFolder } from "./made.js";

const at = testFolder("folders");
const ROWS = 120;
const rowOf = (q: number): object => ({ id: `q${q}`, query: `Question ${q} ${"this ".repeat(q % 7)}` });
const jsonl = (from: number, to: number): string =>
  Array.from({ length: to - from }, (_, q) => `${JSON.stringify({ ...rowOf(from + q), ...recordedOf(from + q) })}\n`).join(""); // prettier-ignore

beforeAll(async () => {
  const sample = Array.from({ length: 60 }, (_, q) => ({
    ...rowOf(q),
    ...recordedOf(q),
    ...scoresOf(q),
  }));
  writeFileSync(at("sample.jsonl"), sample.map((row) => `${JSON.stringify(row)}\n`).join(""));
  const fit = await run("fit", at("sample.jsonl"), "--predictor", "base-rate", "-o", at("p.optllm"), "-q");
  expect([fit.code, fit.err]).toEqual([0, ""]);
  for (const folder of ["nested/b/c", "hive/day=mon", "hive/day=tue", "empty"])
    mkdirSync(at(folder), { recursive: true });
  writeFileSync(at("nested/a.jsonl"), jsonl(0, 50));
  writeFileSync(at("nested/b/c/0.jsonl"), jsonl(50, 70));
  writeFileSync(at("nested/b/1.jsonl"), jsonl(70, ROWS));
  writeFileSync(at("hive/day=mon/0.jsonl"), jsonl(0, 50));
  writeFileSync(at("hive/day=tue/0.jsonl"), jsonl(50, ROWS));
});

const options = ["--threads", "1", "-q"];

/** A plan in parts of a folder has the bytes that `optllm solve` gives of it. */
async function isSame(folder: string, title: string, ...given: string[]): Promise<void> {
  const source = ["--predictor-file", at("p.optllm"), ...options, ...given];
  const one = await run("solve", at(folder), ...source, "-o", at(`${title}.jsonl`));
  expect([one.code, one.err]).toEqual([0, ""]);
  const parts = await run("cluster", "plan", at(folder), ...source, "-o", at(title));
  expect([parts.code, parts.err]).toEqual([0, ""]);
  const emitted = readdirSync(at(title, "allocation")).map((part) =>
    readFileSync(at(title, "allocation", part), "utf8"),
  );
  expect(emitted.join("")).toBe(readFileSync(at(`${title}.jsonl`), "utf8"));
}

it("files in folders of a folder are read", () => isSame("nested", "nested-run", "--budget", "0.2"));

it("columns that the names of folders give can be asked for", async () => {
  await isSame("hive", "hive-where", "--budget", "0.1", "--where", "day=tue");
  await isSame("hive", "hive-floor", "--budget", "0.5", "--group-floor", "day=mon: 60%");
  await createRun(at("hive-cut"), {
    inputs: [at("hive")],
    predictorFile: at("p.optllm"),
    target: { budget: 0.1 },
    where: [{ column: "day", operator: "=", value: "tue" }],
    pieceBytes: 2_000,
  });
  const { parts } = await finishRun(at("hive-cut"), inline);
  expect(parts.length).toBeGreaterThan(4);
  const text = parts.map(({ file }) => readFileSync(at("hive-cut", file), "utf8")).join("");
  expect(text).toBe(readFileSync(at("hive-where.jsonl"), "utf8"));
});

it("an empty file among others has no rows", async () => {
  writeFileSync(at("empty/0.jsonl"), "");
  copyFileSync(at("nested/a.jsonl"), at("empty/1.jsonl"));
  writeFileSync(at("empty/2.jsonl"), "");
  await isSame("empty", "empty-run", "--budget", "0.1");
});

it("inputs without any row, and a run's folder inside an input, are refused", async () => {
  mkdirSync(at("blank"));
  writeFileSync(at("blank/0.csv"), "id,query\n");
  const plan = (output: string) =>
    run("cluster", "plan", at("blank"), "--predictor-file", at("p.optllm"), "--knee", ...options, "-o", output); // prettier-ignore
  expect((await plan(at("blank-run"))).err).toMatch(/the inputs have no rows/);
  expect((await plan(at("blank", "run"))).err).toMatch(/is inside the input/);
});
