// What one decision takes, scoring apart; see README.md.
import { best, writeValues } from "../src/online/decide.js";
import { openJournal } from "../src/online/ledger/journal.js";
import { createRouter } from "../src/online/router.js";
import type { RouterOptions } from "../src/online/options.js";
import { Random } from "../src/random.js";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const MODELS = 12;
const ROWS = 4_096;
const names = Array.from({ length: MODELS }, (_, m) => `model-${m}`);
const random = new Random(1);
const probability = Float64Array.from({ length: ROWS * MODELS }, () => random.uniform());
const cost = Float64Array.from({ length: ROWS * MODELS }, () => random.uniform() / 100);

/** Microseconds of one call: the least of nine runs. */
function microseconds(calls: number, call: (k: number) => void): string {
  const times = Array.from({ length: 9 }, () => {
    const start = process.hrtime.bigint();
    for (let k = 0; k < calls; k++) call(k);
    return Number(process.hrtime.bigint() - start) / 1000 / calls;
  });
  return Math.min(...times)
    .toFixed(2)
    .padStart(6);
}

const rows = Array.from({ length: ROWS }, (_, q) => ({
  probability: probability.subarray(q * MODELS, (q + 1) * MODELS),
  cost: cost.subarray(q * MODELS, (q + 1) * MODELS),
  factor: new Float64Array(MODELS).fill(1.1),
  saved: new Float64Array(MODELS),
}));
const value = new Float64Array(MODELS);
const open = new Uint8Array(MODELS).fill(1);
console.log(`one decision among ${MODELS} models, in µs, scoring apart`);
const decision = microseconds(200_000, (k) => {
  writeValues(value, rows[k % ROWS], 40);
  best(value, rows[k % ROWS], open);
});
console.log(`  ${decision}  the largest p − λ·κ·c`);

let at = 0;
const base: RouterOptions = {
  scorer: {
    models: names,
    digest: "0".repeat(64),
    score: (_, out) => (out!.set(rows[at % ROWS].probability), out!),
    costs: (_, __, out) => (out!.set(rows[at++ % ROWS].cost), out!),
    promptTokens: () => 100,
  },
  models: Object.fromEntries(names.map((name) => [name, { price: { input: 1, output: 5 } }])),
};
const request = { text: "", maxTokens: 500 };

function routeAndSettle(options: Partial<RouterOptions>): string {
  const router = createRouter({ ...base, ...options });
  return microseconds(50_000, () => {
    const decision = router.route(request);
    if (decision.status === "routed") router.settle(decision, { cost: 0.001, outputTokens: 200 });
  });
}

const budget = { dollars: 1e6, period: "month" as const };
console.log(`  ${routeAndSettle({ lambda: 40 })}  route and settle, λ given`);
console.log(`  ${routeAndSettle({ budget })}  route and settle under a monthly budget, in memory`);
const folder = mkdtempSync(join(tmpdir(), "optllm-route-"));
const ledger = openJournal(join(folder, "journal"));
console.log(`  ${routeAndSettle({ budget, ledger })}  the same with a journal`);
await ledger.close();
rmSync(folder, { recursive: true });

const router = createRouter({ ...base, budget });
const before = memory();
for (let k = 0; k < 1_000_000; k++) {
  const decision = router.route(request);
  if (decision.status === "routed") router.settle(decision, { cost: 0.0001, outputTokens: 200 });
}
console.log(`  a million routes: heap ${before} → ${memory()} MiB`);

function memory(): string {
  (globalThis as { gc?: () => void }).gc?.();
  return (process.memoryUsage().heapUsed / 2 ** 20).toFixed(1);
}
