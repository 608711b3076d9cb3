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
  for (const { given, target, of } of rows) expect(given, `${of} at λ = ${target}`).toBe(100);
  // Of all four together: a single one of 100 logs is below 93 by chance in one case of eight.
  ESTIMATORS.forEach((name, k) => {
    const held = rows.reduce((sum, row) => sum + row.held[k], 0);
    expect(held / (100 * rows.length), name).toBeGreaterThanOrEqual(0.93);
  });
});
