import { expect, it } from "vitest";
import { coverageOf, ESTIMATORS } from "../../bench/feedback/coverage.js";

it("the 95 % intervals of another λ hold the truth in at least 93 of 100 logs", () => {
  const rows = coverageOf({
    logs: 100,
    requests: [10_000],
    explore: [0.05],
    lambda: 150,
    targets: [60, 400],
    judged: 1,
  });
  for (const { target, of, given, held } of rows) {
    expect(given, `λ = ${target}, ${of}`).toBe(100);
    ESTIMATORS.forEach((name, k) => {
      expect(held[k], `λ = ${target}, ${of}, ${name}`).toBeGreaterThanOrEqual(93);
    });
  }
});
