import { readFileSync } from "node:fs";
import { gunzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { reliability } from "../../src/predict/selection/reliability.js";
import { fitSample, type PredictorChoice } from "../../src/predict/fit.js";
import { Random } from "../../src/random.js";
import { realData } from "../realData.js";

const file = realData("frugalgpt_overruling");

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
