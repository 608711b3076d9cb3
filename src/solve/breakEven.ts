import { partsOf, type SolveInput } from "./input.js";
import { isAllowed } from "./problem.js";

/** What a model's price decides about its part of a plan, everything else and the price λ of accuracy unchanged. */
export interface BreakEven {
  model: string;
  /**
   * The model answers some query while its costs are at most so many times what they are: below 1 it would enter the
   * plan at that factor, from 1 on it would leave beyond it. 0: it answers none at any price; ∞: some at every price.
   */
  costFactor: number;
  /** Share of the queries (by weight) that it would answer at half its costs. */
  shareAtHalf: number;
  /** The same at twice its costs. */
  shareAtDouble: number;
}

/**
 * At a price λ (probability per dollar) query q goes to the model of largest p − λ · c, so to model m while its cost
 * factor is at most (p[q,m] − max over the others of (p − λ · c)) / (λ · c[q,m]); the largest over the queries is where
 * the model enters or leaves. λ = ∞: the cheapest model answers, and the factor is the next cheapest's cost by its own.
 * One reading. O(queries × models).
 */
export async function breakEvens(
  input: SolveInput,
  lambda: number,
  signal?: AbortSignal,
): Promise<BreakEven[]> {
  const models = input.models.length;
  const factor = new Float64Array(models);
  const atHalf = new Float64Array(models);
  const atDouble = new Float64Array(models);
  let weightSum = 0;
  for await (const { matrices, queries, weight } of partsOf(input, signal)) {
    const { cost, successProbability: probability } = matrices;
    const mayAnswer = isAllowed(matrices);
    const score = (option: number): number =>
      lambda === Infinity ? -cost[option] : probability[option] - lambda * cost[option];
    for (let q = 0; q < queries; q++) {
      const w = matrices.weight === undefined ? 1 : matrices.weight[q];
      if (w === 0) continue;
      let best = -1;
      let first = -Infinity;
      let second = -Infinity;
      for (let m = 0; m < models; m++) {
        if (!mayAnswer(q, m)) continue;
        const s = score(q * models + m);
        if (s > first) {
          second = first;
          first = s;
          best = m;
        } else if (s > second) second = s;
      }
      for (let m = 0; m < models; m++) {
        if (!mayAnswer(q, m)) continue;
        const option = q * models + m;
        const others = m === best ? second : first;
        const value = lambda === Infinity ? -others : probability[option] - others;
        const f = ratio(value, lambda === Infinity ? cost[option] : lambda * cost[option]);
        if (f > factor[m]) factor[m] = f;
        if (f >= 0.5) atHalf[m] += w;
        if (f >= 2) atDouble[m] += w;
      }
    }
    weightSum += weight;
  }
  return input.models.map((model, m) => ({
    model,
    costFactor: factor[m],
    shareAtHalf: atHalf[m] / weightSum,
    shareAtDouble: atDouble[m] / weightSum,
  }));
}

/** The largest factor with factor · price ≤ value; a price of 0 stays 0 at any factor. */
function ratio(value: number, price: number): number {
  if (price > 0) return value / price;
  return value >= 0 ? Infinity : -Infinity;
}
