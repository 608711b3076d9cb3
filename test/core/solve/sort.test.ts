import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { processorMs } from "../../processor.js";
import { orderFalling } from "../../../src/core/solve/sort.js";
import { BUILDS, coreOf } from "./matrices.js";

describe.each(BUILDS)("the %s build", (build) => {
  const core = coreOf(build);

  it("orders values by falling size and equal ones by index", () => {
    const value = fc.oneof(fc.constantFrom(0, 1, Infinity, 5e-324), fc.double({ min: 0, noNaN: true }));
    fc.assert(
      fc.property(fc.array(value, { maxLength: 300 }), (values) => {
        const positive = values.map(Math.abs);
        const expected = positive
          .map((_, i) => i)
          .sort((i, j) => (positive[j] > positive[i] ? 1 : positive[j] < positive[i] ? -1 : i - j));
        expect([...orderFalling(core, Float64Array.from(positive))]).toEqual(expected);
      }),
    );
  });

  it("orders many values that differ in their last bits only, in linear time", () => {
    const values = Float64Array.from(
      { length: 200_000 },
      (_, i) => 1 + ((i * 7919) % 200_000) * Number.EPSILON,
    );
    const start = processorMs();
    const order = orderFalling(core, values);
    expect(order.findIndex((i, k) => k > 0 && !(values[i] < values[order[k - 1]]))).toBe(-1);
    // Insertion alone would take some 10^10 moves, minutes.
    expect(processorMs() - start).toBeLessThan(20_000);
  });
});
