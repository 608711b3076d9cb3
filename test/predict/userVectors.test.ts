import { existsSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, it } from "vitest";
import { readDataset } from "../../src/rows/dataset.js";
import { readNpy } from "../../src/rows/npy.js";
import { InputError } from "../../src/errors.js";
import { Pool } from "../../src/pool/pool.js";
import { addModels } from "../../src/predict/addModels.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import type { LabelledSample } from "../../src/predict/sample.js";
import { reliability } from "../../src/predict/selection/reliability.js";
import { fitSample } from "../../src/predict/fit.js";
import { vectorFeatures } from "../../src/predict/vectors.js";
import { Random } from "../../src/random.js";
import type { QueryVectors } from "../../src/types.js";
import { takeRows } from "../../src/plan/rows.js";
import { realData } from "../realData.js";
import { toySample } from "./toy.js";

const COLUMNS = 6;

/** Vectors whose first number decides which of two models is right; every text is the same. */
function vectorSample(rows: number, seed = 1): LabelledSample & { vectors: QueryVectors } {
  const random = new Random(seed);
  const value = Float32Array.from({ length: rows * COLUMNS }, () => random.uniform() - 0.5);
  const outcome = new Float32Array(rows * 2);
  for (let q = 0; q < rows; q++) {
    const side = random.below(2);
    value[q * COLUMNS] = side === 1 ? 2 : -2;
    outcome.set([side, 1 - side], 2 * q);
  }
  return {
    models: ["plus", "minus"],
    queries: new Array<string>(rows).fill("the same text"),
    outcome,
    vectors: { columns: COLUMNS, value },
  };
}

const sample = vectorSample(60);
const unseen = vectorSample(40, 2);

describe("vectorFeatures", () => {
  it("gives unit rows, dense and sparse, of the rows asked for, and the wanted half alone", () => {
    const vectors = { columns: 2, value: Float32Array.of(9, 9, 3, 4, 0, -2, 0, 0) };
    const { rows, dense, sparse } = vectorFeatures(vectors, 1, 4);
    expect([rows, dense.columns, sparse.columns]).toEqual([3, 2, 2]);
    expect(dense.value).toEqual(Float32Array.of(0.6, 0.8, 0, -1, 0, 0));
    expect([[...sparse.start], [...sparse.column]]).toEqual([
      [0, 2, 3, 3],
      [0, 1, 1],
    ]);
    expect(sparse.value).toEqual(Float32Array.of(0.6, 0.8, -1));
    const alone = vectorFeatures(vectors, 0, 4, { sparse: false, dense: true });
    expect([alone.sparse.column.length, alone.sparse.start.length, alone.dense.value.length]).toEqual([
      0, 5, 8,
    ]);
    expect(vectorFeatures(vectors, 0, 4, { sparse: true, dense: false }).dense.value.length).toBe(0);
  });
});

describe("a predictor from vectors", () => {
  it.each(["auto", "logistic", "rank-one", "trees", "forest", "knn"] as const)(
    "learns what texts cannot tell, also when saved and loaded (%s)",
    async (kind) => {
      const replicates = kind === "forest" ? 0 : 2;
      const predictor = await fitSample(sample, { kind, replicates });
      const p = await predictor.predict(unseen.queries, { vectors: unseen.vectors });
      p.forEach((chance, i) => expect(chance >= 0.5).toBe(unseen.outcome[i] === 1));
      expect(predictor.vectorColumns).toBe(COLUMNS);
      const again = loadPredictor(savePredictor(predictor));
      expect(again.vectorColumns).toBe(COLUMNS);
      expect(await again.predict(unseen.queries, { vectors: unseen.vectors })).toEqual(p);
    },
  );

  it("gives a row by its own vector alone, whatever its length, and a row of zeros as well", async () => {
    const predictor = await fitSample(sample);
    const all = await predictor.predict(unseen.queries, { vectors: unseen.vectors });
    const value = unseen.vectors.value.slice(COLUMNS, 2 * COLUMNS).map((x) => 4 * x);
    const one = await predictor.predict([""], { vectors: { columns: COLUMNS, value } });
    expect(one).toEqual(all.slice(2, 4));
    const zeros = { columns: COLUMNS, value: new Float32Array(COLUMNS) };
    for (const chance of await predictor.predict([""], { vectors: zeros })) expect(chance).toBeGreaterThan(0);
  });

  it("gives the same bytes on threads, from shared and from other memory", async () => {
    const rows = 9_000;
    const many = vectorSample(rows, 3);
    const predictor = await fitSample(sample, { replicates: 2 });
    const alone = await predictor.predict(many.queries, { vectors: many.vectors });
    const pool = new Pool({ threads: 2 });
    try {
      expect(await predictor.predict(many.queries, { vectors: many.vectors, pool })).toEqual(alone);
      const value = new Float32Array(new SharedArrayBuffer(4 * rows * COLUMNS));
      value.set(many.vectors.value);
      const shared = { columns: COLUMNS, value };
      expect(await predictor.predict(many.queries, { vectors: shared, pool })).toEqual(alone);
    } finally {
      await pool.close();
    }
  });

  it("refuses texts alone and vectors of another shape; one from texts refuses vectors", async () => {
    // Even where nothing was learned from them: what fits must not depend on luck.
    for (const kind of ["knn", "base-rate"] as const) {
      const predictor = await fitSample(sample, { kind });
      await expect(predictor.predict(["a text"])).rejects.toThrow(
        "the predictor was fitted to vectors of 6 columns; expected such vectors for the queries, not only texts",
      );
      const narrow = { columns: 3, value: new Float32Array(3) };
      await expect(predictor.predict(["a"], { vectors: narrow })).rejects.toThrow(
        "vectors have 3 columns; the predictor was fitted to vectors of 6",
      );
      const short = { columns: 6, value: new Float32Array(6) };
      await expect(predictor.predict(["a", "b"], { vectors: short })).rejects.toThrow(
        "vectors hold 6 values; expected 2 queries × 6 columns = 12",
      );
      const odd = { columns: 6, value: Float32Array.of(0, 0, 0, 0, 0, 0, 0, NaN, 0, 0, 0, 0) };
      await expect(predictor.predict(["a", "b"], { vectors: odd })).rejects.toThrow(
        "vector of query 1, column 1 is NaN; expected a finite number",
      );
      const texts = await fitSample(toySample(40), { kind });
      expect(texts.vectorColumns).toBeUndefined();
      await expect(texts.predict(unseen.queries, { vectors: unseen.vectors })).rejects.toThrow(
        "the predictor was fitted to texts; expected queries without vectors",
      );
    }
    const wrong = { ...sample, vectors: { columns: 0, value: new Float32Array(0) } };
    await expect(fitSample(wrong)).rejects.toThrow(InputError);
  });

  it("is not read from a file whose parts disagree about vectors", async () => {
    const texts = await fitSample(toySample(40), { kind: "trees" });
    const vectors = await fitSample(sample, { kind: "trees" });
    const state = (predictor: unknown) => (predictor as { state: Record<string, unknown> }).state;
    const change = (predictor: unknown, changed: Record<string, unknown>) => {
      const forged = Object.assign(Object.create(Object.getPrototypeOf(predictor) as object), predictor);
      (forged as { state: unknown }).state = { ...state(predictor), ...changed };
      return savePredictor(forged as typeof texts);
    };
    const refused = /the saved predictor is inconsistent/;
    expect(() => loadPredictor(change(vectors, { vectorColumns: 5 }))).toThrow(refused);
    expect(() => loadPredictor(change(vectors, { vectorColumns: 1e9 }))).toThrow(refused);
    expect(() => loadPredictor(change(vectors, { vectorColumns: undefined }))).toThrow(refused);
    expect(() => loadPredictor(change(texts, { vectorColumns: 138 }))).toThrow(refused);
    expect(() => loadPredictor(change(texts, { added: [state(vectors)] }))).toThrow(refused);
    expect(() => loadPredictor(change(texts, { added: [state(texts)] }))).toThrow(refused);
    expect(() => loadPredictor(change(texts, { added: 3 }))).toThrow(refused);
    const other = { ...state(texts), models: ["a", "b"] };
    expect(loadPredictor(change(texts, { added: [other] })).models).toEqual(["maths", "poet", "a", "b"]);
    const nested = { ...other, added: [{ ...other, models: ["c", "d"] }] };
    expect(() => loadPredictor(change(texts, { added: [nested] }))).toThrow(refused);
  });
});

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
  const first = toySample(50);
  const second = toySample(60, 9);
  const probes = [...toySample(20, 4).queries, "", "nothing of the kind"];

  it.each(["auto", "base-rate", "logistic", "trees", "knn"] as const)(
    "keeps the bytes of the models known before; twice, saved and loaded (%s)",
    async (kind) => {
      const known = await fitSample(first, { kind, replicates: 2 });
      const before = await known.predict(probes);
      const once = await addModels(known, renamed(second, ["poet", "verse"]), { kind: "auto" });
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

  it("keeps what texts look like once, so that a file hardly grows", async () => {
    const known = await fitSample(first, { kind: "trees" });
    const more = await addModels(known, renamed(second, ["c", "d"]), { kind: "trees" });
    expect(savePredictor(more).length).toBeLessThan(1.2 * savePredictor(known).length);
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

  it("refuses when nothing is to be added, or too much", async () => {
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
