import { describe, expect, it } from "vitest";
import { loadScorer } from "../../src/online/scorer.js";
import { createRouter } from "../../src/online/router.js";
import { fitPredictor, predictProblem } from "../../src/plan/predictProblem.js";
import { addModels } from "../../src/predict/addModels.js";
import { fitSample } from "../../src/predict/fit.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import { Random } from "../../src/random.js";
import type { Dataset, QueryVectors } from "../../src/types.js";

const COLUMNS = 5;
const WORDS = ["sum of the numbers", "poem about rain"];

/** The text decides whether model "a" is right, the vector whether "b" is. */
function sampleOf(rows: number, seed: number): Dataset & { vectors: QueryVectors } {
  const random = new Random(seed);
  const value = Float32Array.from({ length: rows * COLUMNS }, () => random.uniform() - 0.5);
  const outcome = new Float32Array(2 * rows);
  const queries = Array.from({ length: rows }, (_, q) => {
    const [word, side] = [random.below(2), random.below(2)];
    value[q * COLUMNS] = side === 1 ? 1 : -1;
    outcome.set([word, side], 2 * q);
    return `${WORDS[word]} ${random.below(1000)}`;
  });
  return {
    ids: queries.map((_, q) => String(q)),
    models: ["a", "b"],
    queries,
    outcome,
    cost: new Float32Array(2 * rows).fill(0.001),
    vectors: { columns: COLUMNS, value, beside: true },
  };
}

const sample = sampleOf(120, 1);
const unseen = sampleOf(40, 2);
const fitted = fitSample(sample, { kind: "logistic" });
const saved = fitted.then((one) => loadPredictor(savePredictor(one)));

function right(probability: Float32Array, m: number): number {
  return unseen.queries.filter((_, q) => probability[2 * q + m] > 0.5 === unseen.outcome[2 * q + m] > 0.5)
    .length;
}

describe("vectors beside the texts", () => {
  it("are learned from together with the texts", async () => {
    const one = await fitted;
    expect([one.vectorsBeside, one.vectorColumns]).toEqual([COLUMNS, undefined]);
    expect(one.settings.join()).toMatch(/logistic.*vectors/);
    const both = await one.predict(unseen.queries, { vectors: unseen.vectors });
    expect([right(both, 0), right(both, 1)]).toEqual([40, 40]);
    const alone = await fitSample({ ...sample, vectors: undefined }, { kind: "logistic" });
    expect(right(await alone.predict(unseen.queries), 1)).toBeLessThan(30);
    const inPlace = { ...sample.vectors, beside: false };
    const blind = await fitSample({ ...sample, vectors: inPlace }, { kind: "logistic" });
    const guessed = await blind.predict(unseen.queries, { vectors: { ...unseen.vectors, beside: false } });
    expect(right(guessed, 0)).toBeLessThan(30);
  });

  it("are compared by auto with every other member", async () => {
    const one = await fitSample(sampleOf(60, 4), { seed: 2 });
    expect(one.candidates.some(({ kind }) => kind === "vectors")).toBe(true);
    expect(one.vectorsBeside).toBe(COLUMNS);
  });

  it("are dropped, with a note, where held-out rows say so, and are then ignored", async () => {
    const random = new Random(9);
    const noise = Float32Array.from({ length: 60 * COLUMNS }, () => random.uniform() - 0.5);
    const useless = { ...sampleOf(60, 3), vectors: { columns: COLUMNS, value: noise, beside: true } };
    const one = await fitSample(useless, { kind: "logistic" });
    expect(one.vectorsBeside).toBeUndefined();
    expect(one.notes.join()).toMatch(/vectors are not used: they did not improve/);
    const { queries, vectors } = unseen;
    expect(await one.predict(queries, { vectors })).toEqual(await one.predict(queries));
    await expect(one.predict(queries, { vectors: { ...vectors, beside: false } })).rejects.toThrow(
      /fitted to texts/,
    );
  });

  it("are saved, bootstrapped, and needed by name", async () => {
    const { queries, vectors } = unseen;
    const one = await saved;
    expect(await one.predict(queries, { vectors })).toEqual(
      await (await fitted).predict(queries, { vectors }),
    );
    // A saved predictor knows how it uses vectors.
    expect(await one.predict(queries, { vectors: { ...vectors, beside: undefined } })).toEqual(
      await one.predict(queries, { vectors }),
    );
    await expect(one.predict(queries)).rejects.toThrow(/fitted to texts and vectors of 5 columns/);
    const narrow = { columns: 1, value: new Float32Array(40), beside: true };
    await expect(one.predict(queries, { vectors: narrow })).rejects.toThrow(/1 columns/);
    await expect(predictProblem({ ...unseen, vectors: undefined }, one)).rejects.toThrow(/texts and vectors/);
    const robust = await fitSample(sample, { kind: "logistic", replicates: 4, alpha: 0.5 });
    const again = loadPredictor(savePredictor(robust));
    expect(await again.predict(queries, { vectors })).toEqual(await robust.predict(queries, { vectors }));
  });

  it("of the work and of the sample have one use", async () => {
    const work = { ...unseen, vectors: { ...unseen.vectors, beside: false } };
    await expect(predictProblem(work, sample)).rejects.toThrow(/beside the texts; expected both or neither/);
    const { predictor } = await predictProblem(unseen, sample, { predictor: "logistic" });
    expect(predictor.vectorsBeside).toBe(COLUMNS);
    const { columns, value } = sample.vectors;
    const replaced = await fitSample({ ...sample, vectors: { columns, value } }, { kind: "base-rate" });
    await expect(replaced.predict(unseen.queries, { vectors: unseen.vectors })).rejects.toThrow(
      /in place of texts/,
    );
  });

  it("stay with a predictor to which models are added", async () => {
    const more = { ...sampleOf(60, 6), models: ["c", "d"] };
    const larger = await addModels(await saved, more, { kind: "logistic" });
    const again = loadPredictor(savePredictor(larger));
    const { queries, vectors } = unseen;
    const p = await again.predict(queries, { vectors });
    const before = await (await saved).predict(queries, { vectors });
    expect([...p].filter((_, i) => i % 4 < 2)).toEqual([...before]);
    const wide = { ...more, vectors: { columns: 1, value: new Float32Array(60), beside: true } };
    await expect(addModels(await saved, wide)).rejects.toThrow(/1 columns/);
  });

  it("are given to a scorer and a router with the text", async () => {
    const one = await fitPredictor(sample, [], { predictor: "logistic" });
    const scorer = await loadScorer(one);
    const vector = unseen.vectors.value.slice(0, COLUMNS);
    const [text] = unseen.queries;
    const vectors = { columns: COLUMNS, value: vector, beside: true };
    const expected = await one.predict([text], { vectors });
    expect([...scorer.score({ text, vector })]).toEqual([...expected]);
    expect(() => scorer.score(text)).toThrow(/texts and vectors of 5 columns/);
    const price = { input: 1, output: 1 };
    const router = createRouter({ scorer, models: { a: { price }, b: { price } }, lambda: 0 });
    const best = expected[0] >= expected[1] ? "a" : "b";
    expect(router.route({ text, vector, maxTokens: 5 })).toMatchObject({ model: best });
    expect(() => router.route({ text })).toThrow(/texts and vectors/);
  });
});
