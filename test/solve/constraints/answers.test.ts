import { describe, expect, it } from "vitest";
import { Pool } from "../../../src/pool/pool.js";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import { frontUnder } from "../../../src/solve/constraints/front.js";
import type { ChoiceUnder, ChosenUnder } from "../../../src/solve/constraints/result.js";
import { evaluate } from "../../../src/solve/objective.js";
import { Random } from "../../../src/random.js";
import type { Target } from "../../../src/solve/target.js";
import type { Problem } from "../../../src/types.js";
import { randomConstraints, randomWorkload } from "./beside.js";

function chosen(choice: ChoiceUnder): ChosenUnder {
  if (choice.status !== "chosen") throw new Error(`the choice is ${choice.status}`);
  return choice;
}
const count = (allocation: Uint8Array, model: number): number => allocation.filter((m) => m === model).length;

/** 300 queries of which many are alike, in three ways. */
const alike: [string, (q: number) => number][] = [
  ["base rates alone", () => 0],
  ["20 distinct queries", (q) => q % 20],
  ["all identical", () => 0],
];

describe.each(alike)("with %s", (name, idOf) => {
  const queries = 3000;
  const problem: Problem = {
    models: ["small", "large"],
    cost: Float32Array.from({ length: 2 * queries }, (_, o) => {
      const varies = name === "base rates alone" ? (o >> 1) % 97 : idOf(o >> 1);
      return (o % 2 === 0 ? 1 : 8) * (1 + varies / 200);
    }),
    successProbability: Float32Array.from({ length: 2 * queries }, (_, o) =>
      o % 2 === 0 ? 0.5 : 0.75 + idOf(o >> 1) / 128,
    ),
  };

  it("fills a capacity to the last query", async () => {
    const capacity: Constraint = { models: ["large"], atMost: 1234 };
    const choice = chosen(await chooseUnder(problem, [capacity], { budget: Infinity }));
    expect(count(choice.allocation, 1)).toBe(1234);
    expect(choice.gap * queries).toBeLessThan(1e-6 * queries);
    expect(choice.limits[0]).toMatchObject({ value: 1234, slack: 0, binds: true });
  });
});

/** 24 queries whose costs differ by much, in three groups. */
function lumpy(seed: number): Problem {
  const random = new Random(seed);
  const difficulty = Array.from({ length: 24 }, () => random.uniform());
  const each = (value: (q: number, m: number) => number): number[] =>
    difficulty.flatMap((_, q) => [0, 1, 2].map((m) => value(q, m)));
  return {
    models: ["a", "b", "c"],
    cost: Float64Array.from(each((_, m) => Math.round((1 + random.uniform()) * 10 ** m) / 1000)),
    successProbability: Float32Array.from(each((q, m) => 0.9 - difficulty[q] * (0.6 - 0.25 * m))),
    groups: { third: Uint8Array.from(difficulty, (_, q) => q % 3) },
  };
}

const lumpyLimits: Constraint[] = [
  { models: ["b"], atMost: 9 },
  { models: ["c"], atMost: 4 },
  { measure: "accuracy", as: "mean", group: { column: "third", ids: [1] }, atLeast: 0.72 },
];

describe("an answer under constraints", () => {
  const problem = randomWorkload(4, 400, 5);
  const { budget } = randomConstraints(problem, 4);

  it("without constraints is the best within the budget", async () => {
    const choice = chosen(await chooseUnder(problem, [], { budget }));
    expect(choice.totalCost).toBeLessThanOrEqual(budget);
    expect(evaluate(problem, choice.allocation)).toEqual({
      totalCost: choice.totalCost,
      expectedAccuracy: choice.expectedAccuracy,
    });
    expect(choice.gap * 400).toBeLessThan(0.05);
    expect(choice.limits).toMatchObject([{ name: "the budget", constraint: -1, limit: budget }]);
  });

  it("has shadow prices that say what a little more room is worth", async () => {
    const cap = (atMost: number): Constraint[] => [{ models: ["m4", "m3"], atMost }];
    const at = chosen(await chooseUnder(problem, cap(60), { budget }, { steps: 20_000 }));
    const more = chosen(await chooseUnder(problem, cap(70), { budget }, { steps: 20_000 }));
    const { accuracy, dollars } = at.limits[0].price;
    // The value is concave in the limit: the first step is worth no more than its price says.
    expect(more.bound - at.bound).toBeLessThanOrEqual(10 * accuracy + 1e-9);
    expect(more.bound - at.bound).toBeGreaterThan(0);
    expect(dollars * at.limits[1].price.accuracy).toBeCloseTo(accuracy, 12);
  });

  it("reaches an accuracy at least cost, the knee, and the best single model", async () => {
    const cap: Constraint[] = [{ models: ["m4"], atMost: 50 }];
    const best = chosen(await chooseUnder(problem, cap, { budget }));
    const cheap = chosen(await chooseUnder(problem, cap, { accuracy: best.expectedAccuracy }));
    expect(cheap.expectedAccuracy).toBeGreaterThanOrEqual(best.expectedAccuracy);
    expect(cheap.totalCost).toBeLessThanOrEqual(best.totalCost * 1.001);
    expect(cheap.costBound).toBeLessThanOrEqual(best.totalCost);
    const knee = chosen(await chooseUnder(problem, cap, { knee: true }));
    expect(count(knee.allocation, 4)).toBeLessThanOrEqual(50);
    const match = await chooseUnder(problem, cap, { matchBest: true });
    expect(["chosen", "infeasible"]).toContain(match.status);
  });

  it("says what each constraint costs, if asked", async () => {
    const cap: Constraint[] = [{ name: "cap", models: ["m4", "m3"], atMost: 60 }];
    const phases: object[] = [];
    const { without, expectedAccuracy } = chosen(
      await chooseUnder(
        problem,
        cap,
        { budget },
        { withoutEach: true, onProgress: (at) => phases.push({ ...at }) },
      ),
    );
    expect(without).toMatchObject([{ constraint: 0, name: "cap" }]);
    expect(without![0].expectedAccuracy).toBeGreaterThan(expectedAccuracy);
    expect(phases).toEqual([
      { phase: "limits", done: 0, total: 0 },
      { phase: "without", done: 0, total: 1 },
    ]);
  });

  it.each<Target>([{ accuracy: 0.72 }, { budget: 0.5 }])(
    "never says that a limit makes a plan better: %j",
    async (target) => {
      const { accuracy, budget } = target as { accuracy?: number; budget?: number };
      let count = 0;
      for (let seed = 1; seed <= 16; seed++) {
        const choice = await chooseUnder(lumpy(seed), lumpyLimits, target, { withoutEach: true, steps: 20 });
        if (choice.status !== "chosen") continue;
        for (const { totalCost, expectedAccuracy } of choice.without!) {
          count++;
          if (accuracy !== undefined) expect(totalCost).toBeLessThanOrEqual(choice.totalCost);
          if (budget !== undefined) expect(expectedAccuracy).toBeGreaterThanOrEqual(choice.expectedAccuracy);
        }
      }
      expect(count).toBeGreaterThan(10);
    },
  );

  it("names the limits that conflict, by how much, and the nearest plan", async () => {
    const models = problem.models.map((name) => [name]);
    const caps: Constraint[] = models.map((one) => ({ models: one, atMost: 70 }));
    const idle: Constraint = { measure: { column: "tokens" }, atMost: 1e9 };
    const choice = await chooseUnder(problem, [idle, ...caps], { budget: Infinity });
    if (choice.status !== "infeasible") throw new Error(choice.status);
    expect(choice.conflict.map(({ constraint }) => constraint)).toEqual([1, 2, 3, 4, 5]);
    for (const { by = 0 } of choice.conflict) {
      expect(by).toBeGreaterThan(49.9);
      expect(by).toBeLessThanOrEqual(50 + 1e-6);
    }
    expect(choice.proof).toBe("relaxation");
    const over = choice.limits.reduce((sum, { slack }) => sum + Math.max(0, -slack), 0);
    expect(over).toBe(50);
  });

  it("proves that a constraint which nothing keeps even alone is infeasible, and says what can be reached", async () => {
    const most = Array.from({ length: 400 }, (_, q) =>
      Math.max(...problem.cost.subarray(5 * q, 5 * q + 5)),
    ).reduce((sum, dollars) => sum + dollars, 0);
    const impossible: [Constraint, number][] = [
      [{ models: ["m1"], atLeast: 420 }, 20],
      [{ atMost: 396 }, 4],
      [{ measure: "cost", atLeast: most + 1 }, 1],
    ];
    for (const [constraint, by] of impossible) {
      const choice = await chooseUnder(problem, [constraint], { budget: Infinity });
      if (choice.status !== "infeasible") throw new Error(choice.status);
      expect(choice.conflict.map((one) => one.constraint)).toEqual([0]);
      expect(choice.conflict[0].by).toBeCloseTo(by, 6);
      expect(choice.conflict[0].by).toBeLessThanOrEqual(by);
    }
    const floor: Constraint[] = [{ name: "floor", measure: "accuracy", atLeast: 0.999 }];
    const choice = await chooseUnder(problem, floor, { budget: Infinity });
    expect(choice).toMatchObject({
      status: "infeasible",
      proof: "relaxation",
      conflict: [{ name: "floor" }],
    });
  });

  it("keeps decimal budgets exactly", async () => {
    const tenths: Problem = {
      models: ["a", "b"],
      cost: Float64Array.of(0.1, 0.2, 0.1, 0.2, 0.1, 0.2),
      successProbability: Float32Array.of(0.1, 0.9, 0.1, 0.9, 0.1, 0.9),
      groups: { tenant: Uint8Array.of(0, 0, 0) },
    };
    const limit: Constraint[] = [{ measure: "cost", group: { column: "tenant", ids: [0] }, atMost: 0.5 }];
    const choice = chosen(await chooseUnder(tenths, limit, { budget: 0.6 }));
    expect(choice.totalCost).toBe(0.5);
    expect(choice.optimal).toBe(true);
  });

  it("repairs a plan whatever the time limit and the steps", async () => {
    const caps: Constraint[] = [
      { models: ["m4"], atMost: 30 },
      { models: ["m3"], atMost: 41 },
      { models: ["m0"], atLeast: 101 },
      { measure: "cost", group: { column: "tenant", ids: [1] }, atMost: budget / 4 },
    ];
    for (const limits of [{ timeLimitMs: 0 }, { steps: 0 }, { timeLimitMs: 0, steps: 0 }]) {
      for (const target of [{ budget }, { accuracy: 0.5 }, { knee: true }] as const) {
        expect((await chooseUnder(problem, caps, target, limits)).status).toBe("chosen");
      }
    }
  });

  it("looks for no proof where none is wanted", async () => {
    const cap: Constraint[] = [{ models: ["m4"], atMost: 50 }];
    const plain = chosen(await chooseUnder(problem, cap, { budget }, { proof: false }));
    const proven = chosen(await chooseUnder(problem, cap, { budget }));
    expect(proven.optimal).toBe(true);
    expect(plain.expectedAccuracy).toBeLessThanOrEqual(proven.expectedAccuracy);
    expect(plain.bound).toBeGreaterThanOrEqual(proven.expectedAccuracy);
  });

  it("refuses options that mean nothing", async () => {
    await expect(chooseUnder(problem, [], { budget }, { steps: -1 })).rejects.toThrow(/steps is -1/);
    await expect(chooseUnder(problem, [], { budget }, { timeLimitMs: NaN })).rejects.toThrow(/timeLimitMs/);
    await expect(chooseUnder(problem, [], { budget }, { seed: 0.5 })).rejects.toThrow(/seed is 0.5/);
    await expect(frontUnder(problem, [], { points: 1 })).rejects.toThrow(/points is 1/);
  });
});

describe("a front under constraints", () => {
  const problem = randomWorkload(8, 300, 5);
  const constraints: Constraint[] = [{ models: ["m4"], atMost: 40 }];

  it("has plans that keep them, rising in cost and accuracy, close below a bound that holds for every budget", async () => {
    const front = await frontUnder(problem, constraints, { tolerance: 0.002 });
    if (front.status !== "found") throw new Error(front.status);
    expect(front.points.length).toBeGreaterThan(4);
    front.points.forEach((point, i) => {
      expect(count(point.allocation, 4)).toBeLessThanOrEqual(40);
      expect(point.bound).toBeGreaterThanOrEqual(point.expectedAccuracy);
      if (i === 0) return;
      expect(point.totalCost).toBeGreaterThan(front.points[i - 1].totalCost);
      expect(point.expectedAccuracy).toBeGreaterThan(front.points[i - 1].expectedAccuracy);
    });
    const middle = (front.points[0].totalCost + front.points.at(-1)!.totalCost) / 2;
    const choice = chosen(await chooseUnder(problem, constraints, { budget: middle }));
    expect(choice.expectedAccuracy).toBeLessThanOrEqual(front.boundAt(middle) + 1e-12);
    expect(front.boundAt(middle) - choice.expectedAccuracy).toBeLessThan(0.01);
  });

  it("is infeasible with its reason where constraints conflict", async () => {
    const caps = problem.models.map((name) => ({ models: [name], atMost: 50 }));
    expect((await frontUnder(problem, caps)).status).toBe("infeasible");
  });
});

it("gives the same bytes on any number of threads", async () => {
  const problem = randomWorkload(12, 60_000, 5);
  const { budget } = randomConstraints(problem, 12);
  const constraints: Constraint[] = [
    { models: ["m4"], atMost: 9000 },
    { measure: { column: "tokens" }, models: ["m3"], atMost: 1_500_000 },
    { models: ["m0"], atLeast: 5000 },
  ];
  const alone = await chooseUnder(problem, constraints, { budget }, { steps: 800 });
  const pool = new Pool({ threads: 2 });
  try {
    expect(await chooseUnder(problem, constraints, { budget }, { steps: 800, pool })).toEqual(alone);
  } finally {
    await pool.close();
  }
});

it("a limit on what all allocations share is worth nothing", async () => {
  const problem = {
    models: ["a", "b"],
    cost: Float32Array.of(1, 2, 1, 2, 1, 2, 1, 2),
    successProbability: Float32Array.of(0.2, 0.8, 0.4, 0.5, 0.1, 0.9, 0.5, 0.75),
  };
  const limits: Constraint[] = [
    { models: ["a", "b"], atMost: 4 },
    { measure: { perModel: { a: 2, b: 2 } }, as: "mean", atMost: 2 },
  ];
  const choice = await chooseUnder(problem, limits, { budget: 6 });
  expect(choice.limits.slice(0, 2)).toMatchObject([
    { value: 4, slack: 0, binds: false, price: { accuracy: 0, dollars: 0 } },
    { value: 2, slack: 0, binds: false, price: { accuracy: 0, dollars: 0 } },
  ]);
});
