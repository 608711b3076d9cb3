import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { VoteCount, type Ballots, type Voters } from "../../../src/core/predict/votes.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { Random } from "../../../src/random.js";

interface Case {
  ballots: Ballots;
  fits: Voters[];
  prior: number;
  listed: number;
  near: Uint32Array;
  closeness: Float64Array;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    rows: fc.integer({ min: 1, max: 30 }),
    models: fc.integer({ min: 1, max: 20 }),
    fitCount: fc.integer({ min: 1, max: 4 }),
    queries: fc.integer({ min: 0, max: 5 }),
    wanted: fc.integer({ min: 0, max: 12 }),
    isComplete: fc.boolean(),
    prior: fc.constantFrom(0.1, 0.3),
    seed: fc.nat(),
  })
  .map(({ rows, models, fitCount, queries, wanted, isComplete, prior, seed }) => {
    const random = new Random(seed);
    const listed = 1 + random.below(rows);
    const width = Math.ceil((isComplete ? models + 1 : 2 * models) / 4) * 4;
    const value = new Float32Array(rows * width);
    for (let r = 0; r < rows; r++) {
      for (let m = 0; m < models; m++) {
        const isLabelled = isComplete || random.uniform() < 0.7;
        if (!isLabelled) continue;
        value[r * width + m] = random.below(5) / 4;
        value[r * width + models + (isComplete ? 0 : m)] = 1;
      }
    }
    const fits = Array.from({ length: fitCount }, () => ({
      weight: Float32Array.from({ length: rows }, () => random.below(3)),
      wanted,
      rate: Float64Array.from({ length: models }, () => random.uniform()),
    }));
    return {
      ballots: { rows, models, isComplete, width, value },
      fits,
      prior,
      listed,
      near: Uint32Array.from(
        Array.from({ length: queries }, () => [...random.permutation(rows)].slice(0, listed)).flat(),
      ),
      closeness: Float64Array.from({ length: queries * listed }, () => random.uniform()),
    };
  });

/** Those of a query that vote in a fit, or undefined if too few have weight. */
function votersOf({ near, listed, closeness }: Case, q: number, { weight, wanted }: Voters) {
  const voters = Array.from({ length: listed }, (_, j) => q * listed + j)
    .map((at) => ({ row: near[at], vote: weight[near[at]] * closeness[at] }))
    .filter(({ row }) => weight[row] > 0)
    .slice(0, wanted);
  return voters.length === wanted ? voters : undefined;
}

describe.each(["debug", "release"] as Build[])("votes, %s build", (build) => {
  it("are counted by the definition, with marks for queries that have too few", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { ballots, fits, prior, listed, near, closeness } = given;
        const { models, width, value, isComplete } = ballots;
        const count = new VoteCount(
          fits,
          ballots,
          prior,
          near.length,
          predictSpace(compileCore(build, "predict")),
        );
        const queries = near.length / listed;
        const { probability, isShort } = count.run(near, (i) => closeness[i], queries, listed);
        for (let q = 0; q < queries; q++) {
          const voters = fits.map((fit) => votersOf(given, q, fit));
          expect(isShort[q]).toBe(Number(voters.includes(undefined)));
          if (isShort[q] === 1) continue;
          fits.forEach(({ rate }, b) => {
            for (let m = 0; m < models; m++) {
              let [right, votes] = [prior * rate[m], prior];
              for (const { row, vote } of voters[b]!) {
                right += vote * value[row * width + m];
                votes += vote * value[row * width + models + (isComplete ? 0 : m)];
              }
              expect(probability[(b * queries + q) * models + m]).toBeCloseTo(right / votes, 5);
            }
          });
        }
      }),
      { numRuns: 150 },
    );
  });
});
