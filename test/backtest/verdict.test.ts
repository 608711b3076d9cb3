import { describe, expect, it } from "vitest";
import { verdictOn as judge, type Basis, type Grounds } from "../../src/backtest/verdict.js";
import type { Target } from "../../src/solve/target.js";

const interval = (low: number | null, high: number | null) => ({
  estimate: low === null || high === null ? null : (low + high) / 2,
  low,
  high,
});
const enough: Basis = { fitted: 80, judged: 100, repeats: 1 };
const verdictOn = (target: Target, of: Grounds, best = "gpt", basis = enough) =>
  judge(target, of, best, basis);

const grounds = (saving: [number | null, number | null], zero: [number, number]) => ({
  front: { accuracyAtEqualCost: interval(-0.03, -0.01), savingAtEqualAccuracy: interval(...saving) },
  againstZeroRouter: { accuracyAtEqualCost: interval(...zero), savingAtEqualAccuracy: interval(0, 0) },
  frontAboveZeroRouter: interval(-0.01, 0.03),
  feasible: 1,
  soleModel: null as string | null,
  againstBestSingle: { accuracy: interval(-0.2, -0.16), saving: interval(0.4, 0.6) },
  shares: { gpt: 0.3, mini: 0.7 },
  savedPerThousand: 1.25,
});

it.each([
  [
    [0.1, 0.3],
    [0.02, 0.04],
    "route",
    0,
    /^Route: send 70\.0 % of the queries to mini and 30\.0 % to gpt: \$1\.25 less per 1,000 queries than gpt alone \(50\.0 %, 95 %: \+40\.0 … \+60\.0\), but 18\.00 points less accurate \(95 %: −20\.00 … −16\.00\)\. Why: the front reaches the accuracy of gpt for 20\.0 % less money \(95 %: \+10\.0 … \+30\.0\) and is 2\.00 points less accurate .*, and the plan is 3\.00 points more/,
  ],
  [
    [-0.3, -0.1],
    [0.02, 0.04],
    "single",
    0,
    /^Use gpt alone: the front reaches .* 20\.0 % more money [^,]* Evidence: [^,]*, predicted/,
  ],
  [
    [null, null],
    [0.02, 0.04],
    "single",
    0,
    /^Use gpt alone: the front does not reach the accuracy of gpt and is 2\.00 points less accurate/,
  ],
  [[0.1, 0.3], [-0.04, -0.02], "single", 0, /^Use gpt alone: the plan is 3\.00 points less accurate/],
  [
    [0.1, 0.3],
    [-0.01, 0.03],
    "unsure",
    300,
    /^Not enough evidence that routing pays: use gpt alone for now; about 300 more labelled test queries would likely settle it\. So far .* predicted from 80 labelled rows\.$/,
  ],
  [[-0.1, 0.3], [-0.04, 0.04], "unsure", null, /too small for more labels to settle it soon/],
] as const)(
  "to match the best, saving %j and gain %j: %s",
  (saving, zero, decision, moreLabels, sentence) => {
    const verdict = verdictOn({ matchBest: true }, grounds([...saving], [...zero]));
    expect(verdict).toMatchObject({ decision, moreLabels, model: "gpt" });
    expect(verdict.sentence).toMatch(sentence);
  },
);

it("says that nothing is saved in words, not as 0.0 % less", () => {
  const { sentence } = verdictOn({ matchBest: true }, grounds([0, 0], [0, 0]));
  expect(sentence).toContain("reaches the accuracy of gpt for no less money (95 %: ");
});

it("judges other targets against mixing models alone", () => {
  const verdict = verdictOn({ knee: true }, grounds([-0.3, -0.1], [0.02, 0.04]));
  expect(verdict.decision).toBe("route");
  expect(verdict.sentence).toMatch(
    /^Route: send .*, but 18\.00 points less accurate .*\. Why: the plan is 3\.00 points more accurate \(95 %: \+2\.00 … \+4\.00\) than mixing models blindly at the same cost\. Evidence: 100 test queries/,
  );
  const against = verdictOn({ knee: true }, grounds([0.1, 0.3], [-0.04, -0.02]));
  expect(against).toMatchObject({
    decision: "single",
    sentence: expect.stringMatching(/^Routing does not pay here: the plan is 3\.00 points less/) as string,
  });
});

it("names the model that a target gives every query", () => {
  const sole = { ...grounds([0.1, 0.3], [0, 0]), soleModel: "cheap" };
  expect(verdictOn({ budget: 1 }, sole)).toMatchObject({
    decision: "single",
    model: "cheap",
    sentence: expect.stringMatching(
      /^Use cheap alone, to which this target gives every query: \$1\.25 less .*, but 18\.00 points less accurate/,
    ) as string,
  });
});

describe("a plan to match the best that tells nothing of mixing", () => {
  const asItself = { ...grounds([0.4, 0.6], [0, 0]), soleModel: "gpt" };
  const nearly = { ...asItself, ...grounds([0.4, 0.6], [-0.0001, 0.0002]) };
  const above = (low: number, high: number) => ({ frontAboveZeroRouter: interval(low, high) });

  it("is judged by the whole front", () => {
    const verdict = verdictOn({ matchBest: true }, { ...asItself, ...above(0.1, 0.2) });
    expect(verdict).toMatchObject({ decision: "route", moreLabels: 0 });
    expect(verdict.sentence).toMatch(
      /^Route: mixing models pays, but only gpt itself is .* 50\.0 % less money .* over all costs up to that of gpt it is on average 15\.00 points more /,
    );
    expect(verdictOn({ matchBest: true }, { ...nearly, ...above(0.1, 0.2) }).sentence).toMatch(
      /^Route: .* over all costs [^.]*15\.00 points more .* blindly\. Evidence/,
    );
  });

  it("is not taken for proof where the front shows none either", () => {
    const decisions = [above(-0.2, -0.1), above(-0.1, 0.2)].flatMap((front) =>
      [asItself, nearly].map((one) => verdictOn({ matchBest: true }, { ...one, ...front }).decision),
    );
    expect(decisions).toEqual(["single", "unsure", "unsure", "unsure"]);
    const dearer = { ...grounds([-0.3, -0.1], [0, 0]), ...above(0.1, 0.2), soleModel: "gpt" };
    expect(verdictOn({ matchBest: true }, dearer).decision).toBe("single");
  });
});

it("has no plan where nothing promises the target", () => {
  const verdict = verdictOn({ accuracy: 1 }, { ...grounds([0, 0], [0, 0]), feasible: 0 });
  expect(verdict).toMatchObject({
    decision: "unsure",
    sentence: expect.stringMatching(/^No plan: no allocation promises this\. Evidence: /) as string,
  });
});

it("takes a front that is better for the same money, though some resamplings miss the accuracy", () => {
  const sure = grounds([0, 0], [0.02, 0.04]);
  const front = {
    savingAtEqualAccuracy: { estimate: 0.5, low: null, high: 0.7 },
    accuracyAtEqualCost: interval(0.001, 0.01),
  };
  expect(verdictOn({ matchBest: true }, { ...sure, front })).toMatchObject({ decision: "route" });
  const unsure = { ...front, accuracyAtEqualCost: interval(-0.001, 0.003) };
  expect(verdictOn({ matchBest: true }, { ...sure, front: unsure })).toMatchObject({
    decision: "unsure",
    moreLabels: 300,
    sentence: expect.stringMatching(/50\.0 % less money \(95 %: not reached … \+70\.0\)/) as string,
  });
});

it("never asks for no labels, nor speaks of mixes that are not there", () => {
  const none = { ...grounds([0, 0], [0.02, 0.04]), soleModel: "gpt" };
  const level = { estimate: 0, low: 0, high: 0 };
  const front = { savingAtEqualAccuracy: { estimate: 0, low: 0, high: 0.2 }, accuracyAtEqualCost: level };
  expect(verdictOn({ matchBest: true }, { ...none, front })).toMatchObject({
    decision: "unsure",
    moreLabels: null,
  });
  const isCheapest = {
    front: { ...front, savingAtEqualAccuracy: interval(0.1, 0.3) },
    frontAboveZeroRouter: interval(null, null),
  };
  const verdict = verdictOn({ matchBest: true }, { ...none, ...isCheapest });
  expect(verdict).toMatchObject({ decision: "route", moreLabels: 0 });
  expect(verdict.sentence).toMatch(/^Route: mixing models pays, but only gpt itself .* no more accurate /);
});

it.each([
  [{ fitted: 2, judged: 9, repeats: 1 }, /from \(at least 50\) and 9 test queries \(at least 100\)/, 48 + 91],
  [
    { fitted: 28, judged: 252, repeats: 5 },
    /needs more than 28 labelled rows to predict from \(at least 50\)/,
    22,
  ],
  [{ fitted: 400, judged: 99, repeats: 1 }, /needs more than 99 test queries \(at least 100\)/, 1],
] as const)("is never sure of anything on %j", (basis, sentence, moreLabels) => {
  const sole = { ...grounds([0.1, 0.3], [0.02, 0.04]), soleModel: "mini" };
  const sure = [grounds([0.1, 0.3], [0.02, 0.04]), grounds([-0.3, -0.1], [-0.04, -0.02]), sole];
  for (const one of sure) {
    for (const target of [{ matchBest: true }, { knee: true }, { budget: 1 }] as const) {
      const verdict = verdictOn(target, one, "gpt", basis);
      expect(verdict).toMatchObject({ decision: "unsure", moreLabels, model: "gpt" });
      expect(verdict.sentence).toMatch(/^Not enough evidence that routing pays: use gpt alone for now; /);
      expect(verdict.sentence).toMatch(sentence);
      expect(verdict.sentence).toMatch(/, but 18\.00 points less accurate/);
    }
  }
});

it("names models safely, and those with long names by both ends", () => {
  const best = `${"a".repeat(100)}-end\u001b[2J`;
  const { sentence } = verdictOn(
    { knee: true },
    { ...grounds([0.1, 0.3], [-0.04, 0.02]), shares: { [best]: 1 } },
    best,
  );
  expect(sentence).toMatch(/use a{40}…a+-end\\u001b\[2J alone/);
});
