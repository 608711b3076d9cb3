import type { Understood } from "./compile.js";
import { COST, PROBABILITY, type Row } from "./rows.js";

/** The row of a budget, unless it is infinite. */
export function budgetRow({ problem }: Understood, budget: number): Row | undefined {
  if (budget === Infinity) return undefined;
  const factor = new Float64Array(problem.models.length).fill(1);
  const sum = { column: COST, factor };
  return {
    name: "the budget",
    constraint: -1,
    sign: 1,
    form: "total",
    limit: budget,
    bound: budget,
    terms: [sum],
    sum,
  };
}

/** The row of an accuracy to reach. */
export function accuracyRow({ problem, weight }: Understood, accuracy: number): Row {
  const ones = new Float64Array(problem.models.length).fill(1);
  const sum = { column: PROBABILITY, factor: ones };
  const terms = [{ column: PROBABILITY, factor: ones.map(() => -1) }];
  const row = { name: "the accuracy", constraint: -1, sign: -1, form: "mean", limit: accuracy } as const;
  return { ...row, bound: -accuracy * weight, terms, sum, over: { column: 0, factor: ones } };
}

/** Dollars that the choice of a model makes for a query, on average over some: the unit of the objective when cost is least. */
export function costSpread({ sample }: Understood): number {
  const { models, cost } = sample.matrices;
  let [spread, size, count] = [0, 0, 0];
  for (let q = 0; q < sample.classes.length; q++) {
    const row = Array.from(cost.subarray(q * models, (q + 1) * models)).filter((c) => c < Infinity);
    const most = Math.max(...row);
    spread += most - Math.min(...row);
    size += most;
    count++;
  }
  return (spread > 0 ? spread : size > 0 ? size : 1) / count;
}
