import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/write/batches/writeBatches.js";
import { runs } from "../runs.js";
import { run, testFolder } from "./run.js";

const { folder, at } = testFolder("pipeline");

const MODELS = [
  { id: "openai:chat:gpt-4o-mini", input: 0.15, output: 0.6, right: [true, false] },
  { id: "openai:chat:gpt-4o", input: 2.5, output: 10, right: [true, true] },
  { id: "openai:gpt-5-nano", input: 0.05, output: 0.4, right: [true, false] },
];
const questionOf = (k: number): string =>
  k % 2 === 0 ? `What is ${k} plus ${k + 3}?` : `Prove the lemma of the primes above ${k}`;

/** 40 tests of 3 providers, each twice; some calls failed, some were cached. */
function promptfooResults(): string {
  const results = Array.from({ length: 240 }, (_, i) => {
    const [k, model] = [Math.floor(i / 6), MODELS[i % 3]];
    const isCached = k % 5 === 0;
    const isFailed = i % 31 === 30;
    const [prompt, completion] = [20 + (k % 2), k % 2 === 0 ? 5 : 100];
    const isRight = !isFailed && model.right[k % 2];
    return {
      ...{ provider: { id: model.id }, promptIdx: i % 3, testIdx: k, vars: { question: questionOf(k) } },
      ...{ success: isRight, score: Number(isRight), failureReason: isFailed ? 2 : Number(!isRight) },
      cost: isCached ? 0 : (prompt * model.input + completion * model.output) / 1e6,
      response: { cached: isCached },
      tokenUsage: { prompt, completion, assertions: { prompt: 900, completion: 900 } },
    };
  });
  return JSON.stringify({ evalId: "eval", results: { version: 3, results } });
}

beforeAll(() => {
  writeFileSync(at("results.json"), promptfooResults());
  const work = Array.from({ length: 100 }, (_, k) => ({
    ...{ custom_id: `r${k}`, method: "POST", url: "/v1/chat/completions" },
    body: { model: "any", messages: [{ role: "user", content: questionOf(k + 50) }], max_tokens: 200 },
  }));
  writeFileSync(at("batch.jsonl"), work.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

describe("from an evaluation's results and a batch of work", () => {
  it("writes batch files for each model within the budget, with one command", async () => {
    const [work, labels] = [at("batch.jsonl"), at("results.json")];
    const given = [work, "--labels", labels, "--predictor", "knn", "--budget", "0.03"];
    const { code, out, err } = await run("solve", ...given, "--export", "openai-batch", "-o", at("batches"));
    expect([code, out]).toEqual([0, expect.stringContaining("100 requests written to")]);
    expect(err).toMatch(/42 × priced from tokens/);
    const manifest = JSON.parse(readFileSync(at("batches/manifest.json"), "utf8")) as Manifest;
    expect(manifest.requests).toBe(100);
    expect(manifest.expectedCost).toBeGreaterThan(0.015);
    expect(manifest.expectedCost).toBeLessThanOrEqual(0.03);
    const known = ["gpt-4o-mini", "gpt-4o", "gpt-5-nano"];
    const ids = manifest.files.flatMap(({ file, sentAs }) => {
      expect(known).toContain(sentAs);
      const lines = readFileSync(at(`batches/${file}`), "utf8")
        .trimEnd()
        .split("\n");
      return lines.map((line) => {
        const { custom_id: id, body } = JSON.parse(line) as {
          custom_id: string;
          body: { model: string; max_tokens: number };
        };
        expect(body).toMatchObject({ model: sentAs, max_tokens: 200 });
        return id;
      });
    });
    expect(new Set(ids).size).toBe(100);
    // Hard questions go to the one model that can answer them, as far as the money reaches.
    expect(manifest.files.find(({ sentAs }) => sentAs === "gpt-4o")?.requests).toBeGreaterThan(10);
    expect(readdirSync(folder).filter((name) => name.startsWith("."))).toEqual([]);
  });

  it("plans at batch prices with --batch", async () => {
    const given = [
      at("batch.jsonl"),
      "--labels",
      at("results.json"),
      "--predictor",
      "knn",
      "--knee",
      "--json",
    ];
    const batches = MODELS.flatMap(({ id }) => ["--batch", id]);
    const [live, both] = [await run("solve", ...given), await run("solve", ...given, ...batches)];
    const [one, two] = [live, both].map(
      ({ out }) => JSON.parse(out) as { mostAccurate: { totalCost: number } },
    );
    expect(two.mostAccurate.totalCost).toBeCloseTo(one.mostAccurate.totalCost / 2, 9);
  });

  it("refuses what cannot be exported before any work is done", async () => {
    const given = [at("batch.jsonl"), "--labels", at("nothing.json"), "--knee", "--export", "openai-batch"];
    expect((await run("solve", ...given)).err).toMatch(/expected the name of a new folder/);
    expect((await run("solve", "-", ...given.slice(1))).err).toMatch(/--export reads the whole work again/);
    const wrong = ["--batch", "openai:chat:gpt-4o=2"];
    expect((await run("solve", ...given.slice(0, 4), ...wrong)).err).toMatch(/a part 0 … 1/);
  });
});

describe("rows with tokens and tenants", () => {
  const rows = (count: number): string =>
    "id,query,tenant,deadline_hours,cheap__score,cheap__cost,cheap__input_tokens,cheap__output_tokens," +
    "dear__score,dear__cost,dear__input_tokens,dear__output_tokens\n" +
    Array.from({ length: count }, (_, k) => {
      const isHard = k % 2;
      const tenant = `tenant ${k % 25}`;
      return `q${k},${questionOf(k)},${tenant},${k % 3 === 0 ? 2 : ""},${1 - isHard},0.001,100,10,1,0.01,100,20\n`;
    }).join("");
  beforeAll(() => {
    writeFileSync(at("labelled.csv"), rows(runs(200, 0.5)));
    writeFileSync(at("work.csv"), rows(100));
  });
  const solve = (...options: string[]) =>
    run("solve", at("work.csv"), "--labels", at("labelled.csv"), "--predictor", "knn", ...options);

  it("tells cost, accuracy and shares of each group, at most 20 in the table", async () => {
    const { out } = await solve("--budget", "0.5", "--group", "tenant", "--json");
    const { groups, totalCost, expectedAccuracy } = JSON.parse(out) as {
      groups: { group: string; queries: number; cost: number; accuracy: number; shares: object }[];
      totalCost: number;
      expectedAccuracy: number;
    };
    expect(groups).toHaveLength(25);
    const sum = (pick: (one: (typeof groups)[number]) => number) =>
      groups.reduce((x, one) => x + pick(one), 0);
    expect(sum(({ queries }) => queries)).toBe(100);
    expect(sum(({ cost }) => cost)).toBeCloseTo(totalCost, 9);
    expect(sum(({ queries, accuracy }) => queries * accuracy) / 100).toBeCloseTo(expectedAccuracy, 9);
    const table = (await solve("--budget", "0.5", "--group", "tenant", "-o", at("a.jsonl"))).out;
    expect(table.match(/^tenant \d+ /gm)).toHaveLength(20);
    expect(table).toMatch(/^5 others +20 /m);
    expect((await solve("--knee", "--group", "task")).err).toMatch(/no row has a value in column task/);
  });

  it("asks what if a model had another price, in a plan and in a backtest", async () => {
    const { out } = await solve("--accuracy", "1%", "--price", "dear=1/2", "--json");
    const { mostAccurate, whatIf } = JSON.parse(out) as {
      mostAccurate: { totalCost: number };
      whatIf: { changes: object };
    };
    expect(whatIf.changes).toEqual({ price: [["dear", { input: 1, output: 2 }]] });
    // 100 input and 20 output tokens a query.
    expect(mostAccurate.totalCost).toBeCloseTo(100 * 140e-6, 6);
    const tried = await run(
      ...["backtest", at("labelled.csv"), "--train", "20%", "--validation", "20%", "--predictor", "knn"],
      ...["--price", "dear=1/2", "--match-best", "--group", "tenant", "--json"],
    );
    const { repeats, groups } = JSON.parse(tried.out) as {
      repeats: { bestSingle: { model: string; cost: number }; testQueries: number }[];
      groups: { queries: number }[];
    };
    const tested = 0.6 * runs(200, 0.5);
    expect(repeats[0].bestSingle).toMatchObject({
      model: "dear",
      cost: expect.closeTo(tested * 140e-6, 6) as number,
    });
    expect(groups.reduce((sum, { queries }) => sum + queries, 0)).toBe(tested);
    expect((await solve("--knee", "--price", "dear=1")).err).toMatch(/expected MODEL=IN\/OUT/);
    expect((await solve("--knee", "--price", "nobody=1/1")).err).toMatch(/no model "nobody"/);
    await run("simulate", "--queries", "50", "--models", "2", "-o", at("plain.jsonl"));
    const plain = [
      "solve",
      at("plain.jsonl"),
      "--labels",
      at("plain.jsonl"),
      "--predictor",
      "base-rate",
      "--knee",
    ];
    expect((await run(...plain, "--price", "model-01=1/1")).err).toMatch(/no tokens of model "model-01"/);
  });

  it("sends to a batch only what can wait", async () => {
    const path = at("mixed.jsonl");
    const { code, out } = await solve("--accuracy", "95%", "--batch", "dear=0.5", "-o", path);
    expect([code, out]).toEqual([0, expect.stringContaining("dear@batch")]);
    const models = readFileSync(path, "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { model: string }).model);
    models.forEach((model, k) => expect(model).not.toBe(k % 3 === 0 ? "dear@batch" : "dear"));
    expect(new Set(models)).toEqual(new Set(["cheap", "dear", "dear@batch"]));
    expect((await solve("--knee", "--batch", "dear")).err).toMatch(/no price of model dear is known/);
  });
});
