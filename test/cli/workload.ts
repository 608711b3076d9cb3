import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll } from "vitest";
import { stored } from "../stored.js";
import { run, testFolder } from "./run.js";

/**
 * A folder with a simulated workload of 600 queries and 5 models: `work.jsonl` (480 rows without scores), `sample.jsonl`
 * (120 labelled rows), `labelled.csv` (all rows labelled), and, if wanted, `fitted.optllm`, fitted to the sample. They are made
 * once for all test files.
 */
export function workloadFolder(name: string, { fitted = false } = {}) {
  const { folder, at } = testFolder(name);
  beforeAll(async () => {
    cpSync(await stored("workload", simulateFiles), folder, { recursive: true });
    if (fitted) cpSync(await stored("workload-fitted", fitFile), folder, { recursive: true });
  });
  const readLines = (file: string) => readFileSync(at(file), "utf8").trimEnd().split("\n");
  const readRows = (file: string) =>
    readLines(file).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { folder, at, readLines, readRows, fitted: ["--predictor-file", at("fitted.optllm")] };
}

async function simulateFiles(folder: string): Promise<void> {
  const sizes = ["--queries", "600", "--models", "5", "--seed", "3"];
  const labels = ["--labels", join(folder, "sample.jsonl"), "--labelled", "20%"];
  await run("simulate", ...sizes, ...labels, "-o", join(folder, "work.jsonl"));
  await run("simulate", ...sizes, "-o", join(folder, "labelled.csv"));
}

async function fitFile(folder: string): Promise<void> {
  const rows = await stored("workload", simulateFiles);
  const files = [join(rows, "sample.jsonl"), "--work", join(rows, "work.jsonl")];
  await run("fit", ...files, "--predictor", "logistic", "-o", join(folder, "fitted.optllm"));
}
