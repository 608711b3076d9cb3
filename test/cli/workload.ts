import { readFileSync } from "node:fs";
import { beforeAll } from "vitest";
import { run, testFolder } from "./run.js";

/**
 * A folder with a simulated workload of 600 queries and 5 models: `work.jsonl` (480 rows without scores), `sample.jsonl`
 * (120 labelled rows), `labelled.csv` (all rows labelled), and, if wanted, `fitted.optllm`, fitted to the sample once.
 */
export function workloadFolder(name: string, { fitted = false } = {}) {
  const { folder, at } = testFolder(name);
  beforeAll(async () => {
    const sizes = ["--queries", "600", "--models", "5", "--seed", "3"];
    const labels = ["--labels", at("sample.jsonl"), "--labelled", "20%"];
    await run("simulate", ...sizes, ...labels, "-o", at("work.jsonl"));
    await run("simulate", ...sizes, "-o", at("labelled.csv"));
    if (!fitted) return;
    const method = ["--predictor", "logistic"];
    await run("fit", at("sample.jsonl"), "--work", at("work.jsonl"), ...method, "-o", at("fitted.optllm"));
  });
  const readLines = (file: string) => readFileSync(at(file), "utf8").trimEnd().split("\n");
  const readRows = (file: string) =>
    readLines(file).map((line) => JSON.parse(line) as Record<string, unknown>);
  return { folder, at, readLines, readRows, fitted: ["--predictor-file", at("fitted.optllm")] };
}
