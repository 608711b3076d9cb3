import { describe, expect, it } from "vitest";
import type { Constraint } from "../../../src/solve/constraints/constraint.js";
import { frontUnder } from "../../../src/solve/constraints/front.js";
import type { Target } from "../../../src/solve/target.js";
import { inBlocks } from "./blocks.js";
import { budget, capped, manyModels, queries, same } from "./parts.js";

describe("a stream of several parts under constraints", () => {
  const workload = manyModels(4);

  it.each<[string, Target, number[]]>([
    ["a budget", { budget }, [20_000]],
    ["an accuracy", { accuracy: 0.8 }, [7, 12_345]],
    ["the knee", { knee: true }, [90_000]],
    ["the best model's accuracy", { matchBest: true }, [5_000, 40_000]],
  ])("gives the same bytes for %s", async (_, target, sizes) => {
    const { choice, passes } = await same(workload, capped, target, sizes);
    expect(["chosen", "infeasible"]).toContain(choice.status);
    // The knee lies between two ends, each of which may be solved for twice.
    expect(passes).toBeLessThan("knee" in target ? 150 : 60);
  });

  it("with decimal costs, weights, models that may not answer, and copies of few queries too", async () => {
    const ties = manyModels(2);
    const rich = {
      ...ties,
      cost: Float64Array.from(ties.cost, (dollars) => Math.round(dollars * 1e6) / 1e6),
      weight: Float32Array.from({ length: queries }, (_, q) => 1 + (q % 3) / 2),
      allowed: Uint8Array.from(ties.cost, (_, o) => Number(o % 17 > 0)),
    };
    const { choice } = await same(rich, capped.slice(0, 4), { budget }, [11_111]);
    expect(choice).toMatchObject({ status: "chosen" });
  });

  it("that no allocation keeps has the same conflict and nearest plan", async () => {
    const impossible: Constraint[] = [
      ...capped,
      { measure: "cost", group: { column: "tenant", ids: [1] }, atMost: 1e-5 * queries },
      { measure: "accuracy", group: { column: "tenant", ids: [1] }, atLeast: 0.9 },
    ];
    const { choice } = await same(workload, impossible, { budget }, [30_000]);
    expect(choice).toMatchObject({ status: "infeasible" });
  });

  it("has the same front", async () => {
    const options = { points: 3, steps: 100 };
    const whole = await frontUnder(workload, capped.slice(0, 2), options);
    const front = await frontUnder(inBlocks(workload, [25_000]), capped.slice(0, 2), options);
    if (whole.status !== "found" || front.status !== "found") throw new Error(whole.status);
    expect(front.points).toEqual(whole.points);
  });
});
