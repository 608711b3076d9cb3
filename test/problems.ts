import { readdirSync, readFileSync } from "node:fs";
import fc from "fast-check";
import type { Problem } from "../src/types.js";

/** A problem from nested rows. */
export function problemOf(
  cost: number[][],
  successProbability: number[][],
  models?: string[],
): Problem & { cost: Float32Array } {
  return {
    models: models ?? cost[0].map((_, m) => `model-${m}`),
    cost: Float32Array.from(cost.flat()),
    successProbability: Float32Array.from(successProbability.flat()),
  };
}

/** The small view that the oracles take. */
export function small(problem: Problem) {
  const { models, cost, successProbability, weight } = problem;
  return { models: models.length, cost, successProbability, weight };
}

/**
 * Random problems whose numbers are few and exactly representable, so that ties, equal slopes, zero costs and
 * dominated models all happen; some models are forbidden, never all of a query.
 */
export function problems(limits: {
  queries: number;
  models: number;
}): fc.Arbitrary<Problem & { cost: Float32Array }> {
  return fc
    .record({
      queries: fc.integer({ min: 1, max: limits.queries }),
      models: fc.integer({ min: 1, max: limits.models }),
    })
    .chain(({ queries, models }) => {
      const options = queries * models;
      return fc
        .record({
          cost: fc.array(fc.integer({ min: 0, max: 64 }), { minLength: options, maxLength: options }),
          probability: fc.array(fc.integer({ min: 0, max: 32 }), { minLength: options, maxLength: options }),
          forbidden: fc.array(fc.integer({ min: 0, max: 9 }), { minLength: options, maxLength: options }),
          always: fc.array(fc.integer({ min: 0, max: models - 1 }), {
            minLength: queries,
            maxLength: queries,
          }),
        })
        .map(({ cost, probability, forbidden, always }) => ({
          models: Array.from({ length: models }, (_, m) => `model-${m}`),
          cost: Float32Array.from(cost, (c, i) =>
            forbidden[i] === 0 && always[Math.floor(i / models)] !== i % models ? Infinity : c / 8,
          ),
          successProbability: Float32Array.from(probability, (p) => p / 32),
        }));
    });
}

export interface Golden {
  name: string;
  problem: Problem;
  supported: [number, number][];
  nondominated?: [number, number][];
  bestAccuracyWithinBudget?: { budget: number; accuracy: number | null }[];
  leastCostReachingAccuracy?: { target: number; cost: number | null }[];
  optllm?: { gridNumber: number; points: [number, number][] };
}

/** Random problems with weights, masks and least probabilities, and the same with infinite costs in their place. */
export function constrained(limits: { queries: number; models: number }) {
  return problems(limits).chain((problem) => {
    const models = problem.models.length;
    const options = problem.cost.length;
    const queries = options / models;
    const list = (length: number, max: number) =>
      fc.array(fc.integer({ min: 0, max }), { minLength: length, maxLength: length });
    return fc
      .record({ weight: list(queries, 4), allowed: list(options, 3), least: list(queries, 32) })
      .map(({ weight, allowed, least }) => {
        const full: Problem = {
          ...problem,
          weight: Float32Array.from(weight, (w, q) => (q === 0 ? w + 1 : w) / 2),
          allowed: Uint8Array.from(allowed),
          minProbability: Float32Array.from(least, (p) => p / 64),
        };
        const isForbidden = (i: number): boolean =>
          full.allowed![i] === 0 || full.successProbability[i] < full.minProbability![Math.floor(i / models)];
        const plain: Problem = {
          models: problem.models,
          cost: problem.cost.map((c, i) => (isForbidden(i) ? Infinity : c)),
          successProbability: problem.successProbability,
          weight: full.weight,
        };
        const isFeasible = Array.from({ length: queries }, (_, q) => q).every((q) =>
          plain.cost.subarray(q * models, (q + 1) * models).some((c) => c < Infinity),
        );
        return { full, plain, isFeasible };
      });
  });
}

/** Every golden problem of a name's beginning; a forbidden option has infinite cost. */
export function golden(prefix: string): Golden[] {
  const folder = new URL("golden/", import.meta.url);
  return readdirSync(folder)
    .filter((file) => file.startsWith(prefix) && file.endsWith(".json"))
    .map((file) => {
      const data = JSON.parse(readFileSync(new URL(file, folder), "utf8"));
      const cost = (data.cost as number[][]).map((row, q) =>
        row.map((c, m) =>
          data.allowed !== null && data.allowed !== undefined && !data.allowed[q][m] ? Infinity : c,
        ),
      );
      return { ...data, problem: problemOf(cost, data.successProbability) } as Golden;
    });
}
