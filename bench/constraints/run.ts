// Plans under constraints, in units of a front pass of the same run: `node dist/bench/constraints/run.js QUERIES KIND SETS`.
import { sumHulls } from "../../src/core/solve/buckets.js";
import { Pool } from "../../src/pool/pool.js";
import { sharedCore, wasmMemoryBytes } from "../../src/pool/cores.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import { scenario, sizeOf, type SetName } from "./scenario.js";
import { workload, type Kind } from "./workload.js";

const [queries, kind, sets, threads] = [
  Number(process.argv[2] ?? 100_000),
  Number(process.argv[3] ?? 0) as Kind,
  process.argv[4] ?? "abcd",
  Number(process.argv[5] ?? 1),
];

/** CPU milliseconds of this process. */
const cpu = (): number => {
  const { user, system } = process.cpuUsage();
  return (user + system) / 1000;
};

async function timed<T>(run: () => Promise<T> | T): Promise<{ result: T; ms: number; wall: number }> {
  const [from, start] = [cpu(), performance.now()];
  const result = await run();
  return { result, ms: cpu() - from, wall: performance.now() - start };
}

/** Bytes of JavaScript's heap and buffers, without the WebAssembly core. */
const memory = (): number => {
  const { heapUsed, arrayBuffers } = process.memoryUsage();
  return heapUsed + arrayBuffers;
};

/** The most bytes beyond those at the start that a run had, as often as it let others run. */
async function peakOf<T>(run: () => Promise<T>): Promise<{ found: T; bytes: number }> {
  const start = memory();
  let most = start;
  const timer = setInterval(() => (most = Math.max(most, memory())), 2);
  try {
    return { found: await run(), bytes: Math.max(most, memory()) - start };
  } finally {
    clearInterval(timer);
  }
}

const pool = threads > 1 ? new Pool({ threads }) : undefined;
for (const set of sets as Iterable<SetName>) {
  const work = workload(sizeOf(set, queries), kind, 1);
  const matrices = { models: 12, cost: work.cost, successProbability: work.successProbability };
  const passes: number[] = [];
  for (let i = 0; i < 5; i++)
    passes.push((await timed(() => sumHulls(sharedCore(), matrices, 0, queries))).ms);
  const pass = passes.sort((a, b) => a - b)[2];
  const { budget, constraints } = await scenario(work, set, kind, pool);
  const { result, ms, wall } = await timed(() => chooseUnder(work, constraints, { budget }, { pool }));
  const { bytes } = await peakOf(() => chooseUnder(work, constraints, { budget }, { pool }));
  const head = `${queries} kind ${kind} set ${set}, ${constraints.length + 1} limits: ${result.status}`;
  const time = `${ms.toFixed(0)} ms CPU, ${wall.toFixed(0)} ms, pass ${pass.toFixed(1)} ms: ${(ms / pass).toFixed(1)} passes, wasm ${(wasmMemoryBytes() / 2 ** 20).toFixed(0)} MiB, beyond it and the matrices ${(bytes / 2 ** 20).toFixed(0)} MiB`;
  if (result.status !== "chosen") console.log(`${head}; ${time}`);
  else {
    const { gap, bound, limits, expectedAccuracy } = result;
    const binding = limits.filter(({ binds }) => binds).length;
    const least = Math.min(...limits.map(({ slack }) => slack));
    console.log(
      `${head}, ${binding} bind; accuracy ${expectedAccuracy.toFixed(6)}, gap ${(gap * queries).toFixed(3)} queries, relative ${(gap / bound).toExponential(1)}, least slack ${least.toExponential(1)}; ${time}`,
    );
  }
}
await pool?.close();
