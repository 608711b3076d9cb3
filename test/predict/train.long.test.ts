import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { Predictor } from "../../src/predict/predictor.js";
import type { LabelledSample } from "../../src/predict/sample.js";
import { reliability } from "../../src/predict/selection/reliability.js";
import { fitSample, type PredictorChoice } from "../../src/predict/fit.js";
import { Random } from "../../src/random.js";
import { realData } from "../realData.js";

const file = realData("frugalgpt_overruling");

const WORDS = ["river", "stone", "cloud", "ember", "maple", "tiger", "violet", "anchor"];

function noise(rows: number, rate: number, seed: number): LabelledSample {
  const random = new Random(seed, 9);
  const queries = Array.from({ length: rows }, () =>
    Array.from({ length: 6 }, () => WORDS[random.below(8)]).join(" "),
  );
  return {
    models: ["a"],
    queries,
    outcome: Float32Array.from(queries, () => (random.uniform() < rate ? 1 : 0)),
  };
}

async function lossOn({ queries, outcome, models }: LabelledSample, predictor: Predictor): Promise<number> {
  return reliability(await predictor.predict(queries), outcome, models.length).mean.logLoss;
}

describe("fitSample", () => {
  it("predicts about the base rate when the texts are noise", async () => {
    let excess = 0;
    for (const seed of [1, 2, 3]) {
      const [sample, unseen] = [noise(300, 0.3, seed), noise(200, 0.3, seed + 50)];
      const predictor = await fitSample(sample);
      const rate = (sample.outcome.reduce((s, y) => s + y, 0) + 0.5) / 301;
      const p = await predictor.predict(unseen.queries);
      const far = p.reduce((sum, v) => sum + Math.abs(v - rate), 0) / p.length;
      expect(far, `seed ${seed}`).toBeLessThan(0.06);
      const atRate = reliability(new Float32Array(200).fill(rate), unseen.outcome, 1).mean.logLoss;
      excess += (await lossOn(unseen, predictor)) - atRate;
    }
    expect(excess / 3).toBeLessThan(0.02);
  });
});

describe("on real outcomes", () => {
  it.skipIf(file === undefined)(
    "beats the base rate and the paper's forest on rows it has not seen, for every seed",
    async () => {
      const rows = gunzipSync(readFileSync(file!))
        .toString()
        .trim()
        .split("\n")
        .map((line) => JSON.parse(line) as Record<string, string | number>);
      const models = Object.keys(rows[0]).flatMap((k) => (k.endsWith("__score") ? [k.slice(0, -7)] : []));
      for (const seed of [21, 22]) {
        const order = new Random(seed).permutation(rows.length);
        const part = (from: number, to?: number) => {
          const picked = Array.from(order.subarray(from, to), (q) => rows[q]);
          const outcome = Float32Array.from(
            picked.flatMap((r) => models.map((m) => Number(r[`${m}__score`]))),
          );
          return { models, queries: picked.map((r) => String(r.query)), outcome };
        };
        const [sample, rest] = [part(0, 216), part(216)];
        const loss = async (kind: PredictorChoice): Promise<number> => {
          const predictor = await fitSample(sample, { kind, seed });
          return reliability(await predictor.predict(rest.queries), rest.outcome, models.length).mean.logLoss;
        };
        const auto = await loss("auto");
        expect(auto, `seed ${seed}`).toBeLessThan((await loss("base-rate")) - 0.1);
        expect(auto, `seed ${seed}`).toBeLessThanOrEqual(await loss("forest"));
      }
    },
  );
});
