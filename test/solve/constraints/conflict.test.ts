import { expect, it } from "vitest";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { ChoiceUnder, InfeasibleUnder } from "../../../src/solve/constraints/result.js";
import type { Target } from "../../../src/solve/target.js";
import { refusedGroup } from "./brute.js";
import { bruteForce, randomCase, type Case } from "./small.js";

type Limit = InfeasibleUnder["conflict"][number];

/** A case with some limits of its constraints and target alone, each moved by a multiple of what its conflict says. */
function only(
  { problem, constraints, target }: Case,
  limits: readonly Limit[],
  times = new Map<Limit, number>(),
): Case {
  const limitOf = (one: Limit): number =>
    one.limit + (one.side === "atMost" ? 1 : -1) * (times.get(one) ?? 0) * one.by!;
  const kept = limits.flatMap((one): Constraint[] => {
    if (one.constraint < 0) return [];
    const none = { atMost: undefined, atLeast: undefined };
    return [{ ...constraints[one.constraint], ...none, [one.side]: limitOf(one) }];
  });
  const own = limits.find(({ constraint }) => constraint < 0);
  const reached: Target =
    own === undefined
      ? { budget: Infinity }
      : own.side === "atMost"
        ? { budget: own.limit }
        : { accuracy: own.limit };
  expect(own === undefined || "budget" in reached === "budget" in target).toBe(true);
  return { problem, constraints: kept, target: reached };
}

const choose = ({ problem, constraints, target }: Case): Promise<ChoiceUnder | undefined> =>
  chooseUnder(problem, constraints, target, { steps: 400 }).catch(refusedGroup);

it("names limits that conflict, none of which is needless, on random small problems", async () => {
  const seen = { relaxation: 0, search: 0, moved: 0 };
  for (let seed = 1; seed <= 160; seed++) {
    const one = randomCase(seed);
    const choice = await choose(one);
    if (choice?.status !== "infeasible") continue;
    const { conflict, proof } = choice;
    const where = `seed ${seed}: ${JSON.stringify({ conflict, proof })}`;
    seen[proof]++;
    expect(bruteForce(only(one, conflict)), where).toBeUndefined();
    for (const limit of conflict) {
      const others = only(
        one,
        conflict.filter((other) => other !== limit),
      );
      if (proof === "search") expect(bruteForce(others), where).toBeDefined();
      else {
        const relaxed = await choose(others);
        expect(relaxed?.status === "infeasible" && relaxed.proof === "relaxation", where).toBe(false);
      }
      expect(limit.by, where).toBeGreaterThan(0);
      const isTotal =
        limit.constraint >= 0 &&
        [undefined, "total"].includes(one.constraints[limit.constraint].as) &&
        one.constraints[limit.constraint].measure !== "accuracy";
      if (proof !== "search" || !isTotal) continue;
      const moved = only(one, conflict, new Map([[limit, 1 + 1e-7]]));
      expect((await choose(moved))?.status, where).toBe("chosen");
      expect((await choose(only(one, conflict, new Map([[limit, 1 - 1e-4]]))))?.status, where).not.toBe(
        "chosen",
      );
      seen.moved++;
    }
  }
  expect(seen.relaxation).toBeGreaterThan(5);
  expect(seen.search).toBeGreaterThan(2);
  expect(seen.moved).toBeGreaterThan(2);
});

it("names limits that conflict, and by how much, where only branch and bound proves it", async () => {
  const queries = 100;
  const problem = {
    models: ["small", "large"],
    cost: Float64Array.from({ length: 2 * queries }, (_, o) => (o % 2 === 0 ? 0.01 : 0.02)),
    successProbability: Float32Array.from({ length: 2 * queries }, (_, o) => 0.5 + (o % 2) / 4),
  };
  const limits: Constraint[] = [
    { models: ["small"], atMost: 99.5 },
    { measure: "cost", models: ["large"], atLeast: 0.31 },
    { measure: "cost", models: ["large"], atMost: 0.31 },
  ];
  const choice = await chooseUnder(problem, limits, { budget: 1.9 });
  if (choice.status !== "infeasible") throw new Error(choice.status);
  expect(choice.proof).toBe("search");
  expect(choice.conflict.map(({ constraint }) => constraint)).toEqual([1, 2]);
  for (const { by } of choice.conflict) expect(by).toBeCloseTo(0.01, 6);
});

it("says nothing of an amount that it did not find out", async () => {
  const choice = await chooseUnder(
    {
      models: ["small", "large"],
      cost: Float64Array.from({ length: 160 }, (_, o) => (o % 2 === 0 ? 0.01 : (20_000 + o * o) / 1e6)),
      successProbability: Float32Array.from({ length: 160 }, (_, o) => 0.5 + (o % 2) / 4),
    },
    [
      { measure: "cost", models: ["large"], atLeast: 0.02 },
      { measure: "cost", models: ["large"], atMost: 0.02 },
    ],
    { budget: 100 },
    { steps: 40 },
  );
  if (choice.status !== "infeasible") throw new Error(choice.status);
  for (const { by } of choice.conflict) expect(by ?? 1).toBeGreaterThan(0);
});
