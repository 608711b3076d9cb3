import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { compileCore, type Build } from "../../builds.js";
import { ReplicateMean, type Voice } from "../../../src/core/predict/replicateMean.js";
import { predictSpace } from "../../../src/core/predict/space.js";
import { Random } from "../../../src/random.js";

interface Case {
  models: number;
  /** [member][replicate]: rows × models. */
  predicted: Float32Array[][];
  share: number[];
  alpha: number;
  voice?: Voice;
}

const cases: fc.Arbitrary<Case> = fc
  .record({
    models: fc.integer({ min: 1, max: 13 }),
    // A crossing is full at 256 rows.
    rows: fc.constantFrom(0, 1, 2, 7, 256, 300),
    members: fc.integer({ min: 1, max: 4 }),
    replicates: fc.integer({ min: 1, max: 6 }),
    alpha: fc.constantFrom(0, 0.5, -1, 1e308),
    isCalibrated: fc.boolean(),
    seed: fc.nat(),
  })
  .map(({ models, rows, members, replicates, alpha, isCalibrated, seed }) => {
    const random = new Random(seed);
    // Also the ends, and what is all but there.
    const p = () => [0, 1, 1e-9, 1 - 1e-7, random.uniform(), random.uniform()][random.below(6)];
    const weights = Array.from({ length: replicates }, () => 0.1 + random.uniform());
    const total = weights.reduce((sum, w) => sum + w, 0);
    const count = isCalibrated ? members : 1;
    const numbers = (length: number, of: () => number) => Array.from({ length }, of);
    return {
      models,
      predicted: Array.from({ length: count }, () =>
        Array.from({ length: replicates }, () => Float32Array.from({ length: rows * models }, p)),
      ),
      share: weights.map((w) => w / total),
      alpha,
      voice: isCalibrated
        ? {
            weight: numbers(count, () => random.uniform()),
            base: numbers(models, () => random.normal()),
            slope: numbers(models, () => 2 * random.uniform()),
            clip: 1e-6,
          }
        : undefined,
    };
  });

/** What one replicate says of number i, in float64. */
function said({ predicted, voice, models }: Case, b: number, i: number): number {
  if (voice === undefined) return predicted[0][b][i];
  const margin = predicted.reduce((sum, member, k) => {
    const p = Math.min(Math.max(member[b][i], voice.clip), Math.fround(1 - voice.clip));
    return sum + voice.weight[k] * Math.log(p / (1 - p));
  }, 0);
  return 1 / (1 + Math.exp(-(voice.base[i % models] + voice.slope[i % models] * margin)));
}

describe.each(["debug", "release"] as Build[])("the mean of replicates, %s build", (build) => {
  it("is the weighted mean plus alpha deviations of the combined members", () => {
    fc.assert(
      fc.property(cases, (given) => {
        const { models, predicted, share, alpha, voice } = given;
        const mean = new ReplicateMean(
          models,
          predicted.length,
          voice,
          predictSpace(compileCore(build, "predict")),
        );
        const out = new Float32Array(predicted[0][0].length);
        mean.run(predicted, share, alpha, out);
        out.forEach((score, i) => {
          const p = share.map((_, b) => said(given, b, i));
          const plain = p.reduce((sum, x) => sum + x, 0) / p.length;
          const deviation = Math.sqrt(p.reduce((sum, x) => sum + (x - plain) ** 2, 0) / p.length);
          const weighted = share.reduce((sum, s, b) => sum + s * p[b], 0);
          if (Math.abs(alpha) > 1) {
            // Any deviation at all leads to 1.
            if (deviation === 0) expect(score).toBeCloseTo(weighted, 5);
            if (deviation > 1e-3) expect(score).toBe(1);
            return;
          }
          expect(score).toBeCloseTo(Math.min(1, Math.max(0, weighted + alpha * deviation)), 5);
        });
      }),
      { numRuns: 80 },
    );
  });
});
