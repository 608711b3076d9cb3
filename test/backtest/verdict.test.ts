import { describe, expect, it } from "vitest";
import { verdictOn } from "../../src/backtest/verdict.js";

const interval = (low: number | null, high: number | null) => ({
  estimate: low === null || high === null ? null : (low + high) / 2,
  low,
  high,
});
const grounds = (saving: [number | null, number | null], zero: [number, number]) => ({
  front: { accuracyAtEqualCost: interval(-0.03, -0.01), savingAtEqualAccuracy: interval(...saving) },
  againstZeroRouter: { accuracyAtEqualCost: interval(...zero), savingAtEqualAccuracy: interval(0, 0) },
  frontAboveZeroRouter: interval(-0.01, 0.03),
  feasible: 1,
  soleModel: null as string | null,
});

it.each([
  [
    [0.1, 0.3],
    [0.02, 0.04],
    "route",
    0,
    /^Route: the front reaches the accuracy of gpt for 20\.0 % less money \(95 %: \+10\.0 … \+30\.0\) and is 2\.00 points less accurate .*, and the plan is 3\.00 points more/,
  ],
  [[-0.3, -0.1], [0.02, 0.04], "single", 0, /^Use gpt alone: the front reaches .* 20\.0 % more money [^,]*$/],
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
    /^Not enough evidence: .*; about 300 more labelled test queries would likely settle it\.$/,
  ],
  [[-0.1, 0.3], [-0.04, 0.04], "unsure", null, /too small for more labels to settle it soon/],
] as const)(
  "to match the best, saving %j and gain %j: %s",
  (saving, zero, decision, moreLabels, sentence) => {
    const verdict = verdictOn({ matchBest: true }, grounds([...saving], [...zero]), "gpt", 100);
    expect(verdict).toMatchObject({ decision, moreLabels, model: "gpt" });
    expect(verdict.sentence).toMatch(sentence);
  },
);

it("judges other targets against mixing models alone", () => {
  const verdict = verdictOn({ knee: true }, grounds([-0.3, -0.1], [0.02, 0.04]), "gpt", 100);
  expect(verdict.decision).toBe("route");
  expect(verdict.sentence).toBe(
    "Route: the plan is 3.00 points more accurate (95 %: +2.00 … +4.00) than mixing models blindly at the same cost.",
  );
  const against = verdictOn({ knee: true }, grounds([0.1, 0.3], [-0.04, -0.02]), "gpt", 100);
  expect(against).toMatchObject({
    decision: "single",
    sentence: expect.stringMatching(/^Routing does not pay here: the plan is 3\.00 points less/) as string,
  });
});

it("names the model that a target gives every query", () => {
  const sole = { ...grounds([0.1, 0.3], [0, 0]), soleModel: "cheap" };
  expect(verdictOn({ budget: 1 }, sole, "gpt", 100)).toMatchObject({
    decision: "single",
    model: "cheap",
    sentence: "Use cheap alone: this target gives it every query.",
  });
});

describe("a plan to match the best that tells nothing of mixing", () => {
  const asItself = { ...grounds([0.4, 0.6], [0, 0]), soleModel: "gpt" };
  const nearly = { ...asItself, ...grounds([0.4, 0.6], [-0.0001, 0.0002]) };
  const above = (low: number, high: number) => ({ frontAboveZeroRouter: interval(low, high) });

  it("is judged by the whole front", () => {
    const verdict = verdictOn({ matchBest: true }, { ...asItself, ...above(0.1, 0.2) }, "gpt", 100);
    expect(verdict).toMatchObject({ decision: "route", moreLabels: 0 });
    expect(verdict.sentence).toMatch(
      /^Route: .* 50\.0 % less money .* over all costs up to that of gpt it is on average 15\.00 points more .* But only gpt itself /,
    );
    expect(verdictOn({ matchBest: true }, { ...nearly, ...above(0.1, 0.2) }, "gpt", 100).sentence).toMatch(
      /^Route: .* over all costs [^.]*15\.00 points more .* blindly\.$/,
    );
  });

  it("is not taken for proof where the front shows none either", () => {
    const decisions = [above(-0.2, -0.1), above(-0.1, 0.2)].flatMap((front) =>
      [asItself, nearly].map(
        (one) => verdictOn({ matchBest: true }, { ...one, ...front }, "gpt", 100).decision,
      ),
    );
    expect(decisions).toEqual(["single", "unsure", "unsure", "unsure"]);
    const dearer = { ...grounds([-0.3, -0.1], [0, 0]), ...above(0.1, 0.2), soleModel: "gpt" };
    expect(verdictOn({ matchBest: true }, dearer, "gpt", 100).decision).toBe("single");
  });
});

it("has no plan where nothing promises the target", () => {
  const verdict = verdictOn({ accuracy: 1 }, { ...grounds([0, 0], [0, 0]), feasible: 0 }, "gpt", 100);
  expect(verdict).toMatchObject({ decision: "unsure", sentence: "No plan: no allocation promises this." });
});

it("takes a front that is better for the same money, though some resamplings miss the accuracy", () => {
  const sure = grounds([0, 0], [0.02, 0.04]);
  const front = {
    savingAtEqualAccuracy: { estimate: 0.5, low: null, high: 0.7 },
    accuracyAtEqualCost: interval(0.001, 0.01),
  };
  expect(verdictOn({ matchBest: true }, { ...sure, front }, "gpt", 100)).toMatchObject({ decision: "route" });
  const unsure = { ...front, accuracyAtEqualCost: interval(-0.001, 0.003) };
  expect(verdictOn({ matchBest: true }, { ...sure, front: unsure }, "gpt", 100)).toMatchObject({
    decision: "unsure",
    moreLabels: 300,
    sentence: expect.stringMatching(/50\.0 % less money \(95 %: not reached … \+70\.0\)/) as string,
  });
});

it("never asks for no labels, nor speaks of mixes that are not there", () => {
  const none = { ...grounds([0, 0], [0.02, 0.04]), soleModel: "gpt" };
  const level = { estimate: 0, low: 0, high: 0 };
  const front = { savingAtEqualAccuracy: { estimate: 0, low: 0, high: 0.2 }, accuracyAtEqualCost: level };
  expect(verdictOn({ matchBest: true }, { ...none, front }, "gpt", 100)).toMatchObject({
    decision: "unsure",
    moreLabels: null,
  });
  const isCheapest = {
    front: { ...front, savingAtEqualAccuracy: interval(0.1, 0.3) },
    frontAboveZeroRouter: interval(null, null),
  };
  const verdict = verdictOn({ matchBest: true }, { ...none, ...isCheapest }, "gpt", 100);
  expect(verdict).toMatchObject({ decision: "route", moreLabels: 0 });
  expect(verdict.sentence).toMatch(/^Route: [^,]* no more accurate [^,]*\. But only gpt itself /);
});
