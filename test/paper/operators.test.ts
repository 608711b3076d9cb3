import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { Crossover, differ, Mutation, nearest } from "../../paper/baselines/operators.js";
import { Random } from "../../src/random.js";

const LAST = 7;
const GENES = 20_000;
const uniform = (random: Random, last = LAST, length = GENES): Uint8Array =>
  Uint8Array.from({ length }, () => random.below(last + 1));
const mean = (genes: Uint8Array): number => genes.reduce((sum, g) => sum + g, 0) / genes.length;
/** Four standard errors of the mean of uniform genes; seeds are fixed, so that a test never fails by chance. */
const near = (genes: number, last = LAST): number => (4 * (last + 1)) / Math.sqrt(12 * genes);

/** Both children of two parents. */
function cross(random: Random, crossover: Crossover, a: Uint8Array, b: Uint8Array) {
  const first = new Uint8Array(a.length);
  const second = new Uint8Array(a.length);
  crossover.cross(random, a, b, first, second);
  return [first, second];
}

describe("simulated binary crossover", () => {
  it("stays within the models and leaves its parents as they are", () => {
    fc.assert(
      fc.property(
        fc.integer(),
        fc.integer({ min: 0, max: 254 }),
        fc.double({ min: 0, max: 40, noNaN: true }),
        (seed, last, index) => {
          const random = new Random(seed);
          const [a, b] = [uniform(random, last, 50), uniform(random, last, 50)];
          const before = [a.slice(), b.slice()];
          for (const child of cross(random, new Crossover(1, index, last), a, b)) {
            expect(Math.max(...child)).toBeLessThanOrEqual(last);
          }
          expect([a, b]).toEqual(before);
        },
      ),
    );
  });

  it("keeps genes in which the parents agree, and everything at rate 0", () => {
    const random = new Random(1);
    const [a, b] = [uniform(random), uniform(random)];
    b.set(a.subarray(0, 100));
    const [first, second] = cross(random, new Crossover(1, 2, LAST), a, b);
    expect(first.subarray(0, 100)).toEqual(a.subarray(0, 100));
    expect(second.subarray(0, 100)).toEqual(a.subarray(0, 100));
    expect(cross(random, new Crossover(0, 2, LAST), a, b)).toEqual([a, b]);
  });

  it("does not drift: the children of uniform genes have the parents' mean", () => {
    for (const index of [5, 7, 15]) {
      const random = new Random(2);
      const [a, b] = [uniform(random), uniform(random)];
      const children = cross(random, new Crossover(1, index, LAST), a, b);
      const parents = (mean(a) + mean(b)) / 2;
      expect(Math.abs(mean(children[0]) + mean(children[1]) - 2 * parents)).toBeLessThan(near(GENES) / 4);
    }
  });

  it("mirrors with the models: no end is favoured", () => {
    const crossover = new Crossover(1, 3, LAST);
    const counts = Array.from({ length: 2 }, () => new Float64Array(LAST + 1));
    for (const [k, x, y] of [
      [0, 1, 4],
      [1, LAST - 1, LAST - 4],
    ]) {
      const [a, b] = [new Uint8Array(GENES).fill(x), new Uint8Array(GENES).fill(y)];
      for (const child of cross(new Random(3), crossover, a, b)) {
        child.forEach((g) => counts[k][k === 0 ? g : LAST - g]++);
      }
    }
    expect(counts[0]).toEqual(counts[1]);
    // Also beyond both parents, up to the ends.
    expect(counts[0].every((count) => count > 0)).toBe(true);
  });

  it("crosses half of the genes that differ and swaps half of those", () => {
    const [a, b] = [new Uint8Array(GENES).fill(3), new Uint8Array(GENES).fill(4)];
    const [first] = cross(new Random(4), new Crossover(1, 1000, LAST), a, b);
    const swapped = first.filter((g) => g === 4).length / GENES;
    expect(Math.abs(swapped - 0.25)).toBeLessThan(0.015);
  });
});

describe("polynomial mutation", () => {
  it("changes one gene of an allocation on average, anywhere in it", () => {
    const random = new Random(5);
    const mutation = new Mutation(1, 0, 254);
    const hits = new Float64Array(10);
    let changed = 0;
    for (let run = 0; run < 20_000; run++) {
      const genes = new Uint8Array(10).fill(127);
      mutation.mutate(random, genes);
      genes.forEach((g, q) => {
        if (g === 127) return;
        hits[q]++;
        changed++;
      });
    }
    expect(changed / 20_000).toBeGreaterThan(0.95);
    expect(changed / 20_000).toBeLessThan(1.05);
    hits.forEach((count) => expect(Math.abs(count / 2000 - 1)).toBeLessThan(0.12));
  });

  it("mutates the share of allocations that its rate says, also of a single query", () => {
    const random = new Random(6);
    const mutation = new Mutation(0.5, 0, 254);
    let changed = 0;
    for (let run = 0; run < 4000; run++) {
      const genes = Uint8Array.of(100);
      mutation.mutate(random, genes);
      changed += Number(genes[0] !== 100);
    }
    // Half of the allocations, and a single gene with chance one half.
    expect(Math.abs(changed / 4000 - 0.25)).toBeLessThan(0.03);
  });

  it("stays within the models and mirrors with them", () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 254 }),
        fc.double({ min: 0, max: 40, noNaN: true }),
        // 1 − u has no rounding.
        fc.integer({ min: 0, max: 2 ** 30 }).map((k) => k / 2 ** 30),
        fc.nat(),
        (last, index, u, pick) => {
          const mutation = new Mutation(1, index, last);
          const gene = pick % (last + 1);
          const moved = mutation.moved(gene, u);
          expect(moved).toBeGreaterThanOrEqual(0);
          expect(moved).toBeLessThanOrEqual(last);
          // Where rounding is not on the edge, the mirrored quantile gives the mirrored model.
          const mirrored = last - mutation.moved(last - gene, 1 - u);
          expect(Math.abs(mirrored - moved)).toBeLessThanOrEqual(1);
        },
      ),
    );
  });

  it("reaches the last model from the first and the first from the last", () => {
    const most = 1 - Number.EPSILON / 2;
    for (const index of [0, 9]) {
      const mutation = new Mutation(1, index, LAST);
      expect(mutation.moved(0, most)).toBe(LAST);
      expect(mutation.moved(LAST, 0)).toBe(0);
    }
    // Small steps take two mutations.
    const mutation = new Mutation(1, 28, LAST);
    expect(mutation.moved(mutation.moved(0, most), most)).toBe(LAST);
    expect(mutation.moved(mutation.moved(LAST, 0), 0)).toBe(0);
  });

  it.each([9, 20, 28])("does not drift: uniform genes stay uniform in mean at η = %s", (index) => {
    const random = new Random(7);
    const mutation = new Mutation(1, index, LAST);
    let sum = 0;
    const moves = 200_000;
    for (let k = 0; k < moves; k++) {
      const gene = random.below(LAST + 1);
      sum += mutation.moved(gene, random.uniform()) - gene;
    }
    expect(Math.abs(sum / moves)).toBeLessThan(0.01);
  });
});

describe("differential variation", () => {
  it("adds half the parents' difference, and rounds halves either way alike", () => {
    const fill = (gene: number): Uint8Array => new Uint8Array(GENES).fill(gene);
    const child = fill(0);
    differ(new Random(8), fill(3), fill(4), fill(2), child, LAST);
    expect(new Set(child)).toEqual(new Set([4]));
    differ(new Random(8), fill(3), fill(3), fill(2), child, LAST);
    expect(new Set(child)).toEqual(new Set([3, 4]));
    expect(Math.abs(mean(child) - 3.5)).toBeLessThan(0.02);
    differ(new Random(8), fill(3), fill(2), fill(3), child, LAST);
    expect(new Set(child)).toEqual(new Set([2, 3]));
    expect(Math.abs(mean(child) - 2.5)).toBeLessThan(0.02);
  });

  it("stays within the models and does not drift", () => {
    const random = new Random(9);
    const [own, a, b] = [uniform(random), uniform(random), uniform(random)];
    const child = new Uint8Array(GENES);
    differ(random, own, a, b, child, LAST);
    expect(Math.max(...child)).toBe(LAST);
    expect(Math.abs(mean(child) - mean(own))).toBeLessThan(near(GENES));
  });
});

it("rounds to the nearest model within the range", () => {
  expect([-3, 0.4, 0.6, 2.2, 7.4, 99].map((x) => nearest(x, 7))).toEqual([0, 0, 1, 2, 7, 7]);
});
