import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { openJournal } from "../../src/online/ledger/journal.js";
import type { LogRecord } from "../../src/online/log/record.js";
import { createRouter } from "../../src/online/router.js";
import { testFolder } from "../cli/run.js";
import { modelsOf, scoresOf } from "./scores.js";

const { folder } = testFolder("advise");
const START = Date.UTC(2026, 10, 2);
const budget = { dollars: 0.05, period: "month", isPaced: false } as const;

it("decides as route does at the same budget, and writes, holds and spends nothing", async () => {
  const path = join(folder, "accounts.journal");
  const ledger = openJournal(path);
  const records: LogRecord[] = [];
  const log = { write: (record: LogRecord) => void records.push(record) };
  const common = {
    scorer: scoresOf(),
    models: modelsOf(3),
    now: () => START,
    budget,
    lambda: 500,
    explore: 0.2,
  };
  const advising = createRouter({ ...common, ledger, log });
  const routing = createRouter(common);
  const before = readFileSync(path, "utf8");
  for (let q = 0; q < 200; q++) {
    const request = { text: String(q), maxTokens: 300 };
    const advised = advising.advise(request);
    const routed = routing.route(request);
    if (advised.status === "refused" || routed.status === "refused") throw new Error("refused");
    routing.cancel(routed);
    // What a decision is called begins with its router's own name.
    expect({ ...advised, id: "" }).toEqual({ ...routed, id: "" });
    expect(advising.settle(advised, { cost: 1 })).toBe(false);
    expect(advising.cancel(advised)).toBe(false);
    expect(advising.feedback(advised, 1)).toBe(true);
    routing.feedback(routed, 1);
  }
  expect(readFileSync(path, "utf8")).toBe(before);
  expect(advising.status()[0]).toMatchObject({ spent: 0, reserved: 0 });
  const kinds = records.map(({ type }) => type);
  for (const type of ["decision", "settlement", "feedback"])
    expect(kinds.filter((kind) => kind === type)).toHaveLength(200);
  // Its ids and those of decisions that are paid for do not meet.
  const paid = advising.route({ text: "1", maxTokens: 300 });
  if (paid.status === "refused") throw new Error("refused");
  expect(records.filter((record) => record.type === "decision" && record.id === paid.id)).toHaveLength(1);
  advising.settle(paid, { cost: 0.001 });
  await ledger.close();
  const reopened = openJournal(path);
  const after = createRouter({ ...common, ledger: reopened });
  expect(after.status()[0].spent).toBe(0.001);
  await reopened.close();
});
