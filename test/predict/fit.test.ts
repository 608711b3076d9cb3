import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { METHODS } from "../../src/predict/methods/method.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { reliability } from "../../src/predict/selection/reliability.js";
import { PREDICTORS, fitSample } from "../../src/predict/fit.js";
import type { FitOptions } from "../../src/predict/fit.js";
import type { LabelledSample } from "../../src/predict/sample.js";
import { Random } from "../../src/random.js";
import { runs } from "../runs.js";

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

const bytes = (values: Float32Array): Buffer => Buffer.from(new Uint8Array(values.buffer.slice(0)));

/** The default fit to `toy(60)`, made once: no test here changes it. */
let known: Promise<Predictor> | undefined;
const fitted = (): Promise<Predictor> => (known ??= fitSample(toy(60)));

async function lossOn({ queries, outcome, models }: LabelledSample, predictor: Predictor): Promise<number> {
  return reliability(await predictor.predict(queries), outcome, models.length).mean.logLoss;
}

describe("fitSample", () => {
  it("predicts what separates right from wrong answers", async () => {
    const predictor = await fitted();
    expect(["mean", ...METHODS.slice(1)]).toContain(predictor.kind);
    const unseen = toy(50, 2);
    const p = await predictor.predict(unseen.queries);
    expect(p.length).toBe(100);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.15));
  });

  it.each(PREDICTORS)(
    "beats the base rate by far where texts determine the answer, unless asked for it (%s)",
    async (kind) => {
      const predictor = await (kind === "auto" ? fitted() : fitSample(toy(60), { kind }));
      const loss = await lossOn(toy(60, 2), predictor);
      if (kind !== "auto") {
        expect(predictor.kind).toBe(kind);
        expect(new Set(predictor.candidates.map((c) => c.kind))).toEqual(new Set([kind]));
      }
      if (kind === "base-rate") expect(Math.abs(loss - Math.LN2)).toBeLessThan(0.03);
      else expect(loss).toBeLessThan(0.35);
    },
  );

  it("shows what was tried, best first, base rates among it, and what was taken", async () => {
    const { candidates, settings, kind } = await fitted();
    const losses = candidates.map(({ logLoss }) => logLoss);
    expect(losses).toEqual([...losses].sort((a, b) => a - b));
    const kinds = new Set(candidates.map((c) => c.kind));
    for (const tried of ["base-rate", "logistic", "rank-one", "trees"] as const)
      expect(kinds).toContain(tried);
    expect(kinds).not.toContain("forest");
    expect(kind === "mean").toBe(settings.length > 1);
    expect(settings[0].split(" ")[0]).toBe(candidates[0].kind);
    const baseRate = candidates.find((c) => c.kind === "base-rate")!;
    expect(baseRate.logLoss).toBeGreaterThan(candidates[0].logLoss + 0.3);
    expect(baseRate.setting).toEqual({});
    expect(Object.keys(candidates[0]).sort()).toEqual(["kind", "logLoss", "setting"]);
  });

  it("gives every query the shrunk mean of its labels when asked for base rates", async () => {
    const sample = {
      models: ["a", "b"],
      queries: ["x", "y", "z"],
      outcome: Float32Array.of(1, 0, 1, NaN, 0, 0.5),
    };
    const predictor = await fitSample(sample, { kind: "base-rate" });
    expect(predictor.kind).toBe("base-rate");
    const row = [2.5 / 4, 1 / 3].map(Math.fround);
    expect([...(await predictor.predict(["anything", ""]))]).toEqual([...row, ...row]);
  });

  it("predicts a model with one class near its shrunk rate, with a note", async () => {
    const sample = toy(40);
    for (let q = 0; q < 40; q++) sample.outcome[2 * q + 1] = 1;
    const predictor = await fitSample(sample);
    const p = await predictor.predict(["sum the numbers", "write a verse", ""]);
    for (const at of [1, 3, 5]) expect(Math.abs(p[at] - 40.5 / 41)).toBeLessThan(0.02);
    expect(p[0]).toBeGreaterThan(p[2]);
    expect(predictor.notes.join("\n")).toMatch(/model "poet" is always right in its 40 labels/);
  });

  it.each(PREDICTORS)("gives a model without labels the mean of the others (%s)", async (kind) => {
    const two = toy(60);
    const outcome = Float32Array.from({ length: 180 }, (_, i) =>
      i % 3 === 1 ? NaN : two.outcome[2 * Math.floor(i / 3) + (i % 3 === 0 ? 0 : 1)],
    );
    const models = ["maths", "unknown", "poet"];
    const predictor = await fitSample({ models, queries: two.queries, outcome }, { kind });
    const p = await predictor.predict(["sum the numbers of the river", "write a verse"]);
    for (const base of [0, 3]) expect(p[base + 1]).toBeCloseTo((p[base] + p[base + 2]) / 2, 6);
    expect(predictor.notes[0]).toMatch(/model "unknown" has no labels/);
  });

  it("accepts models labelled on different queries", async () => {
    const sample = toy(120);
    for (let q = 0; q < 120; q++) sample.outcome[2 * q + (q % 2)] = NaN;
    const unseen = toy(40, 3);
    const p = await (await fitSample(sample)).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.2));
  });

  it("fits fractional labels", async () => {
    const sample = toy(100);
    const soft = { ...sample, outcome: sample.outcome.map((y) => 0.2 + 0.5 * y) };
    const unseen = toy(30, 4);
    const p = await (await fitSample(soft)).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - (0.2 + 0.5 * y))).toBeLessThan(0.07));
  });

  it.each([1, 2, 9])("gives base rates when there are %i rows: too few to hold any out", async (rows) => {
    const sample = toy(rows);
    const predictor = await fitSample(sample);
    expect([predictor.kind, predictor.candidates.length]).toEqual(["base-rate", 1]);
    const right = [0, 1].map((m) => sample.outcome.filter((_, i) => i % 2 === m).reduce((a, y) => a + y, 0));
    const rates = right.map((r) => Math.fround((r + 0.5) / (rows + 1)));
    expect([...(await predictor.predict([...sample.queries.slice(0, 1), "other"]))]).toEqual([
      ...rates,
      ...rates,
    ]);
  });

  it.each(PREDICTORS)(
    "works with the least rows that can be held out, in one class each (%s)",
    async (kind) => {
      const sample = { models: ["a"], queries: toy(10).queries, outcome: new Float32Array(10).fill(1) };
      const p = await (await fitSample(sample, { kind })).predict([...sample.queries, "maybe", ""]);
      for (const v of p) expect(v > 0.8 && v < 1).toBe(true);
    },
  );

  it.each(PREDICTORS)("works where a model has few labels, of one class (%s)", async (kind) => {
    const sample = toy(30);
    for (let q = 3; q < 30; q++) sample.outcome[2 * q + 1] = NaN;
    for (let q = 0; q < 3; q++) sample.outcome[2 * q + 1] = 0;
    const p = await (await fitSample(sample, { kind })).predict(toy(20, 5).queries);
    p.forEach((v, i) => expect(i % 2 ? v >= 0 && v < 0.5 : v >= 0 && v <= 1, `${i}: ${v}`).toBe(true));
  });

  it("gives base rates where no row that is compared has a label", async () => {
    const queries = Array.from({ length: 1_500 }, () => "some text");
    const outcome = new Float32Array(1_500).fill(NaN);
    outcome.set([1, 0, 1]);
    const p = await (await fitSample({ models: ["a"], queries, outcome })).predict(["some text"]);
    expect(p[0]).toBeCloseTo(2.5 / 4, 1);
  });

  describe("where no text tells anything", () => {
    const outcome = Float32Array.from({ length: 20 }, (_, i) => (i % 4 === 0 ? 1 : 0));
    const all = (text: string): LabelledSample => ({
      models: ["a"],
      queries: Array<string>(20).fill(text),
      outcome,
    });

    it("predicts base rates when all texts are the same", async () => {
      const p = await (await fitSample(all("the same text"))).predict(["the same text", "another"]);
      expect(Math.abs(p[0] - 5.5 / 21)).toBeLessThan(0.03);
      expect(Math.abs(p[1] - 5.5 / 21)).toBeLessThan(0.1);
    });

    it.each(["", " \n", "\ufeff\u00a0\u3000"])("refuses to fit when all texts are %j", async (text) => {
      for (const kind of PREDICTORS.filter((kind) => kind !== "base-rate")) {
        const fitting = fitSample(all(text), { kind });
        await expect(fitting, kind).rejects.toThrow(
          /every query of the sample is blank; expected texts, vec/,
        );
        await expect(fitting, kind).rejects.toMatchObject({ details: { field: "queries" } });
      }
    });

    it.each(["", " \n"])("predicts base rates on demand when all texts are %j", async (text) => {
      const p = await (await fitSample(all(text), { kind: "base-rate" })).predict([text, "another"]);
      expect(p[0]).toBe(p[1]);
      expect(Math.abs(p[0] - 5.5 / 21)).toBeLessThan(0.03);
    });

    it("fits to blank texts that have vectors, and to texts of which some are blank", async () => {
      const vectors = { columns: 1, value: Float32Array.from(outcome, (y, i) => y + (i % 5) / 100) };
      const ofVectors = await fitSample({ ...all(""), vectors });
      expect(ofVectors.vectorColumns).toBe(1);
      const some = { ...all(""), queries: toy(20).queries.map((text, q) => (q % 5 === 0 ? "" : text)) };
      for (const p of await (await fitSample(some)).predict(["", "some text"]))
        expect(p > 0 && p < 1).toBe(true);
    });
  });

  it("gives the same bytes for the same sample and seed", async () => {
    const sample = toy(runs(60, 0.5));
    const queries = toy(30, 8).queries;
    const options = { seed: 5, unlabelled: queries };
    const [a, b] = [await fitSample(sample, options), await fitSample(sample, options)];
    expect(bytes(await a.predict(queries)).equals(bytes(await b.predict(queries)))).toBe(true);
    expect(a.notes).toEqual(b.notes);
    expect(a.candidates).toEqual(b.candidates);
    expect(a.settings).toEqual(b.settings);
    const other = await fitSample(sample, { ...options, seed: 6 });
    expect(other.candidates).not.toEqual(a.candidates);
  });

  it.each(PREDICTORS.slice(1))("gives the same bytes for the same seed (%s)", async (kind) => {
    const [sample, { queries }] = [toy(30), toy(10, 8)];
    const predict = async () => (await fitSample(sample, { kind, seed: 2 })).predict(queries);
    expect(bytes(await predict()).equals(bytes(await predict()))).toBe(true);
  });

  it("predicts a query independently of the others, across blocks", async () => {
    const predictor = await fitted();
    const { queries } = toy(2_500, 6);
    const all = await predictor.predict(queries);
    expect(all.buffer).toBeInstanceOf(SharedArrayBuffer);
    for (const q of [0, 1_023, 1_024, 2_499]) {
      expect(await predictor.predict([queries[q]])).toEqual(all.slice(2 * q, 2 * q + 2));
    }
    expect((await predictor.predict([])).length).toBe(0);
  });

  it("fits more rows than it chooses on", async () => {
    const unseen = toy(40, 3);
    const p = await (await fitSample(toy(1_300), { kind: "logistic" })).predict(unseen.queries);
    unseen.outcome.forEach((y, i) => expect(Math.abs(p[i] - y)).toBeLessThan(0.05));
  });

  it("uses unlabelled texts for the text features", async () => {
    const queries = ["sum the numbers of the ember"];
    const predict = async (options: FitOptions) => (await fitSample(toy(60), options)).predict(queries);
    const plain = await predict({ kind: "trees" });
    const helped = await predict({ kind: "trees", unlabelled: toy(300, 7).queries });
    expect(helped[0]).not.toBe(plain[0]);
    expect(Math.abs(helped[0] - plain[0])).toBeLessThan(0.2);
  });

  it("reports progress up to the end and leaves the sample alone", async () => {
    const sample = toy(40);
    const before = sample.outcome.slice();
    Object.freeze(sample.models);
    Object.freeze(sample.queries);
    const seen = new Map<string, number[]>();
    await fitSample(sample, {
      onProgress: ({ phase, done, total }) => seen.set(phase, [...(seen.get(phase) ?? []), done / total]),
    });
    expect([...seen.keys()]).toEqual(["features", "fit", "trees"]);
    for (const done of seen.values()) {
      expect(done).toEqual([...done].sort((a, b) => a - b));
      expect(done.at(-1)).toBe(1);
    }
    expect(seen.get("fit")!.length).toBeGreaterThan(2);
    expect(sample.outcome).toEqual(before);
  });

  it("rejects with the signal's reason, before or during fitting", async () => {
    const reason = new Error("enough");
    await expect(fitSample(toy(40), { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    await expect(fitSample(toy(40), { signal: controller.signal, onProgress })).rejects.toBe(reason);
    const predictor = await fitSample(toy(20), { kind: "base-rate" });
    await expect(predictor.predict(["x"], { signal: controller.signal })).rejects.toBe(reason);
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
    const error = await fitSample(sample).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });

  const refusedOptions: [RegExp, FitOptions][] = [
    [/kind is "magic"/, { kind: "magic" as "auto" }],
    [/seed is 0.5/, { seed: 0.5 }],
  ];
  it.each(refusedOptions)("refuses options: %s", async (message, options) => {
    const error = await fitSample(good, options).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as InputError).message).toMatch(message);
  });
});
