import { Core } from "../../../src/core/core.js";
import type { Matrices } from "../../../src/core/solve/block.js";
import { Random } from "../../../src/random.js";
import { compileCore, type Build } from "../../builds.js";

export const BUILDS: Build[] = ["debug", "release"];
export const coreOf = (build: Build): Core => new Core(compileCore(build, "solve"));

/** Of problems made of few representable numbers. */
export const limits = { queries: 40, models: 9 };

export function matrices(problem: {
  models: string[];
  cost: Float32Array | Float64Array;
  successProbability: Float32Array;
}): Matrices {
  return { ...problem, models: problem.models.length };
}

/** A problem of believable numbers, whose float32 slopes round. */
export function randomMatrices(seed: number, queries: number, models: number): Matrices {
  const random = new Random(seed);
  const options = queries * models;
  return {
    models,
    cost: Float32Array.from({ length: options }, () => 1e-5 * Math.exp(2 * random.normal())),
    successProbability: Float32Array.from({ length: options }, () => random.uniform()),
  };
}

/** A problem whose options of a query differ in value by no more than float32 rounds; some are forbidden, some copies. */
export function nearlyEqual(random: Random, queries: number, models: number, lambda: number): Matrices {
  const options = queries * models;
  const problem = {
    models,
    cost: new Float32Array(options),
    successProbability: new Float32Array(options),
  };
  for (let q = 0; q < queries; q++) {
    const best = random.uniform() - 0.5;
    const always = random.below(models);
    for (let m = 0; m < models; m++) {
      const p = Math.max(best, 0) + (1 - Math.max(best, 0)) * random.uniform();
      const copied = q * models + random.below(m + 1);
      const isCopy = random.below(4) === 0;
      const isForbidden = m !== always && random.below(6) === 0;
      const i = q * models + m;
      const cost = isCopy && problem.cost[copied] < Infinity ? problem.cost[copied] : (p - best) / lambda;
      problem.cost[i] = isForbidden ? Infinity : Math.min(cost, 1e38);
      problem.successProbability[i] = isCopy ? problem.successProbability[copied] : p;
    }
  }
  return problem;
}
