import { expect, it } from "vitest";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import type { Target } from "../../../src/solve/target.js";
import { explorerUnder, withPoint } from "../../../src/report/limits/front.js";
import { failedSentences, limitSentences } from "../../../src/report/limits/sentences.js";
import { limitsTables } from "../../../src/report/limits/table.js";
import type { Problem } from "../../../src/types.js";

const queries = 100;
const problem: Problem = {
  models: ["small", "large"],
  cost: Float64Array.from({ length: 2 * queries }, (_, o) => (o % 2 === 0 ? 0.01 : 0.05)),
  successProbability: Float32Array.from({ length: 2 * queries }, (_, o) => (o % 2 === 0 ? 0.5 : 0.75)),
};

async function sentences(constraints: Constraint[], target: Target): Promise<string[]> {
  const choice = await chooseUnder(problem, constraints, target, { withoutEach: true });
  return choice.status === "chosen"
    ? limitSentences({ constraints }, choice, target)
    : failedSentences({ choice, constraints }, target);
}

const cap = (atMost: number): Constraint => ({ name: "cap", models: ["large"], atMost });

it("says what a limit is worth and what the plan would be without it", async () => {
  expect(await sentences([cap(20)], { budget: 3 })).toEqual([
    "The plan keeps the limit, which holds it back.",
    'One more percent of "cap" raises the expected accuracy by 0.05000 points at the same cost; without the limit the plan would cost $1.20 more and be 7.50 points more accurate.',
  ]);
  expect(await sentences([cap(90)], { budget: 3 })).toEqual([
    "The plan keeps the limit, which does not hold it back here.",
  ]);
  expect(await sentences([cap(90), cap(95)], { knee: true })).toEqual([
    "The plan keeps both limits, neither of which holds it back here. The knee is that of the front under the limits.",
  ]);
  const least: Constraint = { name: "spend", measure: "cost", models: ["large"], atLeast: 2 };
  const [, worth] = await sentences([least, cap(90), cap(91)], { accuracy: 0.55 });
  expect(worth).toBe(
    'One percent less than "spend" is worth $0.01600 at the same expected accuracy; without the limit the plan would cost $0.8000 less and be 5.00 points less accurate.',
  );
});

it("says why there is no plan, and where a limit would have to be", async () => {
  const floor: Constraint = { name: "floor", models: ["large"], atLeast: 30 };
  expect(await sentences([cap(20), floor], { budget: 3 })).toEqual([
    "No allocation keeps every limit and meets the target (budget $3.00): proven.",
    'These cannot be kept together: "cap", "floor".',
    'If one alone gives way: "cap" would have to be at least 30 queries; "floor" would have to be at most 20 queries.',
    expect.stringMatching(/^The nearest plan that was found costs .*, and misses /),
  ]);
  const [alone] = await sentences([{ name: "floor", models: ["large"], atLeast: 101 }], { budget: 3 });
  expect(alone).toBe(
    'No allocation keeps "floor", even alone: proven; it would have to be at most 100 queries.',
  );
  const [target] = await sentences([cap(20)], { budget: 0.5 });
  expect(target).toBe(
    "No allocation meets the target (budget $0.5000), even without the limits: proven; it would have to be at least $1.00.",
  );
});

it("tells apart a limit and what misses it by little", async () => {
  // A costs $0.010000003 a query, so that 100 of them cost $1.0000003.
  const close: Problem = { ...problem, cost: problem.cost.map((cost) => (cost < 0.02 ? 0.010000003 : cost)) };
  const all: Constraint = { name: "all", models: ["small"], atLeast: 100 };
  const choice = await chooseUnder(close, [all], { budget: 1 });
  const nearest = failedSentences({ choice, constraints: [all] }, { budget: 1 }).at(-1);
  expect(nearest).toContain("misses budget $1.00 ($1.00000030, above $1.00)");
});

it("has a table of every limit, in its unit", async () => {
  const share: Constraint = { name: "share", as: "share", measure: "cost", models: ["large"], atMost: 0.9 };
  const mean: Constraint = {
    name: "mean",
    as: "mean",
    measure: { perModel: { small: 1, large: 3 } },
    atMost: 9,
  };
  const constraints = [cap(20), share, mean];
  const choice = await chooseUnder(problem, constraints, { budget: 3 });
  const [{ rows }] = limitsTables({ choice, constraints });
  expect(rows).toEqual([
    ["cap", "20 queries", "yes", "+0.05 points", null, null],
    ["share", "55.56 %", "no", null, null, null],
    ["mean", "1.400 s", "no", null, null, null],
  ]);
});

it("puts the chosen plan on the front under limits, unless another one beats it", () => {
  const point = (totalCost: number, expectedAccuracy: number) => ({
    ...{ totalCost, expectedAccuracy, bound: expectedAccuracy, lambda: 1 },
    shares: { small: 1, large: 0 },
  });
  const front = [point(1, 0.5), point(2, 0.6), point(3, 0.7)];
  expect(withPoint(front, point(2, 0.65), 10).map((one) => one.expectedAccuracy)).toEqual([0.5, 0.65, 0.7]);
  expect(withPoint(front, point(2.5, 0.6), 10)).toEqual(front);
  expect(withPoint(front, point(2.5, 0.65), 10)).toHaveLength(4);
  const explorer = explorerUnder(front, ["small", "large"], 10, 2);
  expect(explorer).toMatchObject({ cost: [1, 2, 3], weight: 10, shares: { ofModel: [[1, 1, 1], [0, 0, 0]] } }); // prettier-ignore
});

it("bounds the plans of other budgets by lines that hold there, whatever is proven for the chosen one", () => {
  const shares = { small: 1, large: 0 };
  const front = [
    { totalCost: 1, expectedAccuracy: 0.5, bound: 0.5, lambda: Infinity, shares },
    { totalCost: 2, expectedAccuracy: 0.6, bound: 0.62, lambda: 1, shares },
    { totalCost: 3, expectedAccuracy: 0.7, bound: 0.7, lambda: 0.4, shares },
  ];
  const plan = { totalCost: 2.4, expectedAccuracy: 0.65, bound: 0.65, lambda: 0.7, shares };
  const [, , { bound, lambda }] = withPoint(front, plan, 10);
  const lineAt = (one: typeof plan, dollars: number): number =>
    one.bound + (one.lambda / 10) * (dollars - one.totalCost);
  const room = Array.from({ length: 301 }, (_, k) => {
    const dollars = 1 + k / 100;
    const known = Math.min(0.7, lineAt(front[1], dollars), lineAt(front[2], dollars));
    return lineAt({ ...plan, bound }, dollars) - known;
  });
  expect(lambda).toBe(0.7);
  expect(Math.min(...room)).toBeGreaterThan(-1e-12);
  expect(Math.min(...room)).toBeLessThan(1e-3);
});
