import fc from "fast-check";
import { expect, it } from "vitest";
import { zeroRouterPoints } from "../../src/backtest/routerMetrics.js";

it("draws the zero router between its corners, by no rounding beyond them", () => {
  const model = fc.record({
    cost: fc.double({ min: 1e-6, max: 1e4, noNaN: true }),
    accuracy: fc.double({ min: 0, max: 1, noNaN: true }),
  });
  fc.assert(
    fc.property(fc.array(model, { minLength: 1, maxLength: 5 }), (models) => {
      const { cost, accuracy } = zeroRouterPoints(models.map((one, m) => ({ model: `${m}`, ...one })));
      expect(Math.max(...cost)).toBeLessThanOrEqual(Math.max(...models.map((one) => one.cost)));
      expect(Math.min(...cost)).toBe(Math.min(...models.map((one) => one.cost)));
      expect(Math.max(...accuracy)).toBeCloseTo(Math.max(...models.map((one) => one.accuracy)), 12);
    }),
    { numRuns: 2000 },
  );
});
