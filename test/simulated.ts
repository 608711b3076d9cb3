import { simulate } from "../src/simulate/simulate.js";
import type { Dataset } from "../src/types.js";

/** A simulated workload with all its scores and costs. */
export function simulated(options: Parameters<typeof simulate>[0]): Dataset {
  const { models, rows } = simulate(options);
  const all = [...rows()];
  return {
    ids: all.map(({ id }) => id),
    queries: all.map(({ query }) => query),
    models,
    cost: Float32Array.from(all.flatMap(({ cost }) => [...cost])),
    outcome: Float32Array.from(all.flatMap(({ score }) => [...score])),
  };
}
