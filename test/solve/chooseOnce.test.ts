import fc from "fast-check";
import { expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { chooseOnce } from "../../src/solve/chooseOnce.js";
import { solveFront } from "../../src/solve/front.js";
import type { Target } from "../../src/solve/target.js";
import type { Problem } from "../../src/types.js";
import { problemOf, problems } from "../problems.js";

const targets: fc.Arbitrary<Target> = fc.oneof(
  fc.integer({ min: 0, max: 330 }).map((eighths) => ({ budget: eighths / 8 })),
  fc.integer({ min: 0, max: 40 }).map((part) => ({ accuracy: part / 40 })),
  fc.constant<Target>({ matchBest: true }),
  fc.constant<Target>({ knee: true }),
);
/** Costs as they are, decimals, and with weights. */
const kinds: fc.Arbitrary<(problem: Problem) => Problem> = fc.constantFrom(
  (problem) => problem,
  (problem) => ({ ...problem, cost: Float64Array.from(problem.cost, (c) => Math.round(c * 77) / 1000) }),
  (problem) => ({ ...problem, cost: Float64Array.from(problem.cost, (c) => c / 3) }),
  (problem) => ({
    ...problem,
    weight: Float32Array.from({ length: problem.cost.length / problem.models.length }, (_, q) => 1 + (q % 3)),
  }),
);
/** What it gives, or says. */
const outcomeOf = (promise: Promise<unknown>): Promise<unknown> =>
  promise.catch((error: Error) => `${error.name}: ${error.message}`);

it("gives what choosing from the front gives, to the bit, and the same errors", async () => {
  await fc.assert(
    fc.asyncProperty(
      problems({ queries: 14, models: 5 }),
      kinds,
      targets,
      fc.boolean(),
      async (drawn, kind, target, refine) => {
        const problem = kind(drawn);
        const fromFront = async () => choose(await solveFront(problem), target, { refine });
        expect(await outcomeOf(chooseOnce(problem, target, { refine }))).toEqual(
          await outcomeOf(fromFront()),
        );
      },
    ),
  );
});

it.each<[string, Problem, Target]>([
  ["a negative cost", problemOf([[-1, 2]], [[0, 1]]), { budget: 1 }],
  ["a probability above 1", problemOf([[1, 2]], [[0, 1.5]]), { accuracy: 0.5 }],
  ["a query that no model may answer", problemOf([[Infinity, Infinity]], [[0, 1]]), { budget: 1 }],
  ["weights of 0", { ...problemOf([[1, 2]], [[0, 1]]), weight: new Float32Array(1) }, { budget: 1 }],
])("refuses %s as the front does", async (_, problem, target) => {
  const error = await outcomeOf(solveFront(problem));
  expect(error).toMatch(/^InputError/);
  expect(await outcomeOf(chooseOnce(problem, target))).toBe(error);
});
