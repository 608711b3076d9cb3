import { expect, it } from "vitest";
import { soak } from "../../bench/soak/soak.js";

it("keeps exact books, leaks nothing and answers everybody for 20 s of faults and clients that hang up", async () => {
  const result = await soak({ seconds: 20, connections: 30, seed: 3, tightDollars: 0.001 });
  const { endings, faults, budgets, sockets } = result;
  // It was a soak: all that can go wrong has.
  for (const count of Object.values(faults)) expect(count).toBeGreaterThan(0);
  expect(endings.hungUp).toBeGreaterThan(0);
  expect(endings.answered).toBeGreaterThan(endings.requests / 2);
  expect(endings.lost).toEqual([]);
  expect(result.differing).toEqual([]);
  for (const { limit, spent, charged, most } of Object.values(budgets)) {
    expect(most).toBeLessThanOrEqual(limit);
    // Rounding charges less than a micro-dollar ahead.
    expect(spent - charged).toBeGreaterThan(-1e-3);
    expect(spent - charged).toBeLessThan(1 + 1e-3);
  }
  expect(budgets.tight.spent).toBeGreaterThan(0.5 * budgets.tight.limit);
  expect({ reserved: result.reserved, unclaimed: result.unclaimed, open: result.openUpstream }).toEqual({
    reserved: 0,
    unclaimed: 0,
    open: 0,
  });
  expect(sockets.after).toBeLessThanOrEqual(sockets.before);
});
