// What lies between the supported points, and how much of it the search finds: `node dist/bench/search.js`.
import { searchFront } from "../src/solve/search.js";
import { simulateProblem } from "../src/simulate/simulate.js";

const MODELS = 6;
const SEEDS = 10;

/** Mean and standard deviation. */
function figures(values: readonly number[], digits: number, factor = 1): string {
  const mean = values.reduce((sum, v) => sum + v, 0) / values.length;
  const variance = values.reduce((sum, v) => sum + (v - mean) ** 2, 0) / (values.length - 1);
  return `${(factor * mean).toFixed(digits)} ± ${(factor * Math.sqrt(variance)).toFixed(digits)}`;
}

async function timed<T>(run: () => Promise<T>): Promise<[T, number]> {
  const start = performance.now();
  const result = await run();
  return [result, performance.now() - start];
}

console.log(
  `simulated queries × ${MODELS} models, mean ± standard deviation of seeds 1 … ${SEEDS}, one thread\n`,
);
console.log(
  "| queries | supported points | nondominated points | hypervolume gain, % | exact, ms | search alone: share of the gain, % | share of the points, % |",
);
console.log("| --- | --- | --- | --- | --- | --- | --- |");
for (const queries of [20, 50, 200]) {
  const columns: number[][] = [[], [], [], [], [], []];
  for (let seed = 1; seed <= SEEDS; seed++) {
    const problem = simulateProblem({ queries, models: MODELS, seed });
    const [exact, ms] = await timed(() =>
      searchFront(problem, { exactStates: 2 ** 26, maxPoints: 2 ** 20, stepLimit: 0 }),
    );
    if (!exact.isComplete) throw new Error("the exact method did not end");
    const searched = await searchFront(problem, { exactStates: 0 });
    const known = new Set(Array.from(exact.totalCost, (cost, k) => `${cost} ${exact.expectedAccuracy[k]}`));
    const found = searched.totalCost.filter((cost, k) =>
      known.has(`${cost} ${searched.expectedAccuracy[k]}`),
    );
    [
      exact.isSupported.reduce((sum, s) => sum + s, 0),
      exact.totalCost.length,
      exact.hypervolumeGain,
      ms,
      searched.hypervolumeGain / exact.hypervolumeGain,
      found.length / exact.totalCost.length,
    ].forEach((value, k) => columns[k].push(value));
  }
  const [supported, points, gain, ms, share, met] = columns;
  const cells = [
    figures(supported, 0),
    figures(points, 0),
    figures(gain, 3, 100),
    figures(ms, 0),
    figures(share, 1, 100),
    figures(met, 1, 100),
  ];
  console.log(`| ${queries} | ${cells.join(" | ")} |`);
}

console.log("\nwith the default limits, the exact method ends (seeds 1 … 3):");
for (const queries of [50, 100, 150, 200, 250, 300, 400]) {
  const runs = [];
  for (let seed = 1; seed <= 3; seed++) {
    const problem = simulateProblem({ queries, models: MODELS, seed });
    runs.push(await timed(() => searchFront(problem)));
  }
  const ends = runs.filter(([{ isComplete }]) => isComplete);
  console.log(
    `${queries} queries: ${ends.length} of 3, ${figures(
      runs.map(([, ms]) => ms),
      0,
    )} ms`,
  );
}
