import { afterAll, describe, expect, it } from "vitest";
import { predictSpace } from "../../../src/core/predict/space.js";
import { Pool } from "../../../src/pool/pool.js";
import { replicator } from "../../../src/predict/selection/bootstrap.js";
import { Featuriser } from "../../../src/predict/features/featuriser.js";
import type { MethodKind } from "../../../src/predict/methods/method.js";
import { methodOf } from "../../../src/predict/methods/methods.js";
import { MeanPredictor } from "../../../src/predict/predictor.js";
import { savePredictor } from "../../../src/predict/saved.js";
import { share } from "../../../src/predict/share.js";
import { fitSample } from "../../../src/predict/fit.js";
import { toySample } from "../toy.js";
import { isLong } from "../../runs.js";

const pool = new Pool({ threads: 2 });
afterAll(() => pool.close());

const sample = toySample(60);
const probes = ["sum the numbers of the river", "write a verse about a tiger", "", "something else"];

async function examplesOfToy() {
  const featuriser = await Featuriser.fit(sample.queries, []);
  const features = featuriser.features(sample.queries);
  return { features, models: 2, outcome: sample.outcome, weight: new Float64Array(60).fill(1) };
}

describe("a replicate", () => {
  it("depends on the sample, the seed and its number alone", async () => {
    const members = [{ kind: "base-rate" as const, setting: {} }];
    const resampled = { examples: await examplesOfToy(), members, seed: 7 };
    const [a, b] = [replicator(resampled), replicator(share(resampled))];
    const backwards = [3, 2, 1, 0].map((k) => a(k)).reverse();
    expect([0, 1, 2, 3].map((k) => b(k))).toEqual(backwards);
    expect(a(1).learned).not.toEqual(a(0).learned);
    expect(replicator({ ...resampled, seed: 8 })(0).learned).not.toEqual(a(0).learned);
  });

  it("is weighted by the labels outside its resample that it gets right", async () => {
    const examples = await examplesOfToy();
    const weightOf = (outcome: Float32Array) =>
      replicator({
        examples: { ...examples, outcome },
        members: [{ kind: "base-rate", setting: {} }],
        seed: 1,
      })(0).weight;
    // All right: the base rate is above one half and so always right. A fair coin: about half the labels.
    expect(weightOf(new Float32Array(120).fill(1))).toBe(1);
    expect(weightOf(sample.outcome)).toBeGreaterThan(0.2);
    expect(weightOf(sample.outcome)).toBeLessThan(0.8);
  });
});

describe("bootstrap", () => {
  it.each(["base-rate", "logistic", "rank-one", "trees", "knn"] as const)(
    "moves predictions up or down by alpha deviations (%s)",
    async (kind) => {
      const fitted = (await fitSample(sample, { kind, replicates: 6, alpha: -1 })) as MeanPredictor;
      expect(fitted.replicates).toBe(6);
      const { state } = fitted;
      expect(state.bootstrap!.alpha).toBe(-1);
      const [low, mean, high] = await Promise.all(
        [-1, 0, 1].map(async (alpha) => {
          const turned = new MeanPredictor({ ...state, bootstrap: { ...state.bootstrap!, alpha } });
          const probability = await turned.predict(probes);
          if (!isLong) return probability;
          const again = await fitSample(sample, { kind, replicates: 6, alpha });
          expect(await again.predict(probes)).toEqual(probability);
          return probability;
        }),
      );
      mean.forEach((p, i) => {
        expect(low[i]).toBeLessThanOrEqual(p);
        expect(high[i]).toBeGreaterThanOrEqual(p);
        if (low[i] > 0 && high[i] < 1) expect(p - low[i]).toBeCloseTo(high[i] - p, 5);
        expect(low[i] >= 0 && high[i] <= 1).toBe(true);
      });
      expect(high.some((p, i) => p > low[i] + 0.01)).toBe(true);
    },
  );

  it("weights replicates equally if none is right outside its resample", async () => {
    const few = { models: ["a"], queries: ["x", "y", "z"], outcome: Float32Array.of(1, 0, 0) };
    const seeds = Array.from({ length: 20 }, (_, k) => k + 1);
    let never = 0;
    for (const seed of seeds) {
      const trained = await fitSample(few, { kind: "base-rate", replicates: 2, seed });
      const { members, weight } = (trained as MeanPredictor).state.bootstrap!;
      if (weight.some((w) => w > 0)) continue;
      never++;
      const [a, b] = members[0].learned as Float64Array[];
      expect((await trained.predict(["x"]))[0]).toBeCloseTo((a[0] + b[0]) / 2, 6);
    }
    expect(never).toBeGreaterThan(0);
  });

  it("is the paper's formula: weighted mean + alpha · population deviation, by hand from base rates", async () => {
    const predictor = (await fitSample(sample, {
      kind: "base-rate",
      replicates: 5,
      alpha: 0.5,
    })) as MeanPredictor;
    const { members, weight } = predictor.state.bootstrap!;
    const rates = members[0].learned as Float64Array[];
    const [p] = await predictor.predict(["any"]);
    const mass = weight.reduce((sum, w) => sum + w, 0);
    const mean = rates.reduce((sum, rate, b) => sum + weight[b] * rate[0], 0) / mass;
    const plain = rates.reduce((sum, rate) => sum + rate[0], 0) / 5;
    const deviation = Math.sqrt(rates.reduce((sum, rate) => sum + (rate[0] - plain) ** 2, 0) / 5);
    expect(p).toBeCloseTo(mean + 0.5 * deviation, 6);
  });

  it("gives the same bytes on a pool as without one", async () => {
    const options = { kind: "auto" as const, replicates: 6, alpha: -0.5, seed: 3 };
    const queries = toySample(9_000, 5).queries;
    const inline = await fitSample(sample, options);
    const pooled = await fitSample(sample, { ...options, pool });
    const expected = await inline.predict(queries.slice(0, 3_000));
    const found = await pooled.predict(queries, { pool });
    expect(
      Buffer.from(found.buffer).subarray(0, expected.byteLength).equals(Buffer.from(expected.buffer)),
    ).toBe(true);
    const tail = await inline.predict(queries.slice(8_500));
    expect(found.subarray(2 * 8_500)).toEqual(tail);
    expect(Buffer.compare(savePredictor(pooled), savePredictor(inline))).toBe(0);
  });

  it("refuses wrong numbers, and stops when asked to", async () => {
    await expect(fitSample(sample, { replicates: 1.5 })).rejects.toThrow(/replicates is 1.5/);
    await expect(fitSample(sample, { alpha: NaN })).rejects.toThrow(/alpha is NaN/);
    const controller = new AbortController();
    const reason = new Error("enough");
    const onProgress = ({ phase }: { phase: string }) => {
      if (phase === "bootstrap") controller.abort(reason);
    };
    const options = { kind: "base-rate" as const, replicates: 50, signal: controller.signal, onProgress };
    await expect(fitSample(sample, options)).rejects.toBe(reason);
  });
});

describe("scoring many fits at once", () => {
  it.each(["logistic", "rank-one", "knn"] as MethodKind[])(
    "equals scoring them one after another (%s)",
    async (kind) => {
      const examples = await examplesOfToy();
      const method = methodOf(kind);
      if (method.bagScorer === undefined) return;
      const prepared = method.prepare(examples.features, 2);
      const bag = [1, 2, 3].map((k) => {
        const weight = examples.weight.map((_, r) => (r * k) % 3);
        return method.fit({ ...examples, weight }, prepared, method.settings[2], 1);
      });
      const features = (await Featuriser.fit(sample.queries, [])).features([...probes, ...sample.queries]);
      const together = bag.map(() => new Float32Array(features.rows * 2));
      method.bagScorer(bag, predictSpace())(features, together);
      bag.forEach((learned, b) => {
        const alone = new Float32Array(features.rows * 2);
        method.scorer(learned, predictSpace())(features, alone);
        alone.forEach((p, i) => expect(together[b][i]).toBeCloseTo(p, 5));
      });
    },
  );
});
