import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { planAllocation, type Plan } from "../../src/plan/plan.js";
import { fitPredictor } from "../../src/plan/predictProblem.js";
import { Pool } from "../../src/pool/pool.js";
import { PriceTable } from "../../src/prices/table.js";
import { savePredictor, loadPredictor } from "../../src/predict/saved.js";
import type { Chosen } from "../../src/solve/choice.js";
import { solveFront } from "../../src/solve/front.js";
import { choose } from "../../src/solve/choose.js";
import type { Dataset, Problem } from "../../src/types.js";
import { enumerate, evaluateSlowly } from "../oracle.js";
import { golden, problemOf, small } from "../problems.js";
import { simulated } from "../simulated.js";
import { frozen, tablePredictor, workOf } from "./table.js";

const planOf = (problem: Problem, ...[target, options]: TargetAndOptions) =>
  planAllocation(workOf(problem), tablePredictor(problem), target, options);
type TargetAndOptions = [
  target: Parameters<typeof planAllocation>[2],
  options?: Parameters<typeof planAllocation>[3],
];

function chosen({ choice }: Plan): Chosen {
  if (choice.status !== "chosen") throw new Error("infeasible");
  return choice;
}

const refusal = async (planned: Promise<unknown>): Promise<InputError> => {
  const error: unknown = await planned.then(
    () => "no error",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
};

describe.each(golden("tiny-"))("a plan of $name, every allocation enumerated", ({ problem, ...known }) => {
  it("is the most accurate within each budget, of models that may answer", async () => {
    for (const { budget, accuracy } of known.bestAccuracyWithinBudget!) {
      const { choice } = await planOf(problem, { budget });
      expect(choice.status).toBe(accuracy === null ? "infeasible" : "chosen");
      if (choice.status !== "chosen") continue;
      const again = evaluateSlowly(small(problem), choice.allocation);
      expect([choice.totalCost, choice.expectedAccuracy]).toEqual([again.cost, again.accuracy]);
      expect(choice.totalCost).toBeLessThanOrEqual(budget);
      expect(choice.expectedAccuracy).toBe(accuracy);
    }
  });

  it("is the cheapest that reaches each accuracy", async () => {
    for (const { target, cost } of known.leastCostReachingAccuracy!) {
      const { choice } = await planOf(problem, { accuracy: target });
      expect(choice.status).toBe(cost === null ? "infeasible" : "chosen");
      if (choice.status !== "chosen") continue;
      expect(choice.totalCost).toBe(cost);
      expect(choice.expectedAccuracy).toBeGreaterThanOrEqual(target);
    }
  });

  it("lies at the knee farthest above the line between the ends, and tells that point for every target", async () => {
    const plan = await planOf(problem, { knee: true });
    const { totalCost, expectedAccuracy } = chosen(plan);
    expect(plan.knee).toEqual({ totalCost, expectedAccuracy });
    const [first, last] = [known.supported[0], known.supported.at(-1)!];
    const above = ([cost, accuracy]: readonly [number, number]): number =>
      (accuracy - first[1]) * (last[0] - first[0]) - (cost - first[0]) * (last[1] - first[1]);
    const highest = Math.max(...known.supported.map(above));
    expect(above([totalCost, expectedAccuracy])).toBeCloseTo(highest, 4);
    expect((await planOf(problem, { budget: Infinity })).knee).toEqual(plan.knee);
  });

  it("matches the best single model at the least cost, and compares with every model alone", async () => {
    const queries = problem.cost.length / problem.models.length;
    const alone = problem.models.map((_, m) => evaluateSlowly(small(problem), Array(queries).fill(m)));
    const able = alone.filter(({ cost }) => cost < Infinity);
    if (able.length === 0) {
      const { bestSingle } = await planOf(problem, { knee: true });
      expect(bestSingle).toBeUndefined();
      expect((await refusal(planOf(problem, { matchBest: true }))).details).toEqual({ field: "matchBest" });
      return;
    }
    const plan = await planOf(problem, { matchBest: true });
    expect(plan.singles).toEqual(
      alone.map(({ cost, accuracy }) =>
        cost < Infinity ? { totalCost: cost, expectedAccuracy: accuracy } : undefined,
      ),
    );
    const best = Math.max(...able.map(({ accuracy }) => accuracy));
    expect(plan.bestSingle!.expectedAccuracy).toBe(best);
    const reaching = enumerate(small(problem)).filter(({ accuracy }) => accuracy >= best);
    expect(chosen(plan).totalCost).toBe(Math.min(...reaching.map(({ cost }) => cost)));
    expect(chosen(plan).expectedAccuracy).toBeGreaterThanOrEqual(best);
  });
});

it("finds golden problems with models that must not answer, and with none that answers all", () => {
  const blank = golden("tiny-").filter(({ problem }) => problem.cost.includes(Infinity));
  expect(blank.length).toBeGreaterThan(0);
});

/** Two models told apart by query: "good" is right of odd queries, dear for all. */
const problem: Problem = problemOf(
  [
    [1, 4],
    [1, 4],
    [2, 8],
    [2, 8],
  ],
  [
    [0.5, 0.5],
    [0.25, 1],
    [0.75, 0.75],
    [0.25, 0.75],
  ],
  ["cheap", "good"],
);

describe("what a plan tells beside the choice", () => {
  it("is undefined where nothing meets the target: no break-even, no groups, the nearest point instead", async () => {
    const work = { ...workOf(problem), columns: new Map([["team", ["a", "a", "b", "b"]]]) };
    const plan = await planAllocation(work, tablePredictor(problem), { budget: 5.5 }, { group: "team" });
    expect(plan.choice).toEqual({
      status: "infeasible",
      closest: { totalCost: 6, expectedAccuracy: 1.75 / 4 },
    });
    expect([plan.breakEvens, plan.groups, plan.heldOutCheck, plan.before]).toEqual(
      Array<undefined>(4).fill(undefined),
    );
    const high = await planOf(problem, { accuracy: 0.76 });
    expect(high.choice).toEqual({
      status: "infeasible",
      closest: { totalCost: 15, expectedAccuracy: 3 / 4 },
    });
  });

  it("sums up cost, accuracy and shares by the values of a column", async () => {
    const work = { ...workOf(problem), columns: new Map([["team", ["a", "b", "b", ""]]]) };
    const plan = await planAllocation(work, tablePredictor(problem), { accuracy: 0.75 }, { group: "team" });
    expect([...chosen(plan).allocation]).toEqual([0, 1, 0, 1]);
    expect(plan.groups).toEqual([
      { group: "b", queries: 2, cost: 6, accuracy: 0.875, shares: { cheap: 0.5, good: 0.5 } },
      { group: "", queries: 1, cost: 8, accuracy: 0.75, shares: { good: 1 } },
      { group: "a", queries: 1, cost: 1, accuracy: 0.5, shares: { cheap: 1 } },
    ]);
  });

  it("has the break-even of each model by hand", async () => {
    const plan = await planOf(problem, { accuracy: 0.75 });
    const { lambda } = chosen(plan);
    // The last increment taken: half an answer more for 6 dollars.
    expect(lambda).toBeCloseTo(0.5 / 6, 6);
    const [cheap, good] = plan.breakEvens!;
    expect([cheap.model, good.model]).toEqual(["cheap", "good"]);
    // good leaves when its costs are too high even where it gains most: 0.75 + λ = 4λ · factor.
    expect(good.costFactor).toBeCloseTo((0.75 + lambda) / (4 * lambda), 5);
    // cheap stays on the first query until 4 dollars, on the third until 8.
    expect(cheap.costFactor).toBeCloseTo(4, 5);
    expect(good.shareAtHalf).toBe(0.5);
  });

  it("comes from the algorithm that was asked for", async () => {
    const target = { budget: Infinity };
    const sweep = await planOf(problem, target, { algorithm: "optllm", gridNumber: 2 });
    expect([sweep.front.algorithm, (await planOf(problem, target)).front.algorithm]).toEqual([
      "optllm",
      "exact",
    ]);
    expect(chosen(sweep).expectedAccuracy).toBe(0.75);
  });

  it("counts shares of every model, those that answer nothing too", async () => {
    expect(chosen(await planOf(problem, { budget: 6 })).shares).toEqual({ cheap: 1, good: 0 });
    expect(chosen(await planOf(problem, { budget: 100 })).shares).toEqual({ cheap: 0.5, good: 0.5 });
  });
});

describe("a plan in a changed world", () => {
  it("keeps the predictions, and puts the plan of the unchanged world beside it", async () => {
    const target = { budget: 9 };
    const changes = { scaleCost: [["good", 0.25]] as const };
    const [plain, changed] = [await planOf(problem, target), await planOf(problem, target, { changes })];
    expect(plain.before).toBeUndefined();
    expect(changed.before!.choice).toEqual(plain.choice);
    expect([...changed.before!.front.totalCost]).toEqual([...plain.front.totalCost]);
    expect([...changed.problem.cost]).toEqual([1, 1, 1, 1, 2, 2, 2, 2]);
    expect([...changed.problem.successProbability]).toEqual([...problem.successProbability]);
    expect(chosen(changed).expectedAccuracy).toBe(0.75);
    expect(chosen(changed).totalCost).toBe(6);
  });

  it("leaves models out of the plan, not out of the plan before", async () => {
    const plan = await planOf(problem, { knee: true }, { changes: { without: ["good"] } });
    expect(plan.problem.models).toEqual(["cheap"]);
    expect(chosen(plan).shares).toEqual({ cheap: 1 });
    expect(plan.singles.length).toBe(1);
    expect((plan.before!.choice as Chosen).shares).toHaveProperty("good");
  });
});

const priced = (model: string, rest: object) => ({
  ...{ model, input: 1, output: 2, asOf: "2026-01-01", source: "a test", tiers: [], aliases: [] },
  ...rest,
});

describe("a plan with a price table", () => {
  const input = Float32Array.of(10, 10, 200, 10, 10, 10, 10, 5000);
  const work: Dataset = { ...workOf(problem), tokens: { input, output: new Float32Array(8) } };
  const table = new PriceTable([], [priced("cheap", { context: 100, batch: { input: 0.5, output: 0.5 } }), priced("good", { context: 1000 })]); // prettier-ignore

  it("gives no query to a model whose context it exceeds, and says how many", async () => {
    const plan = await planAllocation(
      work,
      tablePredictor(problem),
      { budget: Infinity },
      { priceTable: table },
    );
    // Query 1 is too long for "cheap", query 3 for "good".
    expect([...plan.problem.cost]).toEqual([1, 4, Infinity, 4, 2, 8, 2, Infinity]);
    expect([...chosen(plan).allocation]).toEqual([0, 1, 0, 0]);
    expect(plan.singles).toEqual([undefined, undefined]);
    expect(plan.bestSingle).toBeUndefined();
    expect(plan.notes.length).toBe(2);
    expect(plan.notes[0]).toMatch(/"cheap".* 1 .*100/);
  });

  it("offers models in a batch to queries that can wait, also in a changed world", async () => {
    const columns = new Map([["deadline_hours", ["", "1", "48", "2"]]]);
    const source = tablePredictor(problem);
    const options = { batch: { models: new Map([["cheap", undefined]]) }, priceTable: table };
    const plan = await planAllocation(
      { ...workOf(problem), columns },
      source,
      { budget: 4.5 },
      { ...options },
    );
    expect(plan.problem.models).toEqual(["cheap", "good", "cheap@batch"]);
    expect([...chosen(plan).allocation]).toEqual([2, 0, 2, 0]);
    expect(chosen(plan).totalCost).toBe(0.5 + 1 + 1 + 2);
    const changed = await planAllocation(
      { ...workOf(problem), columns },
      source,
      { budget: Infinity },
      { ...options, changes: { scaleCost: [["cheap", 2]] } },
    );
    expect([2, 8].map((option) => changed.problem.cost[option])).toEqual([1, 2]);
    expect(changed.before!.front.problem.models).toEqual(["cheap", "good", "cheap@batch"]);
  });

  it("refuses a query longer than every context", async () => {
    const long = { ...work, tokens: { input: input.map(() => 2000), output: input } };
    const error = await refusal(
      planAllocation(long, tablePredictor(problem), { knee: true }, { priceTable: table }),
    );
    expect(error.details).toEqual({ query: 0 });
    expect(error.message).toMatch(/id-0/);
  });
});

describe("a plan of simulated work", () => {
  const options = { predictor: "knn" as const, seed: 3 };
  const [sample, work] = [
    simulated({ queries: 40, models: 3, seed: 4 }),
    simulated({ queries: 100, models: 3, seed: 5 }),
  ];
  const target = { matchBest: true } as const;
  let plan: Plan;
  beforeAll(async () => {
    plan = await planAllocation(work, sample, target, options);
  });

  it("is what solver and target give for its problem", async () => {
    const front = await solveFront(plan.problem);
    expect([...front.totalCost]).toEqual([...plan.front.totalCost]);
    expect([...front.expectedAccuracy]).toEqual([...plan.front.expectedAccuracy]);
    expect(await choose(front, target)).toEqual(plan.choice);
    expect(plan.problem.ids).toEqual(work.ids);
    expect([...plan.problem.cost]).toEqual([...work.cost]);
  });

  it("is the same on threads, and again", async () => {
    const pool = new Pool({ threads: 2 });
    try {
      for (const more of [{ pool }, {}]) {
        const again = await planAllocation(work, sample, target, { ...options, ...more });
        expect(again.choice).toEqual(plan.choice);
        expect(again.problem.successProbability).toEqual(plan.problem.successProbability);
        expect([again.breakEvens, again.heldOutCheck, again.knee, again.notes]).toEqual([
          plan.breakEvens,
          plan.heldOutCheck,
          plan.knee,
          plan.notes,
        ]);
      }
    } finally {
      await pool.close();
    }
  });

  it("is the same from a predictor fitted before, saved or not, without a check on rows held out", async () => {
    const fitted = await fitPredictor(sample, work.queries, options);
    for (const source of [fitted, loadPredictor(savePredictor(fitted))]) {
      const again = await planAllocation(work, source, target, options);
      expect(again.choice).toEqual(plan.choice);
      expect(again.heldOutCheck).toBeUndefined();
    }
    expect(plan.heldOutCheck).toMatchObject({ queries: 40 });
  });

  it("leaves work, sample and options as they were", async () => {
    const [labels, rows] = [
      simulated({ queries: 40, models: 2, seed: 1 }),
      simulated({ queries: 30, models: 2, seed: 2 }),
    ];
    const checks = [frozen(labels), frozen(rows)];
    const changes = Object.freeze({ scaleCost: Object.freeze([Object.freeze(["model-01", 2] as const)]) });
    const given = Object.freeze({ predictor: "knn" as const, changes });
    await planAllocation(rows, labels, Object.freeze({ knee: true as const }), given);
    expect(checks.map((isSame) => isSame())).toEqual([true, true]);
  });

  it("reports progress of fitting and of the front, and stops with the signal's reason at either", async () => {
    const phases = new Set<string>();
    const onProgress = ({ phase }: { phase: string }): void => void phases.add(phase);
    await planAllocation(work, sample, target, { ...options, onProgress });
    const [first, last] = [[...phases][0], [...phases].at(-1)];
    expect(phases.size).toBeGreaterThan(2);
    for (const stopAt of [first, last]) {
      const controller = new AbortController();
      const reason = new Error(`stop at ${stopAt}`);
      const stopped = planAllocation(work, sample, target, {
        ...options,
        signal: controller.signal,
        onProgress: ({ phase }) => {
          if (phase === stopAt) controller.abort(reason);
        },
      });
      await expect(stopped).rejects.toBe(reason);
    }
  });
});

describe("a plan is refused", () => {
  const source = tablePredictor(problem);
  const work = workOf(problem);
  it.each([
    ["of no target", {}, {}, { field: "target" }],
    ["of two targets", { budget: 1, knee: true }, {}, { field: "target" }],
    ["for a budget that is no number", { budget: NaN }, {}, { field: "budget" }],
    ["with a change of an unknown model", { knee: true }, { changes: { only: ["x"] } }, { model: "x" }],
    ["for a group column that is missing", { knee: true }, { group: "team" }, { column: "team" }],
    [
      "with a batch of an unknown model",
      { knee: true },
      { batch: { models: new Map([["x", 0.5]]) } },
      { model: "x" },
    ],
    ["when asked for a model that the predictor lacks", { knee: true }, { models: ["x"] }, { model: "x" }],
  ])("%s", async (_, target, options, details) => {
    const error = await refusal(planAllocation(work, source, target as { knee: true }, options));
    expect(error.details).toMatchObject(details);
  });

  it("for what is known to be wrong before anything is predicted", async () => {
    let predicted = 0;
    const counting = {
      ...source,
      predict: (...given: Parameters<typeof source.predict>) => (predicted++, source.predict(...given)),
    };
    const changes = { without: ["nobody"] };
    await refusal(planAllocation(work, counting, { knee: true }, { changes }));
    await refusal(planAllocation(work, counting, { knee: true }, { group: "team" }));
    expect(predicted).toBe(0);
    await planAllocation(work, counting, { knee: true }, { changes: { without: ["good"] } });
    expect(predicted).toBe(1);
  });
});

describe("plans on a shared pool", () => {
  const pool = new Pool({ threads: 2 });
  afterAll(() => pool.close());

  it("of more rows than one block are the same as on one thread", async () => {
    const rows = 9_000;
    const large: Problem = problemOf(
      Array.from({ length: rows }, (_, q) => [1, 2 + (q % 7), 9 + (q % 11)]),
      Array.from({ length: rows }, (_, q) => [(q % 5) / 8, 0.5 + (q % 3) / 8, 1 - (q % 13) / 64]),
    );
    const target = { budget: 4 * rows };
    const [alone, pooled] = [await planOf(large, target), await planOf(large, target, { pool })];
    expect(pooled.choice).toEqual(alone.choice);
    expect([...pooled.front.totalCost]).toEqual([...alone.front.totalCost]);
    expect(pooled.breakEvens).toEqual(alone.breakEvens);
  });
});
