import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Target } from "../../../src/solve/target.js";
import { Random } from "../../../src/random.js";
import type { Problem } from "../../../src/types.js";

/** A small problem under constraints, and a target. */
export interface Case {
  problem: Problem;
  constraints: Constraint[];
  target: Target;
}

const pickOf = <T>(random: Random, values: readonly T[]): T => values[random.below(values.length)];

/**
 * A random small problem: few numbers, so that there are ties; zeros; forbidden options; weights at times; decimal costs at
 * times. Limits are near what allocations have, so that many bind and some conflict.
 */
export function randomCase(seed: number): Case {
  const random = new Random(seed, 77);
  const queries = 1 + random.below(8);
  const models = 1 + random.below(4);
  const options = queries * models;
  const names = ["a", "b", "c", "d"].slice(0, models);
  const isDecimal = random.below(3) === 0;
  const list = (pick: () => number): number[] => Array.from({ length: options }, pick);
  const costs = list(() => (isDecimal ? random.below(30) / 10 : random.below(24) / 8));
  for (let o = 0; o < options; o++) if (random.below(10) === 0 && o % models > 0) costs[o] = Infinity;
  const tokens = list(() => random.below(20));
  const seconds = list(() => (isDecimal ? random.below(12) / 10 : random.below(12) / 4));
  const groups = {
    tenant: Uint16Array.from({ length: queries }, () => random.below(3)),
    language: Uint32Array.from({ length: queries }, () => 70_000 * random.below(2)),
  };
  const problem: Problem = {
    models: names,
    cost: isDecimal ? Float64Array.from(costs) : Float32Array.from(costs),
    successProbability: Float32Array.from(list(() => random.below(17) / 16)),
    weight:
      random.below(4) === 0
        ? Float32Array.from({ length: queries }, (_, q) => (q === 0 ? 1 : random.below(5) / 2))
        : undefined,
    columns: { tokens: Float32Array.from(tokens), seconds: Float64Array.from(seconds) },
    groups,
  };
  const count = random.below(6);
  const constraints = Array.from({ length: count }, () => randomConstraint(random, problem));
  const total = (size: number): number => queries * size * random.uniform();
  const target = pickOf<() => Target>(random, [
    () => ({ budget: isDecimal ? Math.round(total(20)) / 10 : Math.round(total(16)) / 8 }),
    () => ({ budget: Infinity }),
    () => ({ accuracy: random.below(17) / 16 }),
    () => ({ accuracy: 0 }),
  ])();
  return { problem, constraints, target };
}

function randomConstraint(random: Random, problem: Problem): Constraint {
  const { models, cost } = problem;
  const queries = cost.length / models.length;
  const some = models.filter(() => random.below(2) === 0);
  const scope: Pick<Constraint, "models" | "group"> = {
    models: some.length > 0 && random.below(2) === 0 ? some : undefined,
    group: pickOf(random, [
      undefined,
      undefined,
      { column: "tenant", ids: [random.below(3)] },
      { column: "tenant", ids: [0, 2] },
      { column: "language", ids: [0] },
    ]),
  };
  const ask = (limit: number): Pick<Constraint, "atMost" | "atLeast"> => {
    const side = random.below(5);
    const low = limit * pickOf(random, [0, 0.25, 0.5, 1]);
    if (side === 0) return { atMost: limit, atLeast: low };
    return side < 3 ? { atMost: limit } : { atLeast: low };
  };
  const amount = (size: number): number => Math.round(queries * size * random.uniform() * 0.7);
  return pickOf<() => Constraint>(random, [
    () => ({ ...scope, ...ask(random.below(queries + 1)) }),
    () => ({ ...scope, measure: { column: "tokens" }, ...ask(amount(20)) }),
    () => ({
      ...scope,
      models: some.length > 0 ? some : [models[0]],
      as: "share",
      ...ask(random.below(11) / 10),
    }),
    () => ({
      ...scope,
      models: some.length > 0 ? some : [models[0]],
      measure: "cost",
      as: "share",
      ...ask(random.below(5) / 4),
    }),
    () => ({ ...scope, measure: "cost", ...ask(amount(30) / 10) }),
    () => ({ ...scope, measure: "accuracy", ...ask(random.below(17) / 16) }),
    () => ({ ...scope, measure: { column: "seconds" }, as: "mean", ...ask(random.below(24) / 8) }),
    () => ({ ...scope, measure: { column: "seconds" }, ...ask(amount(12) / 10) }),
    () => ({
      ...scope,
      measure: { perModel: Object.fromEntries(models.map((name, m) => [name, m / 10])) },
      as: pickOf(random, ["mean", "total"] as const),
      ...ask(random.below(4) / 10),
    }),
  ])();
}

/** Exact sums of what is added up, as fractions of 2⁻²⁰ · 10⁻³: every number of these problems is a multiple. */
const SCALE = 2 ** 20 * 1000;
const whole = (value: number): bigint =>
  BigInt(Math.round(value * 1000)) * BigInt(2 ** 20) + fractionOf(value);
const fractionOf = (value: number): bigint => {
  // What rounding to thousandths leaves of a number of sixteenths or eighths.
  const rest = value - Math.round(value * 1000) / 1000;
  return Math.abs(rest) < 1e-9 ? 0n : BigInt(Math.round(rest * SCALE));
};

/** The best objective over all allocations, each judged from the definitions in exact arithmetic; undefined: none keeps all. */
export function bruteForce({
  problem,
  constraints,
  target,
}: Case): { cost: number; accuracy: number } | undefined {
  const { models, cost, successProbability, weight } = problem;
  const width = models.length;
  const queries = cost.length / width;
  const { budget = Infinity, accuracy } = target as { budget?: number; accuracy?: number };
  const w = Array.from({ length: queries }, (_, q) => BigInt(Math.round(2 * (weight?.[q] ?? 1))));
  const totalWeight = w.reduce((a, b) => a + b, 0n);
  // A positive floor for a group without queries is refused.
  const isHollow = constraints.some(
    ({ group, atLeast }) =>
      group !== undefined &&
      (atLeast ?? 0) > 0 &&
      w.every((weightOf, q) => weightOf === 0n || !group.ids.includes(problem.groups![group.column][q])),
  );
  if (isHollow) return undefined;
  const taken = new Array<number>(queries).fill(0);
  let best: { cost: bigint; gain: bigint } | undefined;
  const judge = (): void => {
    let [spent, gain] = [0n, 0n];
    for (let q = 0; q < queries; q++) {
      spent += w[q] * whole(cost[q * width + taken[q]]);
      gain += w[q] * whole(successProbability[q * width + taken[q]]);
    }
    if (budget !== Infinity && spent > 2n * whole(budget)) return;
    if (accuracy !== undefined && gain < totalWeight * whole(accuracy)) return;
    if (!constraints.every((constraint) => isKept(problem, constraint, taken, w))) return;
    const isBetter = best === undefined || (accuracy === undefined ? gain > best.gain : spent < best.cost);
    if (isBetter) best = { cost: spent, gain };
  };
  const visit = (q: number): void => {
    if (q === queries) {
      judge();
      return;
    }
    for (let m = 0; m < width; m++) {
      if (cost[q * width + m] === Infinity) continue;
      taken[q] = m;
      visit(q + 1);
    }
  };
  visit(0);
  return (
    best && {
      cost: Number(best.cost) / SCALE / 2,
      accuracy: Number(best.gain) / SCALE / Number(totalWeight),
    }
  );
}

function isKept(
  problem: Problem,
  constraint: Constraint,
  taken: readonly number[],
  w: readonly bigint[],
): boolean {
  const { models, cost, successProbability, columns, groups } = problem;
  const { measure = "queries", group, atMost, atLeast } = constraint;
  const as = constraint.as ?? (measure === "accuracy" ? "mean" : "total");
  let [sum, count, all] = [0n, 0n, 0n];
  taken.forEach((m, q) => {
    if (group !== undefined && !group.ids.includes(groups![group.column][q])) return;
    const option = q * models.length + m;
    const amount =
      measure === "queries"
        ? 1
        : measure === "cost"
          ? cost[option]
          : measure === "accuracy"
            ? successProbability[option]
            : "column" in measure
              ? columns![measure.column][option]
              : measure.perModel[models[m]];
    const added = w[q] * whole(amount);
    all += added;
    if (constraint.models !== undefined && !constraint.models.includes(models[m])) return;
    sum += added;
    count += w[q];
  });
  const under = as === "total" ? 2n : as === "mean" ? count : all;
  if (as !== "total" && under === 0n) return true;
  // sum / under against the limit; a share's parts are both in the unit.
  const limit = (value: number): bigint =>
    as === "share" ? (under * whole(value)) / BigInt(1) : under * whole(value);
  const left = as === "share" ? sum * BigInt(SCALE) : sum;
  return !(atMost !== undefined && left > limit(atMost)) && !(atLeast !== undefined && left < limit(atLeast));
}
