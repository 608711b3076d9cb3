import { partsOf, type SolveInput } from "./input.js";
import { isAllowed } from "./problem.js";

/** How a model's costs affect its share of a plan, with everything else and λ unchanged. */
export interface BreakEven {
  model: string;
  /**
   * The largest factor on the model's costs at which it still answers some query. Below 1, the model would enter the
   * plan at this factor; from 1 on, it would leave the plan above it. 0: it answers no query at any cost; ∞: it answers
   * some at every cost.
   */
  costFactor: number;
  /** Share of the queries (by weight) that it would answer at half its costs. */
  shareAtHalf: number;
  /** The same at twice its costs. */
  shareAtDouble: number;
}

/**
 * At λ (probability per dollar), query q gets the model of largest p − λ · c, and therefore model m while its cost
 * factor is at most (p[q,m] − max over the others of (p − λ · c)) / (λ · c[q,m]); the largest over the queries is where
 * the model enters or leaves. λ = ∞: the cheapest model answers, and the factor is the cost of the next cheapest
 * divided by its own. One pass. O(queries × models).
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
    weightSum = weight;
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
