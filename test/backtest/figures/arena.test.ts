import { describe, expect, it } from "vitest";
import { routerArenaScore } from "../../../src/backtest/figures/arena.js";

describe("RouterArena's score", () => {
  // Accuracy and dollars per 1,000 queries of its public leaderboard, whose scores have these four digits.
  it.each([
    [0.7396, 10.02, 0.6432],
    [0.6809, 0.54, 0.6667],
    [0.6688, 0.15, 0.669],
  ])("agrees with the leaderboard for accuracy %d at $%d", (accuracy, cost, score) => {
    expect(routerArenaScore({ accuracy, cost: cost / 1000 })).toBeCloseTo(score, 4);
  });

  it("is the accuracy's own harmonic form at the cheapest, 0 at the dearest, and held beyond both", () => {
    expect(routerArenaScore({ accuracy: 0.5, cost: 0 })).toBeCloseTo((1.1 * 0.5) / 1.05, 12);
    expect(routerArenaScore({ accuracy: 0.5, cost: 1 })).toBe(0);
    expect(routerArenaScore({ accuracy: 0, cost: 1 })).toBe(0);
    expect(() => routerArenaScore({ accuracy: 1.5, cost: 1 })).toThrow(/expected dollars per query/);
    expect(() => routerArenaScore({ accuracy: 0.5, cost: NaN })).toThrow(/expected dollars per query/);
  });
});
