import { expect, it } from "vitest";
import { coverageOf, ESTIMATORS } from "../../bench/feedback/coverage.js";

it("95 % intervals of scores and costs at another λ hold the truth in at least 93 of 100", () => {
  const rows = coverageOf({
    logs: 100,
    requests: [10_000],
    explore: [0.05],
    lambda: 150,
    targets: [60, 400],
    judged: 1,
  });
  for (const { given, target, of } of rows) expect(given, `${of} at λ = ${target}`).toBeGreaterThan(95);
  // Of all four together: a single one of 100 logs is below 93 by chance in one case of eight.
  const all = rows.reduce((sum, { given }) => sum + given, 0);
  ESTIMATORS.forEach((name, k) => {
    const held = rows.reduce((sum, row) => sum + row.held[k], 0);
    expect(held / all, name).toBeGreaterThanOrEqual(0.93);
  });
});
