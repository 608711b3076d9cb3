import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { Pool } from "../../src/pool/pool.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import { fitSample } from "../../src/predict/fit.js";
import { denseVectors, vectorFeatures } from "../../src/predict/vectors.js";
import { toySample } from "./toy.js";
import { COLUMNS, vectorSample } from "./vectorSample.js";

const sample = vectorSample(60);
const unseen = vectorSample(40, 2);

describe("denseVectors", () => {
  it("scales rows to unit length, keeps a row of zeros, and does not change its input", () => {
    const value = Float64Array.of(3, 4, 0, 0, -2, 0);
    const dense = denseVectors({ columns: 2, value }, 3);
    expect(dense).toEqual({
      rows: 3,
      columns: 2,
      value: Float32Array.of(0.6, 0.8, 0, 0, -1, 0),
    });
    expect([...value]).toEqual([3, 4, 0, 0, -2, 0]);
  });

  it("gives unit length to finite numbers of any size", () => {
    fc.assert(
      fc.property(fc.array(fc.double({ noNaN: true, noDefaultInfinity: true }), { minLength: 1 }), (row) => {
        const { value } = denseVectors({ columns: row.length, value: Float64Array.from(row) }, 1);
        const expected = row.some((x) => x !== 0) ? 1 : 0;
        expect(Math.hypot(...value)).toBeCloseTo(expected, 5);
      }),
    );
  });

  it("refuses other shapes and numbers that are not finite, naming the place", () => {
    const refused = (queries: number, columns: number, value: Float64Array): string => {
      try {
        denseVectors({ columns, value }, queries);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
        return (error as Error).message;
      }
      return "accepted";
    };
    expect(refused(1, 0, new Float64Array(0))).toMatch(/0 columns/);
    expect(refused(1, 1.5, Float64Array.of(1))).toMatch(/1.5 columns/);
    expect(refused(2, 2, Float64Array.of(1))).toMatch(/hold 1 values; expected 2 queries × 2 columns = 4/);
    expect(refused(2, 2, Float64Array.of(1, 2, 3, NaN))).toBe(
      "vector of query 1, column 1 is NaN; expected a finite number",
    );
    expect(refused(1, 1, Float64Array.of(-Infinity))).toMatch(/is -Infinity/);
  });
});

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
    "predicts what texts do not show, also when saved and loaded (%s)",
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
    // Even if nothing was fitted to them: what is accepted must not depend on luck.
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
