import { mkdtempSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { DecisionRecord, LogRecord } from "../../../src/online/log/record.js";

/** The path of a log in a folder of its own, which is empty. */
export function freshPath(): string {
  return join(mkdtempSync(join(tmpdir(), "optllm-log-")), "decisions.jsonl");
}

/** A decision between two models, the second without a known cost. */
export function decisionOf(id: string, more: Partial<DecisionRecord> = {}): DecisionRecord {
  return {
    type: "decision",
    id,
    time: 1_700_000_000_000,
    policy: "p",
    predictor: "q",
    lambda: 3,
    models: ["a", "b"],
    probability: [0.5, 0.75],
    cost: [0.001, null],
    propensity: [1, null],
    model: "a",
    reason: "value",
    ...more,
  };
}

/** Writes records, or lines as they are, as a log. */
export function writeLog(path: string, records: readonly (LogRecord | string)[]): void {
  const lines = records.map((record) => (typeof record === "string" ? record : JSON.stringify(record)));
  writeFileSync(path, ['{"optllm":"decision log","version":1}', ...lines, ""].join("\n"));
}
