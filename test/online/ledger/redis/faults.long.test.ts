import { expect, it } from "vitest";
import { Random } from "../../../../src/random.js";
import { checkOutcomes, spendWith, type Faults } from "./faults.js";
import { describeRedis } from "./server.js";

const CASES: [string, Faults][] = [
  ["none", {}],
  ["one killed", { killAt: 700 }],
  ["Redis killed, back after 0.4 s", { redis: { how: "kill", at: 700, back: 1_100 } }],
  ["Redis killed, back after 3 s", { redis: { how: "kill", at: 700, back: 3_700 } }],
  ["Redis paused for 4 s", { redis: { how: "pause", at: 700, back: 4_700 } }],
  ["the leader paused for 7 s", { pause: { at: 700, back: 7_700 } }],
  ["one killed while Redis is away", { killAt: 900, redis: { how: "kill", at: 700, back: 1_500 } }],
  ["the hour ends", { hourEndsAt: 3_000, dollars: 0.8 }],
];

describeRedis("a shared budget", () => {
  it.each(CASES)("is never exceeded: %s, clocks 2 s apart", async (name, faults) => {
    const outcomes = await spendWith({ clock: 2_000, dollars: 1.5, ...faults });
    console.log(name, JSON.stringify(outcomes));
    checkOutcomes(outcomes, name);
    expect(outcomes).toHaveLength(faults.hourEndsAt === undefined ? 1 : 2);
  });

  it("is never exceeded in five runs of random faults", async () => {
    for (let seed = 1; seed <= 5; seed++) {
      const random = new Random(seed);
      const at = random.below(1_500);
      const faults: Faults = {
        seed,
        dollars: 1 + random.uniform(),
        clock: random.below(4_000) - 2_000,
        ...(random.uniform() < 0.7 && { killAt: random.below(2_000) }),
        ...(random.uniform() < 0.7 && {
          redis: { how: random.uniform() < 0.5 ? "kill" : "pause", at, back: at + random.below(1_500) },
        }),
        ...(random.uniform() < 0.4 && { hourEndsAt: 200 + random.below(1_500) }),
      };
      const outcomes = await spendWith(faults);
      checkOutcomes(outcomes, `seed ${seed}: ${JSON.stringify(faults)}`);
      expect(outcomes.length).toBeGreaterThan(0);
    }
  });
});
