import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Core } from "../../../src/core/core.js";
import { allocate } from "../../../src/core/solve/allocate.js";
import { type Matrices } from "../../../src/core/solve/block.js";
import { bracketPrices } from "../../../src/core/solve/bracket.js";
import { scanBuckets, sumHulls } from "../../../src/core/solve/buckets.js";
import { markFront, rankPoints, sortPoints } from "../../../src/core/solve/dominance.js";
import { scanSteps } from "../../../src/core/solve/fullFront.js";
import { additiveEpsilon, hypervolume, igd, igdSorted, spread } from "../../../src/core/solve/indicator.js";
import { addAllocated, sumAllocated } from "../../../src/core/solve/objective.js";
import { orderFalling } from "../../../src/core/solve/sort.js";
import { concatSteps } from "../../../src/core/solve/steps.js";
import { compileCore, type Build } from "../../builds.js";
import {
  allocationAt,
  bestAtPrice,
  cheapest,
  epsilonSlowly,
  evaluateSlowly,
  hypervolumeSlowly,
  igdPlusSlowly,
  igdSlowly,
  nondominatedSlowly,
  ranksSlowly,
  spreadSlowly,
  stepsOf,
  supportedFront,
  type Point,
} from "../../oracle.js";
import { processorMs } from "../../processor.js";
import { problems, small } from "../../problems.js";
import { Random } from "../../../src/random.js";

function matrices(problem: {
  models: string[];
  cost: Float32Array;
  successProbability: Float32Array;
}): Matrices {
  return { ...problem, models: problem.models.length };
}

/** A problem of believable numbers, whose float32 slopes round. */
function randomMatrices(seed: number, queries: number, models: number): Matrices {
  const random = new Random(seed);
  const options = queries * models;
  return {
    models,
    cost: Float32Array.from({ length: options }, () => 1e-5 * Math.exp(2 * random.normal())),
    successProbability: Float32Array.from({ length: options }, () => random.uniform()),
  };
}

/** A problem whose options of a query differ in value by no more than float32 rounds; some are forbidden, some copies. */
function nearlyEqual(random: Random, queries: number, models: number, lambda: number): Matrices {
  const options = queries * models;
  const problem = {
    models,
    cost: new Float32Array(options),
    successProbability: new Float32Array(options),
  };
  for (let q = 0; q < queries; q++) {
    const best = random.uniform() - 0.5;
    const always = random.below(models);
    for (let m = 0; m < models; m++) {
      const p = Math.max(best, 0) + (1 - Math.max(best, 0)) * random.uniform();
      const copied = q * models + random.below(m + 1);
      const isCopy = random.below(4) === 0;
      const isForbidden = m !== always && random.below(6) === 0;
      const i = q * models + m;
      const cost = isCopy && problem.cost[copied] < Infinity ? problem.cost[copied] : (p - best) / lambda;
      problem.cost[i] = isForbidden ? Infinity : Math.min(cost, 1e38);
      problem.successProbability[i] = isCopy ? problem.successProbability[copied] : p;
    }
  }
  return problem;
}

const points = fc.array(
  fc.record({ cost: fc.integer({ min: 0, max: 20 }), accuracy: fc.integer({ min: 0, max: 20 }) }),
  { minLength: 1, maxLength: 40 },
);
const costs = (set: readonly Point[]) => Float64Array.from(set, (p) => p.cost);
const coordinates = (set: readonly Point[]) => ({ cost: costs(set), accuracy: accuracies(set) });
/** Points in the order in which sweeps meet them. */
const inOrder = (set: readonly Point[]) =>
  set
    .map((_, i) => i)
    .sort((i, j) => set[i].cost - set[j].cost || set[j].accuracy - set[i].accuracy || i - j);
/** Random points along which accuracy rises with cost, of any sizes and spacings. */
const chains = fc
  .array(fc.tuple(fc.double({ min: 0, max: 1, noNaN: true }), fc.double({ min: 0, max: 1, noNaN: true })), {
    minLength: 1,
    maxLength: 60,
  })
  .map((pairs) => {
    const accuracy = pairs.map(([, a]) => a).sort((a, b) => a - b);
    const cost = pairs.map(([c]) => c).sort((a, b) => a - b);
    return cost.map((c, i) => ({ cost: c, accuracy: accuracy[i] }));
  });
const accuracies = (set: readonly Point[]) => Float64Array.from(set, (p) => p.accuracy);

describe.each(["debug", "release"] as Build[])("the %s build", (build) => {
  const core = new Core(compileCore(build));
  const limits = { queries: 40, models: 9 };

  // At a price that equals an efficiency, rounding may decide either way: prices between them are tested.
  it("allocates at a price between efficiencies as the sorted increments do", () => {
    fc.assert(
      fc.property(problems(limits), fc.integer({ min: 0, max: 40 }), (problem, pick) => {
        const steps = stepsOf(small(problem));
        const price =
          pick === 0 || steps.length === 0 ? 0 : steps[pick % steps.length].efficiency * (1 - 1e-9);
        const found = new Uint8Array(problem.cost.length / problem.models.length);
        allocate(core, matrices(problem), 0, found.length, price, found);
        const point = evaluateSlowly(small(problem), found);
        const expected = evaluateSlowly(small(problem), allocationAt(small(problem), price));
        expect(point.accuracy).toBeCloseTo(expected.accuracy, 12);
        expect(point.cost).toBeCloseTo(expected.cost, 9);
      }),
    );
  });

  it.each([1, 2, 3, 4, 5, 8, 9, 11, 12, 13, 16, 17, 31, 64, 255])(
    "allocates among %i models as float64 does where float32 cannot tell them apart",
    (models) => {
      for (let seed = 1; seed <= 30; seed++) {
        const random = new Random(1000 * models + seed);
        const lambda = 10 ** (seed % 3 === 0 ? 8 * random.normal() : 2 * random.normal());
        const problem = nearlyEqual(random, 1 + random.below(40), models, lambda);
        const found = new Uint8Array(problem.cost.length / models);
        allocate(core, problem, 0, found.length, lambda, found);
        expect([...found]).toEqual(bestAtPrice(problem, lambda));
      }
    },
  );

  it.each([5e-324, 1e-45, 1e-31, 1e-29, 1e29, 1e31, 1e40, 1e300])(
    "allocates at the price %f as the definition says",
    (lambda) => {
      const random = new Random(8);
      for (const models of [3, 20]) {
        for (const scale of [1, Math.min(Math.max(1 / lambda, 1e-44), 1e38)]) {
          const problem = randomMatrices(random.below(1000), 50, models);
          const cost = problem.cost.map(() => scale * random.uniform());
          const found = new Uint8Array(50);
          allocate(core, { ...problem, cost }, 0, 50, lambda, found);
          expect([...found]).toEqual(bestAtPrice({ ...problem, cost }, lambda));
        }
      }
    },
  );

  it("allocates each query's cheapest model at an infinite price", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const found = new Uint8Array(problem.cost.length / problem.models.length);
        allocate(core, matrices(problem), 0, found.length, Infinity, found);
        expect([...found]).toEqual(cheapest(small(problem)));
      }),
    );
  });

  it("brackets two prices as two allocations do", () => {
    fc.assert(
      fc.property(problems(limits), fc.nat(), fc.nat(), (problem, a, b) => {
        const efficiencies = stepsOf(small(problem)).map(({ efficiency }) => efficiency * (1 + 1e-9));
        fc.pre(efficiencies.length > 0);
        const [low, high] = [a, b].map((k) => efficiencies[k % efficiencies.length]).sort((x, y) => x - y);
        const queries = problem.cost.length / problem.models.length;
        const bracket = bracketPrices(core, matrices(problem), 0, queries, high, low, true);
        const found = new Uint8Array(queries);
        allocate(core, matrices(problem), 0, queries, high, found);
        expect(bracket.allocation).toEqual(found);
        const { query, to } = concatSteps(bracket.steps);
        query.forEach((q, s) => (found[q] = to[s]));
        const expected = new Uint8Array(queries);
        allocate(core, matrices(problem), 0, queries, low, expected);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("lists the increments of the hulls", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const bracket = bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false);
        const steps = concatSteps(bracket.steps);
        const order = orderFalling(core, steps.efficiency);
        const found = Array.from(order, (s) => [steps.query[s], steps.dCost[s], steps.dGain[s]]);
        const expected = stepsOf(small(problem)).map(({ query, dCost, dGain }) => [query, dCost, dGain]);
        expect(found).toEqual(expected);
      }),
    );
  });

  it("lists the increments of a query alike whatever stands beside it", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const { models, cost, successProbability } = matrices(problem);
        const queries = cost.length / models;
        const all = concatSteps(bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false).steps);
        for (let q = 0; q < queries; q++) {
          const row = (values: Float32Array) => values.slice(q * models, (q + 1) * models);
          const alone = { models, cost: row(cost), successProbability: row(successProbability) };
          const one = concatSteps(bracketPrices(core, alone, 0, 1, Infinity, 0, false).steps);
          const mine = Array.from(all.query, (_, s) => s).filter((s) => all.query[s] === q);
          expect(mine.map((s) => all.efficiency[s])).toEqual([...one.efficiency]);
          expect(mine.map((s) => all.to[s])).toEqual([...one.to]);
        }
      }),
    );
  });

  it("lists believable increments as the definition does", () => {
    const problem = randomMatrices(11, 2_001, 13);
    const steps = concatSteps(bracketPrices(core, problem, 0, 2_001, Infinity, 0, false).steps);
    const order = orderFalling(core, steps.efficiency);
    const found = Array.from(order, (s) => [steps.query[s], steps.from[s], steps.to[s]]);
    expect(found).toEqual(stepsOf(problem).map(({ query, from, to }) => [query, from, to]));
  });

  it("scans the sorted increments into the supported front", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const { steps, cost, gain } = bracketPrices(core, matrices(problem), 0, queries, Infinity, 0, false);
        const front = scanSteps(core, steps, { cost, gain }, queries);
        const expected = supportedFront(small(problem));
        expect(front.totalCost.length).toBe(expected.length);
        expected.forEach(({ cost, accuracy }, k) => {
          expect(front.totalCost[k]).toBeCloseTo(cost, 9);
          expect(front.expectedAccuracy[k]).toBeCloseTo(accuracy, 12);
        });
      }),
    );
  });

  it("sums every increment into some bucket, and every point of the scan is the allocation at its price", () => {
    fc.assert(
      fc.property(problems(limits), (problem) => {
        const queries = problem.cost.length / problem.models.length;
        const sums = sumHulls(core, matrices(problem), 0, queries);
        const front = scanBuckets(core, sums, queries);
        const last = front.totalCost.length - 1;
        const end = evaluateSlowly(small(problem), allocationAt(small(problem), 0));
        expect(front.totalCost[last]).toBeCloseTo(end.cost, 9);
        expect(front.expectedAccuracy[last]).toBeCloseTo(end.accuracy, 12);
        front.lambda.forEach((lambda, k) => {
          const expected = evaluateSlowly(small(problem), allocationAt(small(problem), lambda));
          expect(front.totalCost[k]).toBeCloseTo(expected.cost, 9);
          expect(front.expectedAccuracy[k]).toBeCloseTo(expected.accuracy, 12);
        });
      }),
    );
  });

  it.each([
    [1, 1],
    [3, 2],
    [1000, 3],
    [777, 12],
    [30_001, 4],
    [600, 255],
  ])("sums %i × %i believable options over several blocks as the sorted increments do", (queries, models) => {
    const problem = randomMatrices(queries, queries, models);
    const front = scanBuckets(core, sumHulls(core, problem, 0, queries), queries);
    const allocation = new Uint8Array(queries);
    for (const k of [0, Math.floor(front.lambda.length / 2), front.lambda.length - 1]) {
      allocate(core, problem, 0, queries, front.lambda[k], allocation);
      const point = evaluateSlowly(problem, allocation);
      // float32 slopes may put an increment at a border on the other side of it.
      expect(Math.abs(front.totalCost[k] / point.cost - 1)).toBeLessThan(1e-4);
      expect(Math.abs(front.expectedAccuracy[k] / point.accuracy - 1)).toBeLessThan(1e-4);
    }
    for (let k = 1; k < front.lambda.length; k++) {
      expect(front.totalCost[k]).toBeGreaterThan(front.totalCost[k - 1]);
      expect(front.expectedAccuracy[k]).toBeGreaterThan(front.expectedAccuracy[k - 1]);
      expect(front.lambda[k]).toBeLessThan(front.lambda[k - 1]);
    }
  });

  it("sums a range of queries as a problem of its own", () => {
    const problem = randomMatrices(7, 1000, 5);
    const part = {
      models: 5,
      cost: problem.cost.slice(13 * 5, 900 * 5),
      successProbability: problem.successProbability.slice(13 * 5, 900 * 5),
    };
    expect(sumHulls(core, problem, 13, 900)).toEqual(sumHulls(core, part, 0, 887));
  });

  it("evaluates an allocation to the same bytes as a plain loop", () => {
    const problem = randomMatrices(3, 30_000, 7);
    const random = new Random(4);
    const allocation = Uint8Array.from({ length: 30_000 }, () => random.below(7));
    const expected = evaluateSlowly(problem, allocation);
    expect(sumAllocated(core, problem.cost, 7, allocation)).toBe(expected.cost);
    expect(sumAllocated(core, problem.successProbability, 7, allocation) / 30_000).toBe(expected.accuracy);
    const both = addAllocated(core, problem, allocation);
    expect(both.cost).toBe(expected.cost);
    expect(both.gain / 30_000).toBe(expected.accuracy);
  });

  it("evaluates weighted queries to the same bytes as a plain loop", () => {
    const random = new Random(6);
    const weight = Float32Array.from({ length: 30_001 }, () => random.uniform());
    const problem = { ...randomMatrices(5, 30_001, 7), weight };
    const allocation = Uint8Array.from({ length: 30_001 }, () => random.below(7));
    const plain = { cost: 0, gain: 0 };
    allocation.forEach((m, q) => {
      plain.cost += weight[q] * problem.cost[q * 7 + m];
      plain.gain += weight[q] * problem.successProbability[q * 7 + m];
    });
    expect(addAllocated(core, problem, allocation)).toEqual(plain);
    expect(sumAllocated(core, problem.cost, 7, allocation, weight)).toBe(plain.cost);
  });

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

  it("orders points by rising cost, falling accuracy and index", () => {
    fc.assert(
      fc.property(points, (set) => {
        expect([...sortPoints(core, coordinates(set)).order]).toEqual(inOrder(set));
      }),
    );
  });

  it("marks the nondominated points and one of equal ones", () => {
    fc.assert(
      fc.property(points, (set) => {
        const keep = markFront(core, Uint32Array.from(inOrder(set)), accuracies(set));
        expect(set.filter((_, i) => keep[i] === 1)).toEqual(nondominatedSlowly(set));
      }),
    );
  });

  it("ranks points as taking front after front away does", () => {
    fc.assert(
      fc.property(points, (set) => {
        const { rank, fronts } = rankPoints(core, coordinates(set));
        const expected = ranksSlowly(set);
        expect([...rank]).toEqual(expected);
        expect(fronts).toBe(Math.max(...expected) + 1);
      }),
    );
  });

  it("measures the hypervolume of a front", () => {
    const reference = { cost: 15, accuracy: 3 };
    fc.assert(
      fc.property(points, (set) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        expect(hypervolume(core, coordinates(front), reference)).toBeCloseTo(
          hypervolumeSlowly(set, reference),
          9,
        );
      }),
    );
  });

  it.each([
    ["IGD", false, igdSlowly],
    ["IGD+", true, igdPlusSlowly],
  ])("measures %s between any sets", (_, isPlus, slowly) => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const found = igd(core, coordinates(set), coordinates(reference), isPlus);
        expect(found).toBeCloseTo(slowly(set, reference), 12);
      }),
    );
  });

  it.each([
    ["IGD", false, igdSlowly],
    ["IGD+", true, igdPlusSlowly],
  ])("measures %s between chains by halving as the definition does", (_, isPlus, slowly) => {
    fc.assert(
      fc.property(chains, chains, (set, reference) => {
        const { mean } = igdSorted(core, coordinates(set), coordinates(reference), isPlus);
        expect(Math.abs(mean - slowly(set, reference))).toBeLessThan(1e-14);
      }),
      { numRuns: 500 },
    );
  });

  it("measures IGD of points that lie equally far from the reference, up to rounding", () => {
    // A quarter circle around (1, 0), and reference points at its centre and beside it.
    const arc = Array.from({ length: 50 }, (_, i) => ({
      cost: 1 - Math.cos((i / 49) * (Math.PI / 2)),
      accuracy: Math.sin((i / 49) * (Math.PI / 2)),
    }));
    for (let k = 0; k < 50; k++) {
      const reference = [
        { cost: arc[k].cost, accuracy: 0 },
        { cost: 1, accuracy: 0 },
        { cost: 1, accuracy: 1 },
      ];
      const { mean } = igdSorted(core, coordinates(arc), coordinates(reference));
      expect(Math.abs(mean - igdSlowly(arc, reference))).toBeLessThan(1e-14);
    }
  });

  it("measures the additive epsilon of a front as the definition does, to the bit", () => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        const found = additiveEpsilon(core, coordinates(front), coordinates(reference));
        expect(found + 0).toBe(epsilonSlowly(set, reference) + 0);
      }),
    );
  });

  it("measures the spread of a front", () => {
    fc.assert(
      fc.property(points, points, (set, reference) => {
        const front = nondominatedSlowly(set).sort((a, b) => a.cost - b.cost);
        const ends = nondominatedSlowly(reference).sort((a, b) => a.cost - b.cost);
        const last = (all: Point[]) => all[all.length - 1];
        const between = (a: Point, b: Point) => Math.hypot(a.cost - b.cost, a.accuracy - b.accuracy);
        const found = spread(
          core,
          coordinates(front),
          between(front[0], ends[0]) + between(last(front), last(ends)),
        );
        expect(found).toBeCloseTo(spreadSlowly(set, reference), 12);
      }),
    );
  });

  it.each([
    ["a NaN cost", NaN, 0.5, /cost of query 17, model 2 is NaN; expected dollars ≥ 0/],
    ["a negative cost", -1, 0.5, /cost of query 17, model 2 is -1; /],
    ["a probability above 1", 1, 1.25, /success probability of query 17, model 2 is 1.25; expected 0 … 1/],
    ["a negative probability", 1, -0.5, /success probability of query 17, model 2 is -0.5/],
    ["a NaN probability", 1, NaN, /success probability of query 17, model 2 is NaN/],
  ])("refuses %s, naming the place", (_, cost, probability, message) => {
    const problem = randomMatrices(5, 40, 3);
    problem.cost[17 * 3 + 2] = cost;
    problem.successProbability[17 * 3 + 2] = probability;
    expect(() => sumHulls(core, problem, 0, 40)).toThrow(message);
    expect(() => bracketPrices(core, problem, 0, 40, Infinity, 0, false)).toThrow(message);
  });

  it("refuses a wrong value in the last place, and takes a negative zero", () => {
    const problem = randomMatrices(5, 13, 3);
    const found = new Uint8Array(13);
    problem.cost[0] = -0;
    problem.successProbability[1] = -0;
    problem.cost[2] = Infinity;
    allocate(core, problem, 0, 13, 1, found, false);
    problem.successProbability[38] = 1.5;
    expect(() => allocate(core, problem, 0, 13, 1, found, false)).toThrow(/query 12, model 2 is 1.5/);
  });

  it("refuses a query that no model may answer", () => {
    const problem = randomMatrices(5, 40, 3);
    problem.cost.fill(Infinity, 39 * 3, 40 * 3);
    expect(() => sumHulls(core, problem, 0, 40)).toThrow(/no model may answer query 39/);
  });

  it("ends with huge, tiny and zero costs", () => {
    const problem: Matrices = {
      models: 4,
      cost: Float32Array.of(0, 1e-45, 1, 3.4e38, 0, 0, 0, 0, 3.4e38, 3.4e38, 1e38, 1e-38),
      successProbability: Float32Array.of(0, 1e-45, 1e-38, 1, 0.25, 0.5, 0.5, 0.125, 0.5, 1, 0.25, 0),
    };
    const found = new Uint8Array(3);
    allocate(core, problem, 0, 3, 0, found);
    expect([...found]).toEqual([3, 1, 1]);
    const bracket = bracketPrices(core, problem, 0, 3, Infinity, 0, false);
    expect(concatSteps(bracket.steps).query.length).toBeGreaterThan(3);
    expect([...bracket.allocation]).toEqual([0, 1, 3]);
    expect(sumHulls(core, problem, 0, 3).startCost).toBe(Math.fround(1e-38));
  });
});
