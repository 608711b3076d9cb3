// Plans under constraints on one thread and on some, in turns: `node dist/bench/constraints/threads.js QUERIES SETS THREADS`.
import { sharedArrays } from "../../src/memory.js";
import { Pool } from "../../src/pool/pool.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import { scenario, sizeOf, type SetName } from "./scenario.js";
import { workload } from "./workload.js";

const [queries, sets, threads] = [
  Number(process.argv[2] ?? 1_000_000),
  process.argv[3] ?? "acd",
  Number(process.argv[4] ?? 2),
];
const TURNS = 9;

const median = (values: number[]): number => values.sort((a, b) => a - b)[values.length >> 1];

// Threads are running and matrices shared, as where many plans are made.
const pool = new Pool({ threads });
for (const set of sets as Iterable<SetName>) {
  const made = workload(sizeOf(set, queries), 0, 1);
  const { cost, successProbability, columns } = made;
  const work = { ...made, ...sharedArrays({ cost, successProbability }), columns: sharedArrays(columns) };
  const { budget, constraints } = await scenario(work, set, 0, pool);
  const seconds = { one: [] as number[], some: [] as number[] };
  for (let turn = 0; turn < TURNS; turn++) {
    const bytes: Buffer[] = [];
    for (const [key, on] of [
      ["one", undefined],
      ["some", pool],
    ] as const) {
      const start = performance.now();
      const { allocation } = await chooseUnder(work, constraints, { budget }, { pool: on });
      seconds[key].push((performance.now() - start) / 1000);
      bytes.push(Buffer.from(allocation));
    }
    if (!bytes[0].equals(bytes[1])) throw new Error("the threads gave another allocation");
  }
  const [one, some] = [median(seconds.one), median(seconds.some)];
  const range = (sorted: number[]): string => `${sorted[0].toFixed(3)} to ${sorted[TURNS - 1].toFixed(3)}`;
  console.log(
    `${queries} set ${set}: one thread ${one.toFixed(3)} s (${range(seconds.one)}), ${threads} threads ${some.toFixed(3)} s (${range(seconds.some)}), ${(some / one).toFixed(3)} of one`,
  );
}
await pool.close();
