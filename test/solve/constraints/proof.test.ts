import { describe, expect, it } from "vitest";
import type { Standing } from "../../../src/core/solve/constraints/neighbourhood.js";
import { Random } from "../../../src/random.js";
import { chooseUnder } from "../../../src/solve/constraints/choose.js";
import { standingOf, type Neighbourhood } from "../../../src/solve/constraints/neighbourhood.js";
import { prove, type ProofLimits } from "../../../src/solve/constraints/proof/prove.js";
import { randomConstraints, randomWorkload } from "./beside.js";
import { loadHighs, solveByHighs } from "./highs.js";

const limits: ProofLimits = {
  tolerance: 1e-11,
  work: 1e9,
  isKept: ({ violation }) => violation === 0,
  pause: () => Promise.resolve(false),
};

/** A few queries with few different numbers, so that there are ties and copies. */
function randomNeighbourhood(seed: number): { around: Neighbourhood; from: Standing } {
  const random = new Random(seed, 31);
  const [queries, rows] = [1 + random.below(7), random.below(5)];
  const isCoarse = random.below(2) === 0;
  const number = (): number => (isCoarse ? random.below(4) / 4 : random.uniform());
  const [start, loss, amountStart, amountRow, amount]: number[][] = [[0], [], [0], [], []];
  for (let q = 0; q < queries; q++) {
    const from = loss.length;
    const options = 1 + random.below(4);
    if (q > 0 && random.below(3) === 0) {
      // A copy of the query before.
      for (let o = start[q - 1]; o < from; o++) {
        loss.push(loss[o]);
        for (let a = amountStart[o]; a < amountStart[o + 1]; a++) {
          amountRow.push(amountRow[a]);
          amount.push(amount[a]);
        }
        amountStart.push(amount.length);
      }
    } else {
      const losses = Array.from({ length: options }, number).sort((a, b) => a - b);
      for (const one of losses) {
        loss.push(one - losses[0]);
        for (let k = 0; k < rows; k++) {
          if (random.below(2) === 0) continue;
          amountRow.push(k);
          amount.push(number() - (random.below(4) === 0 ? 0.5 : 0));
        }
        amountStart.push(amount.length);
      }
    }
    start.push(loss.length);
  }
  const around: Neighbourhood = {
    query: Uint32Array.from({ length: queries }, (_, q) => q),
    model: new Uint8Array(loss.length),
    current: Uint32Array.from(start.slice(0, -1)),
    isAll: true,
    start: Uint32Array.from(start),
    loss: Float64Array.from(loss),
    second: new Float64Array(queries),
    amountStart: Uint32Array.from(amountStart),
    amountRow: Uint8Array.from(amountRow),
    amount: Float64Array.from(amount),
    price: Float64Array.from({ length: rows }, () => (random.below(2) === 0 ? 0 : number())),
    penalty: Float64Array.from({ length: rows }, () => 0.5 + random.uniform()),
  };
  const slack = Float64Array.from({ length: rows }, () => queries * (0.6 * random.uniform() - 0.25));
  return { around, from: standingOf(around, around.current, slack, 0) };
}

/** The least gap of all choices that keep the rows; ∞ if none does. */
function leastGap({ start, loss, amountStart, amountRow, amount, price }: Neighbourhood, from: Standing) {
  const slack = from.slack.slice();
  const move = (option: number, sign: number): void => {
    for (let a = amountStart[option]; a < amountStart[option + 1]; a++)
      slack[amountRow[a]] -= sign * amount[a];
  };
  for (const option of from.current) move(option, -1);
  let least = Infinity;
  const visit = (q: number, losses: number): void => {
    if (q === start.length - 1) {
      if (slack.every((s) => s >= 0))
        least = Math.min(
          least,
          slack.reduce((gap, s, k) => gap + price[k] * s, losses),
        );
      return;
    }
    for (let o = start[q]; o < start[q + 1]; o++) {
      move(o, 1);
      visit(q + 1, losses + loss[o]);
      move(o, -1);
    }
  };
  visit(0, 0);
  return least;
}

describe("a proof", () => {
  it("finds the best of all choices, or that none keeps the rows, as trying all does", async () => {
    const seen = { kept: 0, none: 0, known: 0 };
    for (let seed = 1; seed <= 3000; seed++) {
      const { around, from } = randomNeighbourhood(seed);
      const least = leastGap(around, from);
      const { standing, least: bound, isProven } = await prove(around, from, limits);
      expect(isProven, `seed ${seed}`).toBe(true);
      if (least === Infinity) {
        expect(standing.violation, `seed ${seed}`).toBeGreaterThan(0);
        seen.none++;
        continue;
      }
      expect(standing.violation, `seed ${seed}`).toBe(0);
      expect(standing.gap, `seed ${seed}`).toBeCloseTo(least, 9);
      expect(bound, `seed ${seed}`).toBeLessThanOrEqual(least + 1e-9);
      expect(standingOf(around, standing.current, standing.slack, standing.losses)).toEqual(standing);
      seen[from.violation === 0 ? "known" : "kept"]++;
    }
    expect(Math.min(seen.kept, seen.none, seen.known)).toBeGreaterThan(100);
  });

  it("that ends early leaves a bound below which no choice is", async () => {
    let early = 0;
    for (let seed = 1; seed <= 600; seed++) {
      const { around, from } = randomNeighbourhood(seed);
      const { standing, least, isProven } = await prove(around, from, { ...limits, work: 0 });
      if (isProven) continue;
      early++;
      expect(least, `seed ${seed}`).toBeLessThanOrEqual(leastGap(around, from) + 1e-9);
      if (from.violation === 0) expect(standing.gap).toBeLessThanOrEqual(from.gap);
    }
    expect(early).toBeGreaterThan(20);
  });

  it("takes only what a fresh evaluation keeps", async () => {
    const { around, from } = randomNeighbourhood(2);
    const none = await prove(around, { ...from, violation: 1 }, { ...limits, isKept: () => false });
    expect(none.isProven).toBe(true);
    expect(none.standing.current).toEqual(from.current);
  });
});

it("gives the optimum that HiGHS gives for whole queries", async () => {
  const highs = await loadHighs();
  const tally = { proven: 0, open: 0 };
  for (let seed = 1; seed <= 16; seed++) {
    const problem = randomWorkload(seed, 80, 4);
    const { budget, constraints: all } = randomConstraints(problem, seed);
    const constraints = all.slice(0, 2);
    const choice = await chooseUnder(problem, constraints, { budget });
    if (choice.status !== "chosen") continue;
    const where = `seed ${seed}`;
    if (!choice.optimal) {
      tally.open++;
      continue;
    }
    tally.proven++;
    const best = await solveByHighs(highs, problem, constraints, budget, true);
    if (best === undefined) continue;
    // HiGHS's amounts may be whole up to 10⁻⁶.
    expect(choice.expectedAccuracy, where).toBeCloseTo(best as number, 6);
    expect(choice.expectedAccuracy, where).toBeGreaterThan((best as number) - 1e-7);
  }
  expect(tally.proven).toBeGreaterThan(8);
});
