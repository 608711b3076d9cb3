// Times whole scenarios from 10² to 10⁷ queries, ours beside other solvers': see bench/README.md.
import { mkdirSync, writeFileSync } from "node:fs";
import { Pool } from "../src/pool/pool.js";
import { simulateProblem } from "../src/simulate/simulate.js";
import type { Problem } from "../src/types.js";
import { PEERS } from "./peers/index.js";
import { environment, tableOf } from "./report.js";
import { note, rows } from "./rows.js";
import { runPeer } from "./runPeer.js";
import { allocate } from "./scenarios/allocate.js";
import { budget } from "./scenarios/budget.js";
import { choose } from "./scenarios/choose.js";
import { buckets, full } from "./scenarios/fronts.js";
import { relaxed } from "./scenarios/relaxed.js";
import { isWantedOf, type Threads } from "./scenarios/scenario.js";
import { OURS, workloadOf } from "./scenarios/workload.js";
import { limitMs, MODELS, SEED, sizes } from "./settings.js";

/** Each group is run with one thread and then with two. */
const GROUPS = [[buckets], [full], [choose, allocate, budget]];
/** What a peer computes. */
const SCENARIO_OF_PEER = { front: full, integer: budget, relaxed };

async function runOurs(
  queries: number,
  problem: Problem & { cost: Float32Array },
  pool: Pool,
): Promise<void> {
  const work = await workloadOf(queries, problem);
  const threads: Threads[] = [
    { count: 1, pool: undefined },
    { count: 2, pool },
  ];
  for (const group of GROUPS)
    for (const some of threads)
      for (const scenario of group) if (isWantedOf(scenario, OURS)) await scenario.run?.(work, some);
}

const started = performance.now();
const where = environment();
const pool = new Pool({ threads: 2 });
const stillIn = new Set(Object.keys(PEERS));
for (const queries of sizes) {
  const problem = simulateProblem({ queries, models: MODELS, seed: SEED });
  await runOurs(queries, problem, pool);
  for (const [key, peer] of Object.entries(PEERS)) {
    const scenario = SCENARIO_OF_PEER[peer.answers];
    if (!stillIn.has(key) || !isWantedOf(scenario, peer.name)) continue;
    if (!(await runPeer(scenario, key, queries, problem))) stillIn.delete(key);
  }
}
await pool.close();

const report = {
  ...where,
  timeLimitMs: limitMs,
  totalSeconds: Math.round((performance.now() - started) / 1000),
  rows,
};
mkdirSync("out", { recursive: true });
writeFileSync("out/bench.json", `${JSON.stringify(report, null, 1)}\n`);
console.log(
  `${where.cpu}, ${where.cores} cores, ${where.machine}, Node ${where.node}, ${where.date.slice(0, 10)}\n` +
    `load average ${where.loadAverage} at the start, commit ${where.gitCommit}, ` +
    `solve.wasm ${where.wasmSha256.slice(0, 16)}\n\n` +
    `A row is one solver on one simulated problem of ${MODELS} models, seed ${SEED}; peers stop at the first size\n` +
    `that they do not solve in ${limitMs / 1000} s. Times are milliseconds. Answers were compared before times were\n` +
    `kept. gap: expected accuracy (0 … 1) below the proven bound. hypervolume: 1 is the ideal.\n${tableOf(rows)}`,
);
note(`\n${report.totalSeconds} s; written to out/bench.json`);
if (rows.some(({ status }) => status === "disagrees")) {
  note("an answer of ours and a peer's or another thread count's contradict each other: see the rows");
  process.exitCode = 1;
}
