// A hundred million queries from a block generator, in bounded memory: `node dist/bench/stream.js [queries]`.
import { choose } from "../src/solve/choose.js";
import { simulateProblem } from "../src/simulate/simulate.js";
import { solveFront } from "../src/solve/front.js";
import type { BlockSource } from "../src/types.js";

const QUERIES = Number(process.argv[2] ?? 100_000_000);
const BLOCK = 500_000;
const MODELS = 12;
const block = simulateProblem({ queries: BLOCK, models: MODELS, seed: 1 });
const source: BlockSource = {
  models: block.models,
  *blocks() {
    for (let left = QUERIES; left > 0; left -= BLOCK) {
      const options = Math.min(left, BLOCK) * MODELS;
      yield {
        cost: block.cost.subarray(0, options),
        successProbability: block.successProbability.subarray(0, options),
      };
    }
  },
};

async function timed<T>(name: string, run: () => Promise<T>): Promise<T> {
  const start = performance.now();
  const result = await run();
  const seconds = ((performance.now() - start) / 1000).toFixed(1);
  const peak = Math.round(process.resourceUsage().maxRSS / 1024);
  console.log(`${name.padEnd(20)} ${seconds.padStart(7)} s, peak resident memory ${peak} MiB`);
  return result;
}

console.log(`${QUERIES.toLocaleString("en")} × ${MODELS} in blocks of ${BLOCK.toLocaleString("en")}`);
const front = await timed("front", () => solveFront(source));
const budget = (front.totalCost[0] + front.totalCost[front.totalCost.length - 1]) / 3;
const choice = await timed("choose a budget", () => choose(front, { budget }));
if (choice.status === "chosen") {
  console.log(
    `budget ${budget}, cost ${choice.totalCost}, accuracy ${choice.expectedAccuracy}, gap ${choice.gap}`,
  );
}
