import { expect, it } from "vitest";
import { countPartial } from "../../src/backtest/means.js";

it("counts the records that have a figure which others lack", () => {
  const record = (a: number | null, b: number | null) => ({
    whole: 1,
    a,
    metrics: { front: { b, other: 2 } },
  });
  expect(countPartial([record(1, null), record(null, null), record(3, 4)])).toEqual({
    a: 2,
    "metrics.front.b": 1,
  });
  expect(countPartial([record(1, 2)])).toEqual({});
});
