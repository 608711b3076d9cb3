// The cost of an infeasible verdict alone, and with its conflict and nearest plan, in front passes: `node dist/bench/constraints/infeasible.js QUERIES`.
import { sumHulls } from "../../src/core/solve/buckets.js";
import { loadConstraints } from "../../src/core/solve/constraints/module.js";
import { sharedCore } from "../../src/pool/cores.js";
import { inline } from "../../src/pool/runner.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import { compile, understand } from "../../src/solve/constraints/compile.js";
import type { Constraint } from "../../src/solve/constraints/constraint.js";
import { findPrices } from "../../src/solve/constraints/prices.js";
import { budgetRow } from "../../src/solve/constraints/targets.js";
import { midBudget } from "./scenario.js";
import { workload } from "./workload.js";

const queries = Number(process.argv[2] ?? 100_000);
const work = workload({ queries, tasks: 4, tenants: 5 }, 0, 1);
const matrices = { models: 12, cost: work.cost, successProbability: work.successProbability };
const cpu = (): number => process.cpuUsage().user / 1000;
const passes = Array.from({ length: 5 }, () => {
  const from = cpu();
  sumHulls(sharedCore(), matrices, 0, queries);
  return cpu() - from;
}).sort((a, b) => a - b);
const cases: Record<string, Constraint[]> = {
  "caps that sum to 95 %": work.models.map((name) => ({
    models: [name],
    atMost: Math.floor((0.95 * queries) / 12),
  })),
  "40 % to the dearest model": [{ models: ["m11"], as: "share", atLeast: 0.4 }],
  "50 floors and caps that conflict": [
    ...work.models.flatMap((name, m) => [
      { models: [name], atMost: Math.floor(((m % 3 === 0 ? 0.9 : 1.2) * queries) / 12) },
      { models: [name], atLeast: Math.floor((0.91 * queries) / 12) },
    ]),
    ...[0, 1, 2, 3, 4].flatMap((id) => [
      { measure: "accuracy" as const, group: { column: "tenant", ids: [id] }, atLeast: 0.5 },
      { measure: "cost" as const, group: { column: "tenant", ids: [id] }, atMost: queries },
      { as: "share" as const, models: ["m0"], group: { column: "tenant", ids: [id] }, atMost: 0.9 },
      { as: "share" as const, models: ["m1"], group: { column: "tenant", ids: [id] }, atMost: 0.9 },
      { as: "share" as const, models: ["m2"], group: { column: "tenant", ids: [id] }, atMost: 0.9 },
    ]),
  ],
  "a floor beyond a tenant's budget": [
    { measure: "cost", group: { column: "tenant", ids: [1] }, atMost: 1e-5 * queries },
    { measure: "accuracy", group: { column: "tenant", ids: [1] }, atLeast: 0.95 },
  ],
};
const budget = midBudget(work);
await loadConstraints();
for (const [name, constraints] of Object.entries(cases)) {
  const before = cpu();
  const understood = await understand(work, constraints);
  const compiled = compile(understood, { gain: 1, cost: 0 }, budgetRow(understood, budget));
  const { all: queries, weight } = compiled;
  const verdict = await findPrices({
    compiled,
    queries,
    weight,
    ridge: 0,
    runner: inline,
    isThreaded: false,
  });
  const alone = cpu() - before;
  const from = cpu();
  const choice = await chooseUnder(work, constraints, { budget }, { steps: 400 });
  const status =
    choice.status === "infeasible"
      ? `infeasible: ${choice.conflict.map(({ name, by }) => `${name} (${by})`).join("; ")}`
      : choice.status;
  const ms = cpu() - from;
  console.log(
    `${name}: ${verdict.status} after ${(alone / passes[2]).toFixed(1)} passes, ${verdict.evaluations} evaluations`,
  );
  console.log(`${name}: all ${(ms / passes[2]).toFixed(1)} passes, ${ms.toFixed(0)} ms CPU, ${status}`);
}
