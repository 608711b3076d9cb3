import { Random } from "../../../src/random.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Problem } from "../../../src/types.js";

/** A random workload with tokens and seconds, tenants and languages; at times with base rates alone, or copies of few queries. */
export function randomWorkload(seed: number, queries: number, models: number): Problem {
  const random = new Random(seed, 5);
  const kind = seed % 4;
  const options = queries * models;
  const skill = Array.from({ length: models }, (_, m) => m / models + 0.3 * random.normal());
  const problem = {
    models: skill.map((_, m) => `m${m}`),
    cost: new Float32Array(options),
    successProbability: new Float32Array(options),
    columns: { tokens: new Float32Array(options), seconds: new Float32Array(options) },
    groups: {
      tenant: Uint16Array.from({ length: queries }, () => random.below(4)),
      language: Uint16Array.from({ length: queries }, () => random.below(3)),
    },
  };
  const all = [problem.cost, problem.successProbability, problem.columns.tokens, problem.columns.seconds];
  for (let q = 0; q < queries; q++) {
    if (kind === 2 && q >= 20) {
      for (const column of all) column.copyWithin(q * models, (q % 20) * models, ((q % 20) + 1) * models);
      continue;
    }
    const hard = random.normal();
    const length = Math.ceil(100 * Math.exp(random.normal()));
    for (let m = 0; m < models; m++) {
      const option = q * models + m;
      problem.successProbability[option] = 1 / (1 + Math.exp((kind === 1 ? 0 : hard) - 2 * skill[m]));
      problem.columns.tokens[option] = Math.ceil(length * (0.5 + random.uniform()));
      problem.cost[option] = 1e-5 * problem.columns.tokens[option] * Math.exp(0.5 * m);
      problem.columns.seconds[option] =
        0.2 + 0.1 * m + 0.002 * problem.columns.tokens[option] * random.uniform();
    }
  }
  return problem;
}

/** Constraints around what a random allocation has, with more or less room, so that some conflict. */
export function randomConstraints(
  problem: Problem,
  seed: number,
): { budget: number; constraints: Constraint[] } {
  const random = new Random(seed, 6);
  const { models, cost, successProbability, columns, groups } = problem;
  const width = models.length;
  const queries = cost.length / width;
  const lean = random.uniform() * width;
  const taken = Array.from({ length: queries }, () =>
    Math.max(0, Math.min(width - 1, Math.round(lean + 1.5 * random.normal()))),
  );
  const sum = (of: (option: number, q: number) => number): number =>
    taken.reduce((all, m, q) => all + of(q * width + m, q), 0);
  const near = (): number => 1 + 0.25 * (random.uniform() - 0.35);
  const kinds: (() => Constraint)[] = [
    () => {
      const m = random.below(width);
      return { models: [models[m]], atMost: Math.ceil(near() * taken.filter((t) => t === m).length) };
    },
    () => {
      const m = random.below(width);
      return { models: [models[m]], atLeast: Math.floor(0.7 * taken.filter((t) => t === m).length) };
    },
    () => ({
      measure: { column: "tokens" },
      models: models.slice(0, 2),
      atMost: Math.round(near() * sum((o) => (o % width < 2 ? columns!.tokens[o] : 0))),
    }),
    () => {
      const id = random.below(4);
      return {
        measure: "cost",
        group: { column: "tenant", ids: [id] },
        atMost: near() * sum((o, q) => (groups!.tenant[q] === id ? cost[o] : 0)),
      };
    },
    () => {
      const id = random.below(3);
      const count = groups!.language.filter((l) => l === id).length;
      return {
        measure: "accuracy",
        group: { column: "language", ids: [id] },
        atLeast:
          (0.95 * near() * sum((o, q) => (groups!.language[q] === id ? successProbability[o] : 0))) /
          Math.max(1, count),
      };
    },
    () => ({
      measure: { column: "seconds" },
      as: "mean",
      atMost: (near() * sum((o) => columns!.seconds[o])) / queries,
    }),
    () => ({
      as: "share",
      models: models.slice(0, 2),
      atLeast: (0.8 * taken.filter((m) => m < 2).length) / queries,
    }),
    () => ({
      measure: "cost",
      models: models.slice(-2),
      atLeast: 0.5 * sum((o) => (o % width >= width - 2 ? cost[o] : 0)),
    }),
  ];
  const constraints = Array.from({ length: 1 + random.below(24) }, () => kinds[random.below(kinds.length)]());
  return { budget: near() * sum((o) => cost[o]), constraints };
}
