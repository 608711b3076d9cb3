// A stream under constraints: passes, time and memory: `node --expose-gc dist/bench/constraints/stream.js QUERIES SETS`.
import { sharedCore, wasmMemoryBytes } from "../../src/pool/cores.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import type { Constraint } from "../../src/solve/constraints/constraint.js";
import type { Block, BlockSource } from "../../src/types.js";
import { scenario, sizeOf, type SetName } from "./scenario.js";
import { workload, type Workload } from "./workload.js";

const [queries, sets] = [Number(process.argv[2] ?? 1_000_000), process.argv[3] ?? "a"];
/** Rows of a block. */
const ROWS = 50_000;

/** Blocks of one workload, whose costs and probabilities vary from block to block; made anew in each pass, in the same memory. */
class Blocks implements BlockSource {
  passes = 0;
  readonly models: string[];

  constructor(private readonly work: Workload) {
    this.models = work.models;
  }

  *blocks(): Generator<Block> {
    this.passes++;
    const { cost, successProbability, columns, groups } = this.work;
    const block = { columns, groups, cost: cost.slice(), successProbability: successProbability.slice() };
    for (let from = 0, k = 1; from < queries; from += ROWS, k++) {
      const dearer = 0.9 + 0.2 * ((k * 0.618033988749895) % 1);
      const better = 0.95 + 0.05 * ((k * 0.414213562373095) % 1);
      for (let o = 0; o < cost.length; o++) {
        block.cost[o] = cost[o] * dearer;
        block.successProbability[o] = successProbability[o] * better;
      }
      yield block;
    }
  }
}

/** Limits on a sum or a number, for so many times as many queries. */
function scaled(constraints: readonly Constraint[], factor: number): Constraint[] {
  return constraints.map((one) => {
    if (one.as !== undefined || one.measure === "accuracy") return one;
    const { atMost, atLeast } = one;
    return {
      ...one,
      ...(atMost !== undefined && { atMost: Math.floor(1.02 * factor * atMost) }),
      ...(atLeast !== undefined && { atLeast: Math.ceil(0.95 * factor * atLeast) }),
    };
  });
}

sharedCore();
for (const set of sets as Iterable<SetName>) {
  const work = workload(sizeOf(set, ROWS), 0, 1);
  const { budget, constraints } = await scenario(work, set, 0);
  const source = new Blocks(work);
  globalThis.gc?.();
  const memory = (): number => {
    const { heapUsed, arrayBuffers } = process.memoryUsage();
    return heapUsed + arrayBuffers;
  };
  const start = memory();
  const [residentStart, from] = [process.memoryUsage().rss, process.cpuUsage()];
  let [most, resident] = [start, residentStart];
  const timer = setInterval(() => {
    most = Math.max(most, memory());
    resident = Math.max(resident, process.memoryUsage().rss);
  }, 5);
  const factor = queries / ROWS;
  const floors = scaled(constraints, factor).map((one) =>
    one.measure === "accuracy" ? { ...one, atLeast: 0.96 * one.atLeast! } : one,
  );
  const choice = await chooseUnder(source, floors, { budget: factor * budget });
  clearInterval(timer);
  const { user, system } = process.cpuUsage(from);
  const mib = (bytes: number): string => `${(bytes / 2 ** 20).toFixed(0)} MiB`;
  const gap = choice.status === "chosen" ? (choice.gap * queries).toFixed(3) : "–";
  console.log(
    `${queries} streamed, set ${set}: ${choice.status}, gap ${gap} queries, ${source.passes} passes, ${((user + system) / 1e6).toFixed(1)} s CPU; wasm ${mib(wasmMemoryBytes())}, beyond it ${mib(most - start)}, resident ${mib(resident - residentStart)} more`,
  );
}
