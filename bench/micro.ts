// Times single kernels on one block-sized problem; `npm run bench`.
import Benchmark from "benchmark";
import { cpus } from "node:os";
import { Core } from "../src/core/core.js";
import { simulateProblem } from "../src/index.js";

const QUERIES = 20_000;
const MODELS = 12;
const { models, cost, successProbability } = simulateProblem({ queries: QUERIES, models: MODELS, seed: 1 });
const problem = { models: models.length, cost, successProbability };
const core = new Core();
const sums = core.sumHulls(problem, 0, QUERIES);
const allocation = new Uint8Array(QUERIES);
const { steps } = core.bracket(problem, 0, QUERIES, Infinity, 0, true);

console.log(`${cpus()[0]?.model}, Node ${process.version}, ${QUERIES} × ${MODELS}, ${sums.steps} increments`);
new Benchmark.Suite()
  .add("sumHulls (buckets pass)", () => core.sumHulls(problem, 0, QUERIES))
  .add("bracket (full pass)", () => core.bracket(problem, 0, QUERIES, Infinity, 0, true))
  .add("order (radix sort of the increments)", () => core.order(steps.efficiency))
  .add("allocate at a price", () => core.allocate(problem, 0, QUERIES, 100, allocation))
  .add("sumAllocated (one objective)", () => core.sumAllocated(cost, MODELS, allocation))
  .add("scanBuckets", () => core.scanBuckets(sums, QUERIES))
  .on("cycle", ({ target }: { target: Benchmark }) => {
    const nanoseconds = 1e9 / (target.hz * QUERIES);
    console.log(
      `${(target.name ?? "").padEnd(40)} ${nanoseconds.toFixed(2).padStart(8)} ns a query ± ${target.stats.rme.toFixed(1)} %`,
    );
  })
  .run();
