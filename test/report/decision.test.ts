import { describe, expect, it } from "vitest";
import { decisionSentence } from "../../src/report/decision.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import type { Chosen } from "../../src/solve/choice.js";

const problem = {
  models: ["small", "large\u001b[2J"],
  cost: Float32Array.of(1, 10, 1, 10, 1, 10, 1, 10),
  successProbability: Float32Array.of(0.9, 0.9, 0.8, 0.9, 0.5, 1, 0.25, 1),
};

/** The second model alone. */
const large = { model: problem.models[1], totalCost: 40, expectedAccuracy: 0.95 };

async function decided(target: { budget: number } | { matchBest: true }): Promise<string> {
  const front = await solveFront(problem);
  const choice = (await choose(front, target)) as Chosen;
  expect(choice.status).toBe("chosen");
  return decisionSentence({ labelledRows: 100, bestSingle: large as never }, choice);
}

describe("the decision", () => {
  it("says what to send where, what it costs, and what that is beside the best single model", async () => {
    expect(await decided({ matchBest: true })).toBe(
      "Send 75.0 % of the queries to large\\u001b[2J and 25.0 % to small: $31.00 for an expected accuracy of 95.00 %. " +
        "That is $9.00 (22.5 %) less than the best single model, large\\u001b[2J, at the same expected accuracy.",
    );
  });

  it("says in the same sentence how much less accurate a cheaper plan is", async () => {
    expect(await decided({ budget: 13 })).toMatch(
      /That is \$27\.00 \(67\.5 %\) less than the best single model, .*, but 15\.00 points less accurate\.$/,
    );
    expect(await decided({ budget: 4 })).toMatch(/^Send all queries to small: \$4\.00 .* less accurate\.$/);
  });

  it("has nothing to compare where the plan is the best single model, or none answers all", async () => {
    const chosen = { totalCost: 0, expectedAccuracy: 0.5, shares: { a: 1, b: 0 } } as unknown as Chosen;
    const plain = "Send all queries to a: $0.00 for an expected accuracy of 50.00 %.";
    expect(decisionSentence({ labelledRows: 100, bestSingle: undefined }, chosen)).toBe(plain);
    const same = { model: "a", totalCost: 0, expectedAccuracy: 0.5 };
    expect(decisionSentence({ labelledRows: 100, bestSingle: same as never }, chosen)).toBe(plain);
    const free = { model: "b", totalCost: 0, expectedAccuracy: 0.4 };
    expect(decisionSentence({ labelledRows: 100, bestSingle: free as never }, chosen)).toMatch(
      /That is the same cost as the best single model, b, and 10\.00 points more accurate\.$/,
    );
  });

  it("has no difference in accuracy where none would be printed", () => {
    for (const difference of [0.00005, -0.00005, 0.000049, 0.0000500001, 0.00015]) {
      const chosen = {
        totalCost: 1,
        expectedAccuracy: 0.5 + difference,
        shares: { a: 0.5, b: 0.5 },
      } as unknown as Chosen;
      const other = { model: "b", totalCost: 2, expectedAccuracy: 0.5 };
      expect(decisionSentence({ labelledRows: 100, bestSingle: other as never }, chosen)).toMatch(
        /, (at the same expected accuracy|(and|but) 0\.0[12] points (more|less) accurate)\.$/,
      );
    }
  });

  it("begins with the evidence where that is a handful of labels", () => {
    const chosen = { totalCost: 1, expectedAccuracy: 1, shares: { a: 1 } } as unknown as Chosen;
    const said = (labelledRows: number) => decisionSentence({ labelledRows }, chosen);
    expect(said(2)).toBe(
      "Not enough evidence: 2 labelled rows to predict from, and a plan to rely on needs at least 50. Send all " +
        "queries to a: $1.00 for an expected accuracy of 100.00 %.",
    );
    expect(said(1)).toMatch(/^Not enough evidence: 1 labelled row to/);
    expect(said(50)).toMatch(/^Send /);
  });

  it("names three models and counts the others", () => {
    const shares = { a: 0.1, b: 0.4, c: 0.3, d: 0.15, e: 0.05 };
    const chosen = { totalCost: 1, expectedAccuracy: 0.5, shares } as unknown as Chosen;
    expect(decisionSentence({ labelledRows: 100, bestSingle: undefined }, chosen)).toBe(
      "Send 40.0 % of the queries to b, 30.0 % to c, 15.0 % to d and the rest to 2 others: $1.00 for an expected " +
        "accuracy of 50.00 %.",
    );
  });
});
