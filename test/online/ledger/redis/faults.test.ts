import { expect, it } from "vitest";
import { checkOutcomes, spendWith } from "./faults.js";
import { describeRedis } from "./server.js";

describeRedis("two processes that share a budget", () => {
  // Both mostly wait, so they wait together.
  it.concurrent("spend it to the last request when nothing goes wrong", async () => {
    const outcomes = await spendWith({ dollars: 0.25, clock: 2_000 });
    checkOutcomes(outcomes, "no fault");
    expect(outcomes).toHaveLength(1);
    expect(outcomes[0].leased).toBe(0);
  });

  it.concurrent(
    "never exceed it, and lose no more than the leases, when one is killed and Redis restarts while their clocks differ",
    async () => {
      const faults = { killAt: 500, redis: { how: "kill", at: 700, back: 1_100 }, clock: 2_000 } as const;
      const outcomes = await spendWith({ ...faults, dollars: 1.5 });
      checkOutcomes(outcomes, JSON.stringify(faults));
      expect(outcomes[0].leased).toBeGreaterThan(0);
    },
  );
});
