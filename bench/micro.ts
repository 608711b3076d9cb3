// Times single kernels; `npm run bench:micro`. Whole solves are in run.ts.
import Benchmark from "benchmark";
import { cpus } from "node:os";
import { Core } from "../src/core/core.js";
import { solveModule } from "../src/core/solve/module.js";
import { allocate } from "../src/core/solve/allocate.js";
import { bracketPrices } from "../src/core/solve/bracket.js";
import { scanBuckets, sumHulls } from "../src/core/solve/buckets.js";
import { rankPoints, sortPoints } from "../src/core/solve/dominance.js";
import { scanSteps } from "../src/core/solve/fullFront.js";
import { additiveEpsilon, hypervolume, igd, igdSorted, spread } from "../src/core/solve/indicator.js";
import { addAllocated, sumAllocated } from "../src/core/solve/objective.js";
import { orderFalling } from "../src/core/solve/sort.js";
import { concatSteps } from "../src/core/solve/steps.js";
import { simulateProblem } from "../src/simulate/simulate.js";

const QUERIES = 20_000;
const MODELS = 12;
const { models, cost, successProbability } = simulateProblem({ queries: QUERIES, models: MODELS, seed: 1 });
const problem = { models: models.length, cost, successProbability };
const core = new Core(solveModule());
const sums = sumHulls(core, problem, 0, QUERIES);
const allocation = new Uint8Array(QUERIES);
const steps = concatSteps(bracketPrices(core, problem, 0, QUERIES, Infinity, 0, true).steps);

// A front, and as many points of the plane as it has: every option of some queries.
const start = { cost: sums.startCost, gain: sums.startGain };
const { totalCost, expectedAccuracy } = scanSteps(core, [steps], start, QUERIES);
const front = { cost: totalCost, accuracy: expectedAccuracy };
const POINTS = front.cost.length;
const cloud = {
  cost: Float64Array.from(cost.subarray(0, POINTS)),
  accuracy: Float64Array.from(successProbability.subarray(0, POINTS)),
};
const coarse = scanBuckets(core, sums, QUERIES);
const reference = { cost: coarse.totalCost, accuracy: coarse.expectedAccuracy };
const few = { cost: reference.cost.subarray(0, 1000), accuracy: reference.accuracy.subarray(0, 1000) };

/** Prints nanoseconds per unit of each benchmark of a suite. */
function run(title: string, units: number, unit: string, cases: Record<string, () => unknown>): void {
  console.log(`\n${title}`);
  const suite = new Benchmark.Suite();
  for (const [name, work] of Object.entries(cases)) suite.add(name, work);
  suite
    .on("cycle", ({ target }: { target: Benchmark }) => {
      const nanoseconds = 1e9 / (target.hz * units);
      console.log(
        `${(target.name ?? "").padEnd(44)} ${nanoseconds.toFixed(2).padStart(9)} ns a ${unit} ± ${target.stats.rme.toFixed(1)} %`,
      );
    })
    .run();
}

console.log(`${cpus()[0]?.model}, Node ${process.version}`);
run(`${QUERIES} queries × ${MODELS} models, ${sums.steps} increments`, QUERIES, "query", {
  "sumHulls (buckets pass)": () => sumHulls(core, problem, 0, QUERIES),
  "bracket (full pass)": () => bracketPrices(core, problem, 0, QUERIES, Infinity, 0, true),
  "order (radix sort of the increments)": () => orderFalling(core, steps.efficiency),
  "allocate at a price": () => allocate(core, problem, 0, QUERIES, 100, allocation),
  "sumAllocated (one objective)": () => sumAllocated(core, cost, MODELS, allocation),
  "addAllocated (both objectives)": () => addAllocated(core, problem, allocation),
  scanBuckets: () => scanBuckets(core, sums, QUERIES),
});
run(`${POINTS} points; reference of ${reference.cost.length}`, POINTS, "point", {
  "sortPoints of a sorted front": () => sortPoints(core, front),
  "sortPoints of a cloud": () => sortPoints(core, cloud),
  "rankPoints of a front, with the sort": () => rankPoints(core, front),
  "rankPoints of a cloud, with the sort": () => rankPoints(core, cloud),
  hypervolume: () => hypervolume(core, front, { cost: front.cost[POINTS - 1], accuracy: 0 }),
  "igdSorted (two fronts)": () => igdSorted(core, front, reference),
  "igdSorted, IGD+ (two fronts)": () => igdSorted(core, front, reference, true),
  "igd (any sets; reference of 1,000)": () => igd(core, front, few),
  additiveEpsilon: () => additiveEpsilon(core, front, reference),
  spread: () => spread(core, front, 0),
});
