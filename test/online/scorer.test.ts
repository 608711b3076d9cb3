import { mkdtempSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { loadScorer } from "../../src/online/scorer.js";
import { withPredictedCosts } from "../../src/plan/predictedCosts.js";
import { extendPredictor, fitPredictor } from "../../src/plan/predictProblem.js";
import { fitSample, PREDICTORS } from "../../src/predict/fit.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { savePredictor } from "../../src/predict/saved.js";
import { costOf } from "../../src/prices/cost.js";
import { PriceTable } from "../../src/prices/table.js";
import { tokenCounter } from "../../src/prices/tokens/counter.js";
import { Random } from "../../src/random.js";
import type { Dataset } from "../../src/types.js";
import { toySample } from "../predict/toy.js";
import { isLong } from "../runs.js";

const sample = toySample(60);
/** 100,000 words that no sample has. */
const RARE = Array.from({ length: 100_000 }, (_, k) => (k * 7919).toString(36)).join(" ");
const SHORT = [
  "sum the numbers of the river",
  "write a verse about a tiger",
  "",
  " \n\t ",
  "nothing of the kind, 4 711 times; x = f(y[3]) / 2?",
  "İstanbul ﬃ ŒUVRE — 東京の天気は？ Ωμέγα 🙂🙃 \ud800 lone",
  "sum ".repeat(300),
];
const TEXTS = [...SHORT, "x".repeat(50_000), RARE, "é".repeat(2 ** 20)];

/** What `predict` gives for one text alone, as numbers of float64. */
async function predicted(predictor: Predictor, text: string): Promise<number[]> {
  return [...(await predictor.predict([text]))];
}

/** Long texts take long, and all methods read them in the same way: `npm test` tries them with one. */
async function expectSame(predictor: Predictor, texts = isLong ? TEXTS : SHORT): Promise<void> {
  const scorer = await loadScorer(savePredictor(predictor));
  expect(scorer.models).toEqual(predictor.models);
  const together = await predictor.predict(texts);
  const models = predictor.models.length;
  const out = new Float64Array(models + 1).fill(7);
  for (const round of [1, 2]) {
    for (const [q, text] of texts.entries()) {
      const scored = [...together.subarray(q * models, (q + 1) * models)];
      expect([...scorer.score(text)], `text ${q}, round ${round}`).toEqual(scored);
      expect(scorer.score(text, out)).toBe(out);
      expect([...out]).toEqual([...scored, 7]);
    }
  }
  expect([...scorer.score(texts[0])]).toEqual(await predicted(predictor, texts[0]));
}

describe("a scorer gives the probabilities of predict, to the bit", () => {
  it.each(PREDICTORS)("%s", async (kind) =>
    expectSame(await fitSample(sample, { kind }), kind === "auto" ? TEXTS : undefined),
  );

  it.each(["auto", "knn", "rank-one"] as const)("%s with a robust score", async (kind) =>
    expectSame(await fitSample(sample, { kind, replicates: 3, alpha: -0.5 })),
  );

  it("with a model that has no labels, and models that were added later", async () => {
    const some = { ...sample, outcome: sample.outcome.map((y, i) => (i % 2 === 1 ? NaN : y)) };
    const first = await fitPredictor(dataset(some), [], { predictor: "knn", models: ["maths"] });
    const later = dataset({ ...sample, models: ["maths", "later"] });
    await expectSame(await extendPredictor(first, later, [], { predictor: "logistic" }));
    await expectSame(await fitSample(some, { kind: "trees" }));
  });

  it.each(["auto", "logistic", "trees", "knn"] as const)("%s of vectors", async (kind) => {
    const random = new Random(3);
    const columns = 6;
    const value = Float32Array.from({ length: 60 * columns }, () => random.normal());
    const predictor = await fitSample({ ...sample, vectors: { columns, value } }, { kind });
    const scorer = await loadScorer(predictor);
    for (let q = 0; q < 10; q++) {
      const vector = value.slice(q * columns, (q + 1) * columns).map((x) => (q === 3 ? 0 : x * 1.5));
      const vectors = { columns, value: vector };
      expect([...scorer.score(vector)]).toEqual([...(await predictor.predict([""], { vectors }))]);
    }
    expect(() => scorer.score("a text")).toThrow(/vectors of 6 columns/);
    expect(() => scorer.score(new Float32Array(5))).toThrow(/vectors have 5 columns/);
    expect(() => scorer.score(Float32Array.of(1, 2, NaN, 4, 5, 6))).toThrow(/column 2 is NaN/);
  });
});

/** The sample as rows that have ids and costs. */
function dataset({ models, queries, outcome }: ReturnType<typeof toySample>): Dataset {
  const cost = outcome.map((_, i) => {
    const text = queries[Math.floor(i / models.length)];
    return (1e-4 + 1e-5 * text.length) * (/sum/.test(text) ? 9 : 1) * (1 + (i % models.length));
  });
  return { ids: queries.map((_, q) => `q${q}`), models, queries, cost, outcome };
}

describe("a scorer", () => {
  it("predicts the costs that a plan predicts", async () => {
    const predictor = await fitPredictor(dataset(toySample(200, 3)), [], { predictor: "base-rate" });
    expect(predictor.costs[0].fits.map((fit) => fit?.form)).toContain("ridge");
    const scorer = await loadScorer(predictor);
    const work: Dataset = {
      ids: TEXTS.map((_, q) => `w${q}`),
      models: predictor.models,
      queries: TEXTS,
      cost: new Float64Array(TEXTS.length * 2).fill(NaN),
      outcome: new Float32Array(TEXTS.length * 2).fill(NaN),
    };
    const { cost } = (await withPredictedCosts(work, predictor)).work;
    for (const [q, text] of TEXTS.entries()) {
      expect([...scorer.costs(text, undefined)]).toEqual([...cost.subarray(2 * q, 2 * q + 2)]);
    }
  });

  it("lowers a cost to the bill of the most tokens, and has no cost where none is known", async () => {
    const predictor = await fitSample({ ...sample, models: ["gpt-4o", "own-model"] }, { kind: "base-rate" });
    const prices = new PriceTable([
      {
        model: "openai/gpt-4o",
        aliases: [],
        input: 2.5,
        output: 10,
        tiers: [],
        source: "a test",
      } as never,
    ]);
    const scorer = await loadScorer(predictor, { prices });
    const text = "How many tokens has this sentence?";
    const counter = await tokenCounter("gpt-4o");
    expect(scorer.promptTokens(text, 0)).toBe(counter.count(text) + 7);
    expect([...scorer.costs(text)]).toEqual([NaN, NaN]);
    const bill = costOf(text, 100, { price: prices.find("gpt-4o").price, counter });
    expect([...scorer.costs(text, 100)]).toEqual([bill, NaN]);
    expect(() => scorer.costs(text, -1)).toThrow(InputError);
    expect(() => scorer.promptTokens(text, 2)).toThrow(/expected 0 … 1/);

    const known = await loadScorer(
      await fitPredictor({ ...dataset(toySample(20)), models: ["gpt-4o", "own-model"] }, [], {
        predictor: "base-rate",
      }),
      { prices },
    );
    const free = known.costs(text);
    const capped = known.costs(text, 1);
    expect(capped[0]).toBe(costOf(text, 1, { price: prices.find("gpt-4o").price, counter }));
    expect(capped[0]).toBeLessThan(free[0]);
    expect(capped[1]).toBe(free[1]);
    expect([...known.costs(text, 1e9)]).toEqual([...free]);
  });

  it("has the digest of its file, from a path, bytes or a predictor", async () => {
    const predictor = await fitSample(sample, { kind: "base-rate" });
    const bytes = savePredictor(predictor);
    const digest = createHash("sha256").update(bytes).digest("hex");
    const path = join(mkdtempSync(join(tmpdir(), "optllm-")), "predictor.optllm");
    writeFileSync(path, bytes);
    for (const source of [path, bytes, predictor]) expect((await loadScorer(source)).digest).toBe(digest);
    bytes[bytes.length - 40] ^= 1;
    await expect(loadScorer(bytes)).rejects.toThrow(/damaged/);
    await expect(loadScorer(`${path}.not`)).rejects.toThrow(InputError);
  });

  it("refuses what it cannot score", async () => {
    const scorer = await loadScorer(await fitSample(sample, { kind: "base-rate" }));
    expect(() => scorer.score(new Float32Array(3))).toThrow(/fitted to texts/);
    expect(() => scorer.score(undefined as never)).toThrow(/neither a text nor a vector/);
    expect(() => scorer.costs(7 as never)).toThrow(/not a string/);
    expect(() => scorer.score("text", new Float64Array(1))).toThrow(/expected at least 2/);
  });
});
