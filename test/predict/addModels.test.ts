import { describe, expect, it } from "vitest";
import { Pool } from "../../src/pool/pool.js";
import { addModels } from "../../src/predict/addModels.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import type { LabelledSample } from "../../src/predict/sample.js";
import { fitSample } from "../../src/predict/fit.js";
import { runs } from "../runs.js";
import { toySample } from "./toy.js";
import { vectorSample } from "./vectorSample.js";

const sample = vectorSample(60);
const unseen = vectorSample(40, 2);

/** The sample with its models under other names, and perhaps some that are known. */
function renamed(from: LabelledSample, models: string[]): LabelledSample {
  return { ...from, models };
}

function columnsOf(p: Float32Array, models: number, wanted: number[]): Float32Array {
  const rows = p.length / models;
  return Float32Array.from(
    { length: rows * wanted.length },
    (_, i) => p[Math.floor(i / wanted.length) * models + wanted[i % wanted.length]],
  );
}

describe("addModels", () => {
  const first = toySample(runs(50, 0.5));
  const second = toySample(60, 9);
  const probes = [...toySample(20, 4).queries, "", "nothing of the kind"];

  it.each(["auto", "base-rate", "logistic", "trees", "knn"] as const)(
    "keeps the bytes of the models known before; twice, saved and loaded (%s)",
    async (kind) => {
      const known = await fitSample(first, { kind, replicates: 2 });
      const before = await known.predict(probes);
      const once = await addModels(known, renamed(second, ["poet", "verse"]), {
        kind: kind === "auto" ? "auto" : "logistic",
      });
      expect(once.models).toEqual(["maths", "poet", "verse"]);
      const p = await once.predict(probes);
      expect(columnsOf(p, 3, [0, 1])).toEqual(Float32Array.from(before));
      const alone = await fitSample(
        { models: ["verse"], queries: second.queries, outcome: columnsOf(second.outcome, 2, [1]) },
        { kind: "base-rate" },
      );
      const [rate] = await alone.predict([""]);
      const verse = columnsOf(p, 3, [2]);
      probes.slice(0, 20).forEach((text, q) => expect(verse[q] > rate, text).toBe(/verse/.test(text)));
      const twice = await addModels(loadPredictor(savePredictor(once)), renamed(first, ["z", "a"]), {
        kind: "knn",
        replicates: 1,
      });
      expect(twice.models).toEqual(["maths", "poet", "verse", "z", "a"]);
      const bytes = savePredictor(twice);
      const loaded = loadPredictor(bytes);
      expect([loaded.models, loaded.kind, loaded.settings, loaded.candidates, loaded.replicates]).toEqual([
        twice.models,
        twice.kind,
        twice.settings,
        twice.candidates,
        1,
      ]);
      expect(Buffer.from(savePredictor(loaded)).equals(Buffer.from(bytes))).toBe(true);
      for (const predictor of [twice, loaded]) {
        expect(columnsOf(await predictor.predict(probes), 5, [0, 1, 2])).toEqual(Float32Array.from(p));
      }
      expect(await known.predict(probes)).toEqual(before);
    },
  );

  it("stores the featuriser once", async () => {
    const known = await fitSample(first, { kind: "trees" });
    const more = await addModels(known, renamed(second, ["c", "d"]), { kind: "trees" });
    const alone = await fitSample(second, { kind: "trees" });
    const size = (predictor: Predictor): number => savePredictor(predictor).length;
    expect(size(more)).toBeLessThan(0.8 * (size(known) + size(alone)));
  });

  it("gives the same bytes on threads", async () => {
    const known = await fitSample(first, { kind: "logistic" });
    const more = await addModels(known, renamed(second, ["c", "d"]), { kind: "trees" });
    const texts = toySample(9_000, 5).queries;
    const pool = new Pool({ threads: 2 });
    try {
      expect(await more.predict(texts, { pool })).toEqual(await more.predict(texts));
    } finally {
      await pool.close();
    }
  });

  it("leaves out models without labels, and works on vectors of the same width alone", async () => {
    const known = await fitSample(sample, { kind: "knn" });
    const outcome = unseen.outcome.map((y, i) => (i % 2 === 0 ? NaN : y));
    const more = await addModels(known, { ...unseen, models: ["blank", "other"], outcome });
    expect(more.models).toEqual(["plus", "minus", "other"]);
    const options = { vectors: unseen.vectors };
    const p = await more.predict(unseen.queries, options);
    expect(columnsOf(p, 3, [0, 1])).toEqual(Float32Array.from(await known.predict(unseen.queries, options)));
    unseen.outcome.forEach((y, i) => i % 2 === 1 && expect(p[((i - 1) / 2) * 3 + 2] > 0.5).toBe(y === 1));
    await expect(addModels(known, { ...second, models: ["c", "d"] })).rejects.toThrow(
      "the predictor was fitted to vectors of 6 columns, the sample has none",
    );
    const wide = { columns: 7, value: new Float32Array(7 * unseen.queries.length) };
    await expect(addModels(known, { ...unseen, models: ["c", "d"], vectors: wide })).rejects.toThrow(
      "vectors have 7 columns; the predictor was fitted to vectors of 6",
    );
    const texts = await fitSample(first, { kind: "knn" });
    await expect(addModels(texts, { ...unseen, models: ["c", "d"] })).rejects.toThrow(
      "the predictor was fitted to texts; expected a sample without vectors",
    );
  });

  it("refuses to add nothing, or too many models", async () => {
    const known = await fitSample(first, { kind: "base-rate" });
    await expect(addModels(known, second)).rejects.toThrow("nothing to add");
    const blank = {
      ...second,
      models: ["maths", "c"],
      outcome: second.outcome.map((y, i) => (i % 2 ? NaN : y)),
    };
    await expect(addModels(known, blank)).rejects.toThrow("nothing to add");
    const many = Array.from({ length: 254 }, (_, m) => `m${m}`);
    const full = { models: many, queries: ["a"], outcome: new Float32Array(254).fill(1) };
    await expect(addModels(known, full)).rejects.toThrow("would have 256 models; expected at most 255");
  });
});
