import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { NeighbourSearch, unitRows } from "../../../src/core/predict/neighbours.js";
import {
  growTrees,
  TreeMeans,
  type GrowthRows,
  type GrowthSettings,
} from "../../../src/core/predict/trees.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { Random } from "../../../src/random.js";
import { growSlowly, leafOf, leavesOnly, nearestSlowly, treeAt } from "./treesOracle.js";

interface Case {
  rows: GrowthRows;
  settings: GrowthSettings;
  weight: Float64Array;
  seed: number;
}

/** Rows of few distinct values, so that ties, constant columns and pure nodes occur; some labels blank, some fractions. */
const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.integer({ min: 1, max: 40 }),
    columns: fc.integer({ min: 1, max: 6 }),
    models: fc.integer({ min: 1, max: 13 }),
    seed: fc.integer(),
    levels: fc.constantFrom(2, 5, 1000),
    blank: fc.constantFrom(0, 0.3, 1),
    candidates: fc.integer({ min: 1, max: 6 }),
    maxDepth: fc.integer({ min: 0, max: 8 }),
    minLeaf: fc.constantFrom(1, 2, 3.5),
    prior: fc.constantFrom(0, 0.5, 2),
    isBest: fc.boolean(),
  })
  .map(({ rows, columns, models, seed, levels, blank, ...settings }) => {
    const random = new Random(seed, 77);
    const isLabelled = Uint8Array.from({ length: rows * models }, () => Number(random.uniform() >= blank));
    return {
      rows: {
        rows,
        columns,
        models,
        value: Float32Array.from({ length: columns * rows }, () => random.below(levels) / 7 - 1),
        label: Float32Array.from(isLabelled, (is) => is * (random.below(3) / 2 - 0.4)),
        isLabelled,
      },
      settings,
      weight: Float64Array.from({ length: rows }, () => random.below(4)),
      seed,
    };
  });

function rowOf({ value, rows, columns }: GrowthRows, r: number): number[] {
  return Array.from({ length: columns }, (_, c) => value[c * rows + r]);
}

describe.each(["debug", "release"] as Build[])("in the %s build", (build) => {
  const module = compileCore(build, "predict");

  it("trees equal those of their slow twin, to the bit", () => {
    fc.assert(
      fc.property(cases, ({ rows, settings, weight, seed }) => {
        const trees = growTrees(module, rows, settings, 3, seed, () => weight);
        trees.root.forEach((root, t) => {
          expect(treeAt(trees, root)).toEqual(leavesOnly(growSlowly(rows, settings, weight, seed, t)));
        });
      }),
      { numRuns: 300 },
    );
  });

  it("a tree does not depend on earlier trees or on the memory's contents", () => {
    fc.assert(
      fc.property(cases, cases, (one, other) => {
        const { rows, settings, weight, seed } = one;
        const once = growTrees(module, rows, settings, 2, seed, () => weight);
        growTrees(module, other.rows, other.settings, 2, other.seed, () => other.weight);
        expect(growTrees(module, rows, settings, 2, seed, () => weight)).toEqual(once);
      }),
    );
  });

  it("rows get the mean of the vectors of their leaves, in the order of the trees", () => {
    fc.assert(
      fc.property(cases, fc.integer({ min: 1, max: 19 }), ({ rows, settings, weight, seed }, count) => {
        const trees = growTrees(module, rows, settings, count, seed, () => weight);
        const { models } = rows;
        // More rows than a block holds, and not a multiple of four.
        const inputs = Array.from({ length: 259 }, (_, r) => rowOf(rows, r % rows.rows));
        inputs[1] = inputs[1].map(() => NaN);
        const found = new Float32Array(inputs.length * models);
        const means = new TreeMeans(trees, predictSpace(module));
        means.run(inputs.length, Float32Array.from(inputs.flat()), found);
        // One row, and a few, give the same bytes.
        for (const few of [1, 3]) {
          const alone = new Float32Array(few * (models + 2));
          means.run(few, Float32Array.from(inputs.slice(0, few).flat()), alone, 2, models + 2);
          for (let r = 0; r < few; r++) {
            const at = 2 + r * (models + 2);
            expect(alone.slice(at, at + models)).toEqual(found.slice(r * models, (r + 1) * models));
          }
        }
        const slow = [...trees.root].map((root) => treeAt(trees, root));
        const share = Math.fround(1 / count);
        inputs.forEach((row, r) => {
          const leaves = slow.map((tree) => leafOf(tree, row));
          for (let m = 0; m < models; m++) {
            const sum = leaves.reduce((s, { estimate }) => Math.fround(s + estimate[m]), 0);
            expect(found[r * models + m] + 0).toBe(Math.fround(sum * share) + 0);
          }
        });
      }),
      { numRuns: 30 },
    );
  });

  it("the nearest rows are found exactly, ties by index", () => {
    const shape = fc.record({
      rows: fc.integer({ min: 1, max: 23 }),
      queries: fc.integer({ min: 1, max: 7 }),
      columns: fc.integer({ min: 1, max: 9 }),
      k: fc.integer({ min: 1, max: 23 }),
      block: fc.constantFrom(1, 30, 1000),
      seed: fc.integer(),
    });
    fc.assert(
      fc.property(shape, ({ rows, queries, columns, k, block, seed }) => {
        const random = new Random(seed);
        const draw = (n: number) =>
          unitRows(
            n,
            columns,
            Float32Array.from({ length: n * columns }, () => random.below(3) - 1),
          );
        const all = draw(rows);
        const asked = draw(queries);
        const width = all.columns;
        const wanted = Math.min(k, rows);
        const vectors = Array.from({ length: rows }, (_, r) =>
          all.value.subarray(r * width, (r + 1) * width),
        );
        const search = new NeighbourSearch(all, Math.max(rows, block), predictSpace(module));
        search.run(asked, wanted, ({ similarity, index }, from, count) => {
          for (let q = 0; q < count; q++) {
            const query = asked.value.subarray((from + q) * width, (from + q + 1) * width);
            const found = Array.from({ length: wanted }, (_, j) => ({
              index: index[q * wanted + j],
              similarity: similarity[q * wanted + j],
            }));
            expect(found).toEqual(nearestSlowly(query, vectors, wanted));
          }
        });
      }),
      { numRuns: 300 },
    );
  });
});
