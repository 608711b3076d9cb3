import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { trainPredictor } from "../../src/predict/train.js";
import type { TrainOptions } from "../../src/predict/train.js";
import type { LabelledSample } from "../../src/predict/sample.js";
import { Random } from "../../src/random.js";

const WORDS = ["river", "stone", "cloud", "ember", "maple", "tiger", "violet", "anchor"];

/** Random words; "sum" marks the texts model `maths` answers well and `poet` does not. */
function toy(rows: number, seed = 1): LabelledSample {
  const random = new Random(seed);
  const queries: string[] = [];
  const outcome = new Float32Array(rows * 2);
  for (let q = 0; q < rows; q++) {
    const isSum = random.below(2);
    const filler = Array.from({ length: 4 }, () => WORDS[random.below(WORDS.length)]).join(" ");
    queries.push(`${isSum ? "sum the numbers" : "write a verse"} ${filler} ${random.below(1000)}`);
    outcome.set([isSum, 1 - isSum], 2 * q);
  }
  return { models: ["maths", "poet"], queries, outcome };
}

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

const bytes = (values: Float32Array): Buffer => Buffer.from(new Uint8Array(values.buffer.slice(0)));

describe("trainPredictor", () => {
  it("learns what separates right from wrong answers", async () => {
    const predictor = await trainPredictor(toy(80));
    expect(predictor.kind).toBe("logistic");
    const unseen = toy(50, 2);
    const p = await predictor.predict(unseen.queries);
    expect(p.length).toBe(100);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.1));
  });

  it("predicts the base rate when the texts are noise", async () => {
    for (const seed of [1, 2, 3]) {
      const sample = noise(300, 0.3, seed);
      const rate = (sample.outcome.reduce((s, y) => s + y, 0) + 0.5) / 301;
      const p = await (await trainPredictor(sample)).predict(noise(200, 0.3, seed + 50).queries);
      const far = p.reduce((sum, v) => sum + Math.abs(v - rate), 0) / p.length;
      expect(far, `seed ${seed}`).toBeLessThan(0.03);
    }
  });

  it("gives every query the shrunk mean of its labels when asked for base rates", async () => {
    const sample = {
      models: ["a", "b"],
      queries: ["x", "y", "z"],
      outcome: Float32Array.of(1, 0, 1, NaN, 0, 0.5),
    };
    const predictor = await trainPredictor(sample, { kind: "base-rate" });
    expect(predictor.kind).toBe("base-rate");
    const row = [2.5 / 4, 1 / 3].map(Math.fround);
    expect([...(await predictor.predict(["anything", ""]))]).toEqual([...row, ...row]);
  });

  it("gives a model with one class a shrunk constant and says so", async () => {
    const sample = toy(40);
    for (let q = 0; q < 40; q++) sample.outcome[2 * q + 1] = 1;
    const predictor = await trainPredictor(sample);
    const p = await predictor.predict(["sum the numbers", "write a verse", ""]);
    for (const at of [1, 3, 5]) expect(p[at]).toBe(Math.fround(40.5 / 41));
    expect(p[0]).toBeGreaterThan(p[2]);
    expect(predictor.notes.join("\n")).toMatch(/model "poet" is always right in its 40 labels/);
  });

  it.each(["logistic", "base-rate"] as const)(
    "gives a model without labels the mean of the others (%s)",
    async (kind) => {
      const two = toy(60);
      const outcome = Float32Array.from({ length: 180 }, (_, i) =>
        i % 3 === 1 ? NaN : two.outcome[2 * Math.floor(i / 3) + (i % 3 === 0 ? 0 : 1)],
      );
      const models = ["maths", "unknown", "poet"];
      const predictor = await trainPredictor({ models, queries: two.queries, outcome }, { kind });
      const p = await predictor.predict(["sum the numbers of the river", "write a verse"]);
      for (const base of [0, 3]) expect(p[base + 1]).toBeCloseTo((p[base] + p[base + 2]) / 2, 6);
      expect(predictor.notes[0]).toMatch(/model "unknown" has no labels/);
    },
  );

  it("lets models be labelled on different queries", async () => {
    const sample = toy(120);
    for (let q = 0; q < 120; q++) sample.outcome[2 * q + (q % 2)] = NaN;
    const unseen = toy(40, 3);
    const p = await (await trainPredictor(sample)).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.2));
  });

  it("learns from fractional labels", async () => {
    const sample = toy(100);
    const soft = { ...sample, outcome: sample.outcome.map((y) => 0.2 + 0.5 * y) };
    const unseen = toy(30, 4);
    const p = await (await trainPredictor(soft)).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - (0.2 + 0.5 * y))).toBeLessThan(0.07));
  });

  it("works with one row", async () => {
    const sample = { models: ["a", "b"], queries: ["only"], outcome: Float32Array.of(1, 0) };
    expect([...(await (await trainPredictor(sample)).predict(["only", "other"]))]).toEqual([
      0.75, 0.25, 0.75, 0.25,
    ]);
  });

  it("works with two rows of one class each", async () => {
    const sample = { models: ["a"], queries: ["yes", "no"], outcome: Float32Array.of(1, 0) };
    const p = await (await trainPredictor(sample)).predict(["yes", "no", "maybe"]);
    for (const v of p) expect(v > 0 && v < 1).toBe(true);
  });

  it.each(["", "the same text"])("predicts base rates when all texts are %j", async (text) => {
    const outcome = Float32Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const p = await (
      await trainPredictor({ models: ["a"], queries: Array<string>(20).fill(text), outcome })
    ).predict([text]);
    expect(p[0]).toBeCloseTo(5.5 / 21, 1);
  });

  it("gives the same bytes for the same sample and seed", async () => {
    const sample = toy(60);
    const queries = toy(30, 8).queries;
    const options = { seed: 5, unlabelled: queries };
    const [a, b] = [await trainPredictor(sample, options), await trainPredictor(sample, options)];
    expect(bytes(await a.predict(queries)).equals(bytes(await b.predict(queries)))).toBe(true);
    expect(a.notes).toEqual(b.notes);
  });

  it("predicts a query the same in any company, across blocks", async () => {
    const predictor = await trainPredictor(toy(60));
    const { queries } = toy(2_500, 6);
    const all = await predictor.predict(queries);
    expect(all.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (const q of [0, 1_023, 1_024, 2_499]) {
      expect(await predictor.predict([queries[q]])).toEqual(all.slice(2 * q, 2 * q + 2));
    }
    expect((await predictor.predict([])).length).toBe(0);
  });

  it("chooses on the validation rows and learns from them afterwards", async () => {
    // Rows 0 … 59 are labelled at random, the validation rows truly: choosing sees no use in the texts, or little.
    const sample = toy(100);
    const random = new Random(3);
    const validation = Uint32Array.from({ length: 40 }, (_, i) => 60 + i);
    for (let i = 0; i < 120; i++) sample.outcome[i] = random.below(2);
    const spread = (p: Float32Array): number => Math.abs(p[0] - p[2]);
    const probe = ["sum the numbers", "write a verse"];
    const misled = await (await trainPredictor(sample, { validation })).predict(probe);
    const honest = await (await trainPredictor(toy(100), { validation })).predict(probe);
    expect(spread(honest)).toBeGreaterThan(0.8);
    expect(spread(misled)).toBeLessThan(0.7);
  });

  it("trains on more rows than it chooses on", async () => {
    const unseen = toy(40, 3);
    const p = await (await trainPredictor(toy(1_300))).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.05));
  });

  it("reads the unlabelled texts for document frequencies only", async () => {
    const queries = ["sum the numbers of the ember"];
    const plain = await (await trainPredictor(toy(60))).predict(queries);
    const helped = await (
      await trainPredictor(toy(60), { unlabelled: toy(300, 7).queries })
    ).predict(queries);
    expect(helped[0]).not.toBe(plain[0]);
    expect(helped[0]).toBeCloseTo(plain[0], 1);
  });

  it("reports progress up to the end and leaves the sample alone", async () => {
    const sample = toy(40);
    const before = sample.outcome.slice();
    Object.freeze(sample.models);
    Object.freeze(sample.queries);
    const seen: number[] = [];
    await trainPredictor(sample, { onProgress: ({ done, total }) => seen.push(done / total) });
    expect(seen).toEqual([0, 0.5, 1]);
    expect(sample.outcome).toEqual(before);
  });

  it("rejects with the signal's reason, before or during training", async () => {
    const reason = new Error("enough");
    await expect(trainPredictor(toy(40), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    await expect(trainPredictor(toy(40), { signal: controller.signal, onProgress })).rejects.toBe(reason);
  });

  const good = { models: ["a", "b"], queries: ["x", "y"], outcome: Float32Array.of(1, 0, 0, 1) };
  const refusedSamples: [RegExp, LabelledSample][] = [
    [/has 0 models/, { ...good, models: [] }],
    [/unique/, { ...good, models: ["a", "a"] }],
    [/no queries/, { ...good, queries: [], outcome: new Float32Array(0) }],
    [/has 3 values; expected 2 queries × 2 models/, { ...good, outcome: Float32Array.of(1, 0, 1) }],
    [/query 1, model "a" is 1.5; expected 0 … 1/, { ...good, outcome: Float32Array.of(1, 0, 1.5, 0) }],
    [/no labels/, { ...good, outcome: new Float32Array(4).fill(NaN) }],
  ];
  it.each(refusedSamples)("refuses a sample: %s", async (message, sample) => {
    const error = await trainPredictor(sample).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });

  const refusedOptions: [RegExp, TrainOptions][] = [
    [/kind is "magic"/, { kind: "magic" as "auto" }],
    [/seed is 0.5/, { seed: 0.5 }],
    [/validation row 2 is outside/, { validation: Uint32Array.of(2) }],
    [/holds all 2 rows/, { validation: Uint32Array.of(0, 1) }],
  ];
  it.each(refusedOptions)("refuses options: %s", async (message, options) => {
    const error = await trainPredictor(good, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });
});
