import { describe, expect, it } from "vitest";
import { choose } from "../../src/solve/choose.js";
import { solveFront, type Resolution } from "../../src/solve/front.js";
import { evaluate } from "../../src/solve/objective.js";
import { Random } from "../../src/random.js";
import type { Problem } from "../../src/types.js";

/** A problem whose costs are whole units of 10⁻ᵖˡᵃᶜᵉˢ dollars, and its exact numbers. */
interface Exact {
  problem: Problem;
  places: number;
  /** Per option: units, probability times 2⁴⁰, and weight times 2¹⁰ per query. */
  units: bigint[];
  gains: bigint[];
  weights: bigint[];
}

const GAIN = 2 ** 40;
const WEIGHT = 2 ** 10;

function randomProblem(random: Random, places: number, most: number, isWeighted: boolean): Exact {
  const queries = 2 + random.below(5);
  const models = 2 + random.below(2);
  const options = queries * models;
  const units = Array.from({ length: options }, () => BigInt(random.below(most)));
  const probability = Float32Array.from({ length: options }, () =>
    random.below(3) === 0 ? random.below(11) / 10 : random.uniform(),
  );
  const weight = Float32Array.from({ length: queries }, () => (1 + random.below(4096)) / WEIGHT);
  return {
    problem: {
      models: Array.from({ length: models }, (_, m) => `m${m}`),
      cost: Float64Array.from(units, (n) => decimal(n, places)),
      successProbability: probability,
      ...(isWeighted && { weight }),
    },
    places,
    units,
    gains: Array.from(probability, (p) => BigInt(p * GAIN)),
    weights: Array.from(weight, (w) => (isWeighted ? BigInt(w * WEIGHT) : 1n)),
  };
}

/** The float64 of n · 10⁻ᵖˡᵃᶜᵉˢ. */
const decimal = (n: bigint, places: number): number => Number(`${n}e-${places}`);

/** A float64 as the decimal it prints, in units of 10⁻³⁰. */
function exactly(value: number): bigint {
  const [mantissa, exponent = "0"] = String(value).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  return BigInt(whole + fraction) * 10n ** BigInt(30 - fraction.length + Number(exponent));
}

interface Total {
  allocation: number[];
  /** In units of 10⁻³⁰ dollars · 2⁻¹⁰, and of 2⁻⁵⁰. */
  cost: bigint;
  gain: bigint;
}

/** Every allocation with its exact totals. */
function everyTotal({ problem, places, units, gains, weights }: Exact): Total[] {
  const models = problem.models.length;
  const scale = 10n ** BigInt(30 - places);
  let totals: Total[] = [{ allocation: [], cost: 0n, gain: 0n }];
  for (let q = 0; q < weights.length; q++) {
    totals = totals.flatMap(({ allocation, cost, gain }) =>
      problem.models.map((_, m) => ({
        allocation: [...allocation, m],
        cost: cost + weights[q] * units[q * models + m] * scale,
        gain: gain + weights[q] * gains[q * models + m],
      })),
    );
  }
  return totals;
}

const totalOf = (totals: readonly Total[], allocation: Uint8Array): Total =>
  totals.find((total) => total.allocation.every((m, q) => m === allocation[q]))!;

describe.each([
  ["cents", 2, 400],
  ["tenths of cents", 3, 60],
  ["10⁻⁷ dollars", 7, 90_000],
  ["cents beside 10⁻⁷ dollars", 7, 20_000_000],
])("costs in %s", (_, places, most) => {
  it.each([false, true])(
    "meet a reachable budget exactly, proven over all allocations (weights: %s)",
    async (isWeighted) => {
      const random = new Random(places + most);
      let proven = 0;
      for (let k = 0; k < 40; k++) {
        const exact = randomProblem(random, places, most, isWeighted);
        const totals = everyTotal(exact);
        const perDollar = isWeighted ? BigInt(WEIGHT) : 1n;
        const front = await solveFront(exact.problem, { resolution: k % 2 === 0 ? "full" : "buckets" });
        for (let t = 0; t < 4; t++) {
          const { cost } = totals[random.below(totals.length)];
          const budget = Number(`${cost}e-30`) / Number(perDollar);
          const limit = exactly(budget) * perDollar;
          const within = totals.filter((total) => total.cost <= limit);
          const choice = await choose(front, { budget });
          if (within.length === 0) {
            expect(choice.status).toBe("infeasible");
            continue;
          }
          if (choice.status !== "chosen") throw new Error(`infeasible at ${budget}`);
          const found = totalOf(totals, choice.allocation);
          expect(found.cost <= limit).toBe(true);
          const best = within.reduce((most, { gain }) => (gain > most ? gain : most), -1n);
          if (choice.optimal) expect(found.gain).toBe(best);
          proven += Number(choice.optimal);
          // What it prints is what it costs, and as the next budget gives a plan that is no worse.
          expect(exactly(choice.totalCost) * perDollar >= found.cost).toBe(true);
          const again = await choose(front, { budget: choice.totalCost });
          if (again.status !== "chosen") throw new Error("its own total is infeasible");
          expect(totalOf(totals, again.allocation).gain >= found.gain).toBe(true);
          // The same for the accuracy that it prints: no dearer.
          const reached = await choose(front, { accuracy: choice.expectedAccuracy });
          if (reached.status !== "chosen") throw new Error("its own accuracy is not reached");
          expect(reached.expectedAccuracy).toBeGreaterThanOrEqual(choice.expectedAccuracy);
          const same = totals.filter(({ gain }) => gain >= totalOf(totals, reached.allocation).gain);
          const least = same.reduce((low, { cost }) => (cost < low ? cost : low), found.cost);
          if (reached.optimal) expect(totalOf(totals, reached.allocation).cost <= least).toBe(true);
        }
      }
      expect(proven).toBeGreaterThan(100);
    },
  );
});

describe("money", () => {
  const alike = (queries: number, cost: number, other: number): Problem => ({
    models: ["a", "b"],
    cost: Float64Array.from({ length: 2 * queries }, (_, i) => (i % 2 === 0 ? cost : other)),
    successProbability: Float32Array.from({ length: 2 * queries }, (_, i) => (i % 2 === 0 ? 0.25 : 0.75)),
  });

  it("adds tenths to tenths", async () => {
    const front = await solveFront(alike(3, 0.1, 0.5));
    const three = await choose(front, { budget: 0.3 });
    expect(three).toMatchObject({ status: "chosen", totalCost: 0.3, optimal: true });
    const one = await choose(front, { budget: 0.7 });
    expect(one).toMatchObject({ status: "chosen", totalCost: 0.7, optimal: true });
    expect([...front.totalCost]).toEqual([0.3, 1.5]);
    expect((await choose(front, { budget: 0.2999999 })).status).toBe("infeasible");
  });

  it("takes a budget that was added up in float64 for the decimal it stands for", async () => {
    const problem = { ...alike(1, 0.8, 0.9), cost: Float64Array.of(0.8, 0.9) };
    expect(0.1 + 0.7).toBeLessThan(0.8);
    expect((await choose(await solveFront(problem), { budget: 0.1 + 0.7 })).status).toBe("chosen");
  });

  it.each<Resolution>(["full", "buckets"])("is exact for a million queries (%s)", async (resolution) => {
    const queries = resolution === "full" ? 100_000 : 1_000_000;
    const random = new Random(7);
    let units = 0;
    const problem = alike(queries, 0, 0);
    for (let q = 0; q < queries; q++) {
      const low = random.below(9999);
      units += low;
      problem.cost[2 * q] = low / 1e7;
      problem.cost[2 * q + 1] = (low + 1 + random.below(100_000)) / 1e7;
    }
    const front = await solveFront(problem, { resolution });
    expect(front.totalCost[0]).toBe(units / 1e7);
    const cheapest = await choose(front, { budget: units / 1e7 });
    expect(cheapest).toMatchObject({ status: "chosen", totalCost: units / 1e7 });
    expect((await choose(front, { budget: (units - 1) / 1e7 })).status).toBe("infeasible");
    const point = front.totalCost.length >> 1;
    const choice = await choose(front, { budget: front.totalCost[point] });
    if (choice.status !== "chosen") throw new Error("infeasible");
    expect(choice.totalCost).toBeLessThanOrEqual(front.totalCost[point]);
    expect(choice.expectedAccuracy).toBeGreaterThanOrEqual(front.expectedAccuracy[point] - 1e-12);
    const again = await choose(front, { budget: choice.totalCost });
    expect(again).toMatchObject({ status: "chosen", expectedAccuracy: choice.expectedAccuracy });
  });

  it.each<Resolution>(["full", "buckets"])(
    "finds units that only later queries need (%s)",
    async (resolution) => {
      const queries = 40_000;
      const problem = alike(queries, 0.01, 0.02);
      problem.cost[2 * queries - 2] = 0.0100001;
      const front = await solveFront(problem, { resolution });
      expect(front.unitsPerDollar).toBe(1e7);
      expect(front.totalCost[0]).toBe(400.0000001);
      // On no hull it counts for nothing, on one it does.
      problem.cost[2 * queries - 2] = 0.1 + 0.2;
      expect((await solveFront(problem, { resolution })).unitsPerDollar).toBe(100);
      problem.cost[2 * queries - 1] = 0.1 + 0.2;
      expect((await solveFront(problem, { resolution })).unitsPerDollar).toBe(0);
    },
  );

  it("proves nothing that exact arithmetic refutes where costs differ by 10¹² and more", async () => {
    const cost = Float32Array.of(1000, 2000, 5e-9, 6e-9, 7e-9, 8e-9);
    const problem: Problem = {
      models: ["a", "b"],
      cost,
      successProbability: Float32Array.of(0, 0.7, 0, 0.7, 0.4, 0.7),
    };
    for (const one of [problem, { ...problem, cost: Float64Array.of(1000, 2000, 5e-9, 6e-9, 7e-9, 8e-9) }]) {
      const choice = await choose(await solveFront(one), { budget: 1000.000000013 });
      if (choice.status !== "chosen") throw new Error("infeasible");
      const other = evaluate(one, Uint8Array.of(0, 0, 1));
      if (choice.optimal && other.totalCost <= 1000.000000013)
        expect(choice.expectedAccuracy).toBeGreaterThanOrEqual(other.expectedAccuracy);
    }
  });

  it("keeps digits that are not a common decimal: never above a budget, its own total is enough", async () => {
    const random = new Random(5);
    for (let k = 0; k < 30; k++) {
      const problem = alike(8, 0, 0);
      problem.cost.forEach((_, i) => (problem.cost[i] = random.uniform() / 3));
      const front = await solveFront(problem);
      const choice = await choose(front, { budget: 0.5 + random.uniform() });
      if (choice.status !== "chosen") continue;
      const again = await choose(front, { budget: choice.totalCost });
      expect(again).toMatchObject({ status: "chosen", expectedAccuracy: choice.expectedAccuracy });
    }
  });

  it.each([1e-13, 1e-30, 1.0000001e12, 1e300, -1, NaN])("refuses a cost of %s", async (cost) => {
    for (const resolution of ["full", "buckets"] as const) {
      const wide = { ...alike(4, 0.1, 0.2) };
      wide.cost[5] = cost;
      await expect(solveFront(wide, { resolution })).rejects.toThrow(
        /cost of query 2, model "b" is .*; expected dollars ≥ 0/,
      );
      const narrow = { ...wide, cost: Float32Array.from(wide.cost) };
      if (Number.isFinite(Math.fround(cost)) && Math.fround(cost) !== 0)
        await expect(solveFront(narrow, { resolution })).rejects.toThrow(/cost of query 2, model "b" is/);
    }
  });
});
