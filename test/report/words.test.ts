import { expect, it } from "vitest";
import {
  certificateOf,
  factorText,
  infeasibleSentence,
  judgedRows,
  missingSentences,
  nameOf,
  priceSentence,
  sizesOf,
} from "../../src/report/words.js";
import type { Target } from "../../src/solve/target.js";

it("has one name for each target", () => {
  const targets: Target[] = [{ budget: 0.5 }, { accuracy: 0.9 }, { knee: true }, { matchBest: true }];
  expect(targets.map(nameOf)).toEqual([
    "budget $0.5000",
    "accuracy 90.00 %",
    "knee of the front",
    "match the best model",
  ]);
});

it("says how far a plan can be from the best", () => {
  const open = { optimal: false, bound: 0.9, gap: 0.00125, costBound: 2, costGap: 0.01 };
  expect(certificateOf(open, { budget: 1 })).toBe(
    "By these predictions, no allocation within the budget has an expected accuracy above 90.00 % (gap: 0.1250 points).",
  );
  expect(certificateOf({ ...open, gap: 1e-7 }, { budget: 1 })).toContain("(gap: under 0.001 points)");
  expect(certificateOf(open, { knee: true })).toBe(
    "By these predictions, no allocation as accurate costs less than $2.00 (gap: $0.01000).",
  );
  expect(certificateOf({ ...open, optimal: true }, { budget: 1 })).toMatch(
    /^The best plan for these predictions: proven .* higher/,
  );
  expect(certificateOf({ ...open, optimal: true }, { accuracy: 0.5 })).toMatch(
    /^The best plan for these predictions: proven .* costs less\.$/,
  );
  const off = (predicted: number) =>
    certificateOf({ ...open, optimal: true }, { accuracy: 0.5 }, { predicted, recorded: 0.7 });
  expect(off(0.725)).toMatch(/ costs less; on held-out rows the predictions were 2\.50 points too high\.$/);
  expect(off(0.695)).toMatch(/ 0\.50 points too low\.$/);
  expect(off(0.700001)).toMatch(/ were right on average\.$/);
});

it("says why there is no plan", () => {
  const closest = { totalCost: 0.08, expectedAccuracy: 0.7 };
  expect(infeasibleSentence({ budget: 0.01 }, closest)).toBe(
    "No allocation meets the target (budget $0.01000): the cheapest allocation costs $0.08000.",
  );
  // A total that was printed, rounded down, and given as the budget.
  expect(infeasibleSentence({ budget: 1.43 }, { ...closest, totalCost: 1.4349 })).toContain(
    "costs $1.4349, above $1.43.",
  );
  expect(infeasibleSentence({ budget: 1.437599999 }, { ...closest, totalCost: 1.4376 })).toContain(
    "costs $1.4376000000, above $1.4375999990.",
  );
  expect(infeasibleSentence({ accuracy: 0.9 }, closest)).toBe(
    "No allocation meets the target (accuracy 90.00 %): the most accurate allocation reaches 70.00 % for $0.08000.",
  );
});

it("explains a price of accuracy, at both ends too", () => {
  expect(priceSentence(200)).toBe("One more expected right answer costs $0.005000 here.");
  expect(priceSentence(0)).toMatch(/^Every step/);
  expect(priceSentence(Infinity)).toBe(priceSentence(null));
  expect(priceSentence(null)).toMatch(/^This is the cheapest allocation/);
});

it("explains the factor up to which a model is used", () => {
  expect([0, 0.5, 36.42, 1234, Infinity].map(factorText)).toEqual([
    "never",
    "× 0.500",
    "× 36.4",
    "× 1,230",
    "any price",
  ]);
});

it("says what was judged, and what was left out", () => {
  const repeats = [{ seed: 3, trainQueries: 150, validationQueries: 75, testQueries: 1275 }];
  const complete = { leftOut: 0, queries: 1500, models: 6, missing: [], notAlone: [] };
  expect(sizesOf({ dataset: complete, repeats })).toBe(
    "1,500 queries, 6 models; the predictor is fitted on 150 + 75 rows and judged on 1,275 others",
  );
  expect(sizesOf({ dataset: complete, repeats: [...repeats, ...repeats] })).toMatch(
    /; in each repeat the predictor/,
  );
  expect(missingSentences(complete)).toEqual([]);
  const missing = [
    { model: "a", rows: 2 },
    { model: "b\u001b", rows: 7 },
    { model: "c", rows: 1400 },
  ];
  const [left, cells, few] = missingSentences({ ...complete, leftOut: 1200, missing, notAlone: ["c"] });
  expect(left).toMatch(/^Of the rows 1,200 are left out: no model has a score and a cost there\.$/);
  expect(cells).toMatch(/^Of the 7,500 records \(a score with a cost\) 9 are missing: b\\u001b 7, a 2\. /);
  expect(few).toMatch(/fewer than half of the rows.*: c 1,400\.$/);
  expect(judgedRows(repeats)).toContain("1,275 test queries of seed 3");
  expect(judgedRows([...repeats, ...repeats])).toContain("all 2 repeats");
});
