import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Extension } from "../../../assembly/layout.js";
import { Arena } from "../../../src/core/arena.js";
import { instantiate } from "../../../src/core/module.js";
import { compileCore, type Build } from "../../builds.js";
import { Struct } from "../../../src/core/struct.js";
import {
  findAll,
  SearchArchive,
  searchAround,
  type Limits,
  type OptionTable,
} from "../../../src/core/solve/search.js";
import { spread } from "../../../src/core/solve/spread.js";
import { simulateProblem } from "../../../src/simulate/simulate.js";
import { Random } from "../../../src/random.js";
import { optionsOf } from "../../../src/solve/supported.js";
import { extendSlowly, nondominatedSlowly, type Point } from "../../oracle.js";
import { problems } from "../../problems.js";

const noLimits = (): Limits => ({
  timeLimitMs: Infinity,
  stop: new Int32Array(new SharedArrayBuffer(4)),
});

function last<T>(slices: Generator<void, T>): T {
  for (;;) {
    const slice = slices.next();
    if (slice.done) return slice.value;
  }
}

/** A list of sums as the kernels keep it: strictly rising in both numbers. */
const lists = fc
  .array(fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 0, max: 40 })), {
    minLength: 1,
    maxLength: 12,
  })
  .map((pairs) =>
    nondominatedSlowly(pairs.map(([cost, accuracy]) => ({ cost: cost / 8, accuracy: accuracy / 8 }))),
  )
  .map((points) => points.sort((a, b) => a.cost - b.cost));

function sumOf({ start, cost, gain }: OptionTable, places: Uint8Array): Point {
  let point = { cost: 0, accuracy: 0 };
  places.forEach((place, q) => {
    const option = start[q] + place;
    point = { cost: point.cost + cost[option], accuracy: point.accuracy + gain[option] };
  });
  return point;
}

describe.each(["debug", "release"] as Build[])("in the %s build", (build) => {
  const module = compileCore(build, "solve");

  it("random numbers are those of the host, to the bit", () => {
    const kernels = instantiate(module);
    const state = new Arena(kernels.memory, kernels.heapBase()).reserve(16);
    fc.assert(
      fc.property(fc.integer(), fc.nat({ max: 1000 }), (seed, stream) => {
        const random = new Random(seed, stream);
        kernels.seedRandom(state, seed, stream);
        for (let k = 0; k < 5; k++) {
          expect(kernels.nextUint32(state) >>> 0).toBe(random.uint32());
          expect(kernels.nextUniform(state)).toBe(random.uniform());
        }
      }),
    );
  });

  it("states are extended as by their definition, in slices of any size", () => {
    fc.assert(
      fc.property(lists, lists, fc.integer({ min: 1, max: 20 }), (states, options, slice) => {
        const kernels = instantiate(module);
        const arena = new Arena(kernels.memory, kernels.heapBase());
        const write = (points: readonly Point[], value: (point: Point) => number) =>
          arena.write(Float64Array.from(points, value));
        const room = states.length * options.length + slice;
        const extension = new Struct(arena, Extension, {
          cost: write(states, (p) => p.cost),
          gain: write(states, (p) => p.accuracy),
          states: states.length,
          optionCost: write(options, (p) => p.cost),
          optionGain: write(options, (p) => p.accuracy),
          options: options.length,
          heads: arena.write(new Uint32Array(options.length)),
          nextCost: arena.reserve(room * 8),
          nextGain: arena.reserve(room * 8),
          parent: arena.reserve(room * 4),
          taken: arena.reserve(room),
        });
        let count = 0;
        let limit = 0;
        while (count === limit) {
          limit = count + slice;
          count = kernels.extendStates(extension.address, count, limit);
        }
        const found = Array.from(arena.f64(extension.get("nextCost"), count), (cost, k) => ({
          cost,
          accuracy: arena.f64(extension.get("nextGain"), count)[k],
        }));
        expect(found).toEqual(extendSlowly(states, options));
        found.forEach((point, k) => {
          const state = states[arena.u32(extension.get("parent"), count)[k]];
          const option = options[arena.u8(extension.get("taken"), count)[k]];
          expect(state.cost + option.cost).toBe(point.cost);
          expect(state.accuracy + option.accuracy).toBe(point.accuracy);
        });
      }),
    );
  });

  it("the exact method finds the nondominated sums of all allocations", () => {
    fc.assert(
      fc.property(problems({ queries: 5, models: 4 }), (problem) => {
        const { table } = optionsOf(problem);
        const queries = table.start.length - 1;
        const found = last(findAll(module, { table, maxStates: 1e6, maxPoints: 1e6, limits: noLimits() }));
        let expected: Point[] = [{ cost: 0, accuracy: 0 }];
        for (let q = 0; q < queries; q++) {
          const options = Array.from({ length: table.start[q + 1] - table.start[q] }, (_, o) => ({
            cost: table.cost[table.start[q] + o],
            accuracy: table.gain[table.start[q] + o],
          }));
          expected = extendSlowly(expected, options);
        }
        const sums = Array.from({ length: found.points }, (_, k) =>
          sumOf(table, found.allocations.subarray(k * queries, (k + 1) * queries)),
        );
        expect(sums).toEqual(expected);
        expect(found).toMatchObject({ isExhaustive: true, isThinned: false });
      }),
    );
  });

  it("the exact method gives up at its limit of states, and at once when asked to stop", () => {
    const { table } = optionsOf(simulateProblem({ queries: 40, models: 6, seed: 1 }));
    const input = { table, maxPoints: 100, limits: noLimits() };
    const full = last(findAll(module, { ...input, maxStates: 1e6 }));
    expect(full).toMatchObject({ isExhaustive: true, isThinned: true });
    expect(full.points).toBeLessThanOrEqual(100);
    expect(last(findAll(module, { ...input, maxStates: full.steps }))).toEqual(full);
    const less = last(findAll(module, { ...input, maxStates: full.steps - 1 }));
    expect(less).toMatchObject({ points: 0, isExhaustive: false });
    expect(less.steps).toBeLessThanOrEqual(full.steps);
    Atomics.store(input.limits.stop, 0, 1);
    expect(last(findAll(module, { ...input, maxStates: 1e6 }))).toMatchObject({ points: 0, steps: 0 });
  });

  it("an archive keeps the nondominated of all offered allocations, in any order", () => {
    fc.assert(
      fc.property(problems({ queries: 4, models: 4 }), fc.integer(), (problem, seed) => {
        const { table } = optionsOf(problem);
        const queries = table.start.length - 1;
        const random = new Random(seed);
        const offers = Array.from({ length: 40 }, () =>
          Uint8Array.from({ length: queries }, (_, q) => random.below(table.start[q + 1] - table.start[q])),
        );
        const limits = noLimits();
        const input = { table, capacity: 41, seed, restart: 0, restarts: 1, stepLimit: 0, limits };
        const archive = new SearchArchive(module, { ...input, supported: new Uint8Array(0) });
        const met: Point[] = [];
        for (const offer of offers) {
          const point = sumOf(table, offer);
          const isNew = !met.some((p) => p.cost <= point.cost && p.accuracy >= point.accuracy);
          expect(archive.insert(offer, false)).toBe(isNew);
          met.push(point);
        }
        const { allocations, points } = archive.read();
        const kept = Array.from({ length: points }, (_, k) =>
          sumOf(table, allocations.subarray(k * queries, (k + 1) * queries)),
        );
        expect(kept).toEqual(nondominatedSlowly(met).sort((a, b) => a.cost - b.cost));
      }),
    );
  });
});

describe("a search from the ends alone", () => {
  const { table } = optionsOf(simulateProblem({ queries: 30, models: 5, seed: 4 }));
  const queries = table.start.length - 1;
  const cheapest = new Uint8Array(queries);
  const dearest = cheapest.map((_, q) => table.start[q + 1] - table.start[q] - 1);
  const supported = Uint8Array.of(...cheapest, ...dearest);
  const input = { table, supported, seed: 9, restart: 1, restarts: 4, stepLimit: 300, limits: noLimits() };
  const run = (build: Build, capacity: number) =>
    last(searchAround(compileCore(build, "solve"), { ...input, capacity }));

  it.each([10, 40, 4000])("is the same in both builds and holds its rules with room for %d", (capacity) => {
    const found = run("release", capacity);
    expect(run("debug", capacity)).toEqual(found);
    expect(found.points).toBeGreaterThan(0);
    expect(found.points).toBeLessThanOrEqual(capacity - 2);
    expect(found.isThinned).toBe(capacity < 4000);
    const sums = Array.from({ length: found.points }, (_, k) =>
      sumOf(table, found.allocations.subarray(k * queries, (k + 1) * queries)),
    );
    const all = [sumOf(table, cheapest), ...sums, sumOf(table, dearest)];
    for (let k = 1; k < all.length; k++) {
      expect(all[k].cost).toBeGreaterThan(all[k - 1].cost);
      expect(all[k].accuracy).toBeGreaterThan(all[k - 1].accuracy);
    }
  });
});

describe("spread", () => {
  const cost = Float64Array.from({ length: 101 }, (_, k) => k);

  it("keeps everything if there is room", () => {
    expect(spread(cost, cost, 101).length).toBe(101);
  });

  it.each([2, 3, 10, 50, 100])("keeps the ends and at most %d points", (most) => {
    const chosen = [...spread(cost, cost, most)];
    expect(chosen.length).toBeLessThanOrEqual(most);
    expect(chosen.length).toBeGreaterThan(most / 2);
    expect([chosen[0], chosen[chosen.length - 1]]).toEqual([0, 100]);
  });

  it("keeps what must be kept", () => {
    const isKept = Uint8Array.from(cost, (k) => Number(k >= 40 && k < 60));
    expect([...spread(cost, cost, 5, isKept)]).toEqual([
      0,
      ...Array.from({ length: 20 }, (_, k) => 40 + k),
      100,
    ]);
  });
});
