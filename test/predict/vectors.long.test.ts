import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { takeRows } from "../../src/plan/rows.js";
import { reliability } from "../../src/predict/selection/reliability.js";
import { fitSample } from "../../src/predict/fit.js";
import { Random } from "../../src/random.js";
import { readDataset } from "../../src/rows/dataset.js";
import { readNpy } from "../../src/rows/npy.js";
import { realData } from "../realData.js";

const file = realData("frugalgpt_overruling");
const npy = file && join(dirname(file), "embedding_query_fasttext300.npy");

describe("on real outcomes", () => {
  it.skipIf(npy === undefined || !existsSync(npy))(
    "beats the base rate on rows it has not seen, by vectors alone",
    async () => {
      const dataset = await readDataset(file!);
      const vectors = await readNpy(npy!);
      expect([vectors.rows, vectors.columns]).toEqual([dataset.ids.length, 300]);
      const whole = { ...dataset, queries: dataset.queries.map(() => ""), vectors };
      const order = new Random(21).permutation(vectors.rows);
      const [part, rest] = [takeRows(whole, order.slice(0, 216)), takeRows(whole, order.slice(216))];
      const loss = async (kind: "auto" | "base-rate"): Promise<number> => {
        const predictor = await fitSample(part, { kind });
        const p = await predictor.predict(rest.queries, { vectors: rest.vectors });
        return reliability(p, rest.outcome, rest.models.length).mean.logLoss;
      };
      expect(await loss("auto")).toBeLessThan((await loss("base-rate")) - 0.03);
    },
  );
});
