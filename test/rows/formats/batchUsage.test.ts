import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { readDataset } from "../../../src/rows/dataset.js";
import { readPrices } from "../../../src/prices/table.js";
import { withQueries } from "../../../src/rows/queryTexts.js";
import { withUsage, type UsageFile, type UsageOptions } from "../../../src/rows/formats/batchUsage.js";
import type { Dataset } from "../../../src/types.js";
import { Random } from "../../../src/random.js";
import { run, testFolder } from "../../cli/run.js";

const { folder } = testFolder("batch-usage");
const prices = await readPrices();
const fixture = (name: string): string =>
  fileURLToPath(new URL(`../fixtures/batch/${name}`, import.meta.url));

function file(name: string, ...lines: (object | string)[]): string {
  const path = join(folder, name);
  writeFileSync(
    path,
    lines.map((line) => (typeof line === "string" ? line : JSON.stringify(line)) + "\n").join(""),
  );
  return path;
}

const usageOf = (prompt: number, completion: number) => ({
  prompt_tokens: prompt,
  completion_tokens: completion,
  total_tokens: prompt + completion,
});
const answer = (custom_id: string, model: string, usage: object | null = usageOf(1000, 100)) => ({
  custom_id,
  response: { status_code: 200, body: { model, usage } },
  error: null,
});
const failure = (custom_id: string) => ({ custom_id, response: null, error: { code: "batch_expired" } });

/** Two queries; every score 0 unless told. */
function labelsOf(models: string[], scores: number[] = [], ids = ["a", "b"]): Dataset {
  const size = ids.length * models.length;
  const outcome = new Float32Array(size);
  outcome.set(scores);
  const cost = new Float64Array(size).fill(Infinity);
  return { ids, queries: ids.map(() => ""), models, cost, outcome };
}

async function joined(labels: Dataset, files: (string | UsageFile)[], options: UsageOptions = {}) {
  const named = files.map((one) => (typeof one === "string" ? { path: one } : one));
  const { dataset, answers, notes } = await withUsage(labels, named, prices, options);
  const list = (values: ArrayLike<number> | undefined) => values && Array.from(values);
  return {
    answers,
    notes: Object.fromEntries(notes),
    cost: list(dataset.cost),
    score: list(dataset.outcome),
    input: list(dataset.tokens?.input),
    output: list(dataset.tokens?.output),
  };
}

const inf = Infinity;

describe("withUsage", () => {
  it("prices a dated model's answers at batch rates, and joins them to the label without the date", async () => {
    const labels = await readDataset(fixture("scores.csv"));
    const files = [fixture("mini-output.jsonl"), fixture("large-output.jsonl")];
    expect(labels.models).toEqual(["gpt-4o-mini", "openai:chat:gpt-4o"]);
    const before = structuredClone({ cost: [...labels.cost], outcome: [...labels.outcome] });
    expect(await joined(labels, files)).toEqual({
      answers: 5,
      // gpt-4o-mini $0.15/$0.6, gpt-4o $2.5/$10, halved; cached input of gpt-4o-mini $0.075 is not.
      cost: [0.000105, 0.00175, 0.00021, 0.0035, inf, 0.0007],
      score: [1, 1, 0, 1, NaN, 0.5],
      input: [1000, 1000, 2000, 2000, NaN, 400],
      output: [100, 100, 200, 200, NaN, 40],
      notes: {
        "answer to an id that the labels lack (q9)": 1,
        "request that failed: its score is no label (q3)": 1,
      },
    });
    expect({ cost: [...labels.cost], outcome: [...labels.outcome] }).toEqual(before);
  });

  it("charges other rates when asked", async () => {
    const path = file("live.jsonl", answer("a", "gpt-4o"));
    const { cost } = await joined(labelsOf(["gpt-4o"]), [path], { mode: "standard" });
    expect(cost).toEqual([0.0035, inf]);
  });

  it("replaces recorded costs and tokens, and keeps those without an answer", async () => {
    const labels = { ...labelsOf(["gpt-4o"]), cost: Float64Array.of(7, 8) };
    const result = await joined(labels, [file("one.jsonl", answer("b", "gpt-4o"))]);
    expect([result.cost, result.input]).toEqual([
      [7, 0.00175],
      [NaN, 1000],
    ]);
  });

  it("takes the mean of several answers of a query and model", async () => {
    const path = file("two.jsonl", answer("a", "gpt-4o"), answer("a", "gpt-4o", usageOf(3000, 100)));
    const { cost, input, answers } = await joined(labelsOf(["gpt-4o"]), [path]);
    expect([cost?.[0], input?.[0], answers]).toEqual([0.003, 2000, 2]);
  });

  it("keeps the score of a failed request that was answered in another file", async () => {
    const first = file("first.jsonl", failure("a"), answer("b", "gpt-4o"));
    const second = file("second.jsonl", answer("a", "gpt-4o"));
    const result = await joined(labelsOf(["gpt-4o"], [1, 1]), [first, second]);
    expect([result.score, result.notes]).toEqual([[1, 1], {}]);
  });

  it("needs the model of a file of failures, unless no score depends on it", async () => {
    const errors = file("errors.jsonl", "", failure("b"));
    const labels = labelsOf(["gpt-4o", "o3"], [1, 1, 0, 1]);
    await expect(joined(labels, [errors])).rejects.toThrow(
      `${errors}:2: the request of b failed, and the file does not name its model; give MODEL=FILE`,
    );
    expect((await joined(labels, [{ path: errors, model: "gpt-4o" }])).score).toEqual([1, 1, NaN, 1]);
    const blank = labelsOf(["gpt-4o", "o3"], [1, 1, NaN, NaN]);
    expect((await joined(blank, [errors])).score).toEqual([1, 1, NaN, NaN]);
  });

  it("counts scores without usage and answers without usage", async () => {
    const path = file("none.jsonl", answer("a", "gpt-4o", null), answer("z", "gpt-4o"));
    expect((await joined(labelsOf(["gpt-4o"]), [path])).notes).toEqual({
      "answer without usage (a)": 1,
      "answer to an id that the labels lack (z)": 1,
      "score without an answer's usage: cost left blank (a, b)": 2,
    });
  });

  it.each([
    ["gpt-4o-2024-08-06", ["gpt-4o", "gpt-4o-mini"], 0],
    ["gpt-4o", ["gpt-4o-mini", "gpt-4o-2024-08-06"], 1],
    ["gpt-4o-2024-08-06", ["gpt-4o-2024-05-13", "gpt-4o-2024-08-06"], 1],
    ["gpt-4o", ["o3", "openai/gpt-4o@batch"], 1],
    ["gpt-4o-2024-08-06", ["openai:gpt-4o", "openai:chat:gpt-4o-mini"], 0],
  ])("takes answers of %s among %j", async (model, models, m) => {
    const { cost } = await joined(labelsOf(models), [file("name.jsonl", answer("a", model))]);
    expect(cost?.map(Number.isFinite)).toEqual([m === 0, m === 1, false, false]);
  });

  it.each([
    ["gpt-4o-2024-08-06", ["gpt-4o-2024-05-13"], "the labels have no model gpt-4o-2024-08-06"],
    ["gpt-4o-mini", ["gpt-4o", "gpt-4.1"], "nearest of their 2 models: gpt-4o, gpt-4.1"],
    ["gpt-5-codex", ["gpt-5"], "the labels have no model gpt-5-codex"],
    ["gpt-4o", ["azure/gpt-4o", "openai/gpt-4o"], "may be azure/gpt-4o, openai/gpt-4o; give MODEL=FILE"],
    ["llama3:8b", ["qwen3:8b"], "the labels have no model llama3:8b"],
    ["big-x", ["big-x"], "no price of model big-x is known; nearest names"],
  ])("refuses answers of %s among %j", async (model, models, message) => {
    const path = file("refused.jsonl", answer("a", model));
    const error: unknown = await joined(labelsOf(models), [path]).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(`${path}:1: `);
    expect((error as Error).message).toContain(message);
  });

  it.each([
    ["a line that is no object", ["[1]"], ":1: [1] is not an object"],
    ["an answer without an id", [{ response: {} }], ":1: no custom_id"],
    [
      "an answer without a model",
      [{ custom_id: "a", response: { body: { usage: usageOf(5, 1) } } }],
      ":1: the answer has no model",
    ],
    ["negative tokens", [answer("a", "gpt-4o", usageOf(-5, 1))], ":1: prompt_tokens is -5"],
    ["usage of no known form", [answer("a", "gpt-4o", { tokens: 3 })], ":1: usage has none of prompt_tokens"],
    [
      "a model without a batch price",
      [answer("a", "chatgpt-4o-latest")],
      ":1: no batch price of openai/chatgpt-4o-latest",
    ],
    [
      "ids of something else",
      [answer("x1", "gpt-4o")],
      ": the labels have none of its ids, such as x1 (theirs: a)",
    ],
  ])("refuses %s", async (_, lines, message) => {
    const path = file("wrong.jsonl", ...lines);
    const labels = labelsOf(["gpt-4o", "chatgpt-4o-latest"]);
    await expect(joined(labels, [path])).rejects.toThrow(path + message);
  });

  it("refuses a cost above 10¹² dollars: blank would mean that the model must not answer", async () => {
    const models = { "gpt-4o": { input: 1e42, output: 1 } };
    const dear = file("dear.json", { asOf: "2026-01-01", source: "s", models });
    const path = file("dear.jsonl", answer("a", "gpt-4o"));
    const labels = labelsOf(["gpt-4o"]);
    const dearly = await readPrices(dear);
    await expect(withUsage(labels, [{ path }], dearly, { mode: "standard" })).rejects.toThrow(
      /dear.jsonl:1: the answer costs .* dollars/,
    );
  });

  it("prices a deployment's name, which no price list has, as the label's model", async () => {
    const path = file("deployment.jsonl", answer("a", "our-deployment"));
    expect((await joined(labelsOf(["gpt-4o"]), [{ path, model: "gpt-4o" }])).cost).toEqual([0.00175, inf]);
    await expect(joined(labelsOf(["gpt-4o"]), [{ path, model: "gpt4o" }])).rejects.toThrow(
      `${path}: the labels have no model gpt4o; nearest of their 1 models: gpt-4o`,
    );
  });

  it("counts one answer with an empty body, and one whose total contradicts it", async () => {
    const path = file(
      "one-empty.jsonl",
      answer("a", "gpt-4o"),
      { custom_id: "b", response: { status_code: 200, body: {} }, error: null },
      answer("c", "gpt-4o", { ...usageOf(1000, 100), total_tokens: 900 }),
    );
    const { answers, notes, cost } = await joined(labelsOf(["gpt-4o"], [], ["a", "b", "c"]), [path]);
    expect([answers, cost]).toEqual([1, [0.00175, inf, inf]]);
    expect(notes).toMatchObject({
      "answer without usage (b)": 1,
      "tokens left out: their total contradicts them (c)": 1,
    });
  });

  it("joins the answers of Gemini by key and of Bedrock by recordId", async () => {
    const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100 };
    const gemini = file(
      "gemini.jsonl",
      { key: "a", response: { usageMetadata, modelVersion: "models/gemini-2.5-flash" } },
      { key: "b", error: { code: 8 } },
    );
    const { cost, score } = await joined(labelsOf(["gemini-2.5-flash"]), [gemini]);
    expect([cost, score]).toEqual([
      [0.000275, inf],
      [0, NaN],
    ]);
    const vertex = file("vertex.jsonl", {
      ...{ status: "", processed_time: "2025-01-01T00:00:00Z", request: { labels: { optllm_id: "b" } } },
      response: { usageMetadata, modelVersion: "gemini-2.5-flash" },
    });
    const { input } = await joined(labelsOf(["gemini-2.5-flash"]), [vertex]);
    expect(input?.[1]).toBe(1000);
    const bedrock = file("bedrock.jsonl", {
      recordId: "b",
      modelInput: {},
      modelOutput: { usage: { inputTokens: 300, outputTokens: 10, totalTokens: 310 } },
    });
    const standard = await joined(labelsOf(["claude-sonnet-4-5"]), [bedrock], { mode: "standard" });
    expect([standard.cost?.[1], standard.input?.[1]]).toEqual([0.00105, 300]);
  });

  it("reads the results of an Anthropic batch, and gzip", async () => {
    const lines = [
      { custom_id: "b", result: { type: "errored", error: { type: "invalid_request" } } },
      {
        custom_id: "a",
        result: {
          type: "succeeded",
          message: {
            model: "claude-sonnet-4-5-20250929",
            usage: {
              input_tokens: 300,
              cache_read_input_tokens: 600,
              cache_creation_input_tokens: 100,
              output_tokens: 300,
            },
          },
        },
      },
    ];
    const path = join(folder, "claude.jsonl.gz");
    writeFileSync(path, gzipSync(lines.map((line) => JSON.stringify(line)).join("\n")));
    const { cost, input, score } = await joined(labelsOf(["claude-sonnet-4-5"], [1, 0]), [path]);
    // (300 · $3 + 600 · $0.3 + 100 · $3.75 + 300 · $15) / 2
    expect([cost, input, score]).toEqual([
      [0.0029775, inf],
      [1000, NaN],
      [1, NaN],
    ]);
  });

  it("reads or refuses damaged files", async () => {
    const random = new Random(5);
    const labels = await readDataset(fixture("scores.csv"));
    const good = readFileSync(fixture("mini-output.jsonl"));
    const pieces = [
      "null",
      "{",
      '"',
      "-1",
      "1e999",
      "__proto__",
      "gpt-4o",
      "[]",
      "\n",
      "9".repeat(30),
      "true",
    ];
    let refused = 0;
    for (let k = 0; k < 500; k++) {
      const at = random.below(good.length);
      const piece = Buffer.from(pieces[random.below(pieces.length)]);
      const path = join(folder, "damaged.jsonl");
      writeFileSync(path, Buffer.concat([good.subarray(0, at), piece, good.subarray(at + random.below(12))]));
      await joined(labels, [path]).catch((error: unknown) => {
        expect(error).toBeInstanceOf(InputError);
        expect((error as Error).message).not.toMatch(/\n/);
        refused++;
      });
    }
    expect(refused).toBeGreaterThan(150);
    expect(refused).toBeLessThan(500);
  });
});

describe("optllm import --usage", () => {
  const usage = ["--usage", fixture("mini-output.jsonl"), "--usage", fixture("large-output.jsonl")];

  it("writes a labelled sample from which work without costs can be planned", async () => {
    const labelled = join(folder, "labelled.jsonl");
    const made = await run(
      "import",
      fixture("scores.csv"),
      "--queries",
      fixture("requests.jsonl"),
      ...usage,
      "-o",
      labelled,
    );
    expect(made.code, made.err).toBe(0);
    const { queries, cost } = await readDataset(labelled, { blankCosts: true });
    expect(queries).toEqual(["Capital of Peru?", "Sum 1 to 9", "Why is the sky blue?"]);
    // The file has what the batch charged, a plan the live price.
    expect(readFileSync(labelled, "utf8")).toContain('"gpt-4o-mini__cost":0.000105,');
    expect(cost[0]).toBe(0.00021);
    const work = file("work.jsonl", { id: "w1", query: "Capital of Chad?" });
    const planFile = join(folder, "plan.jsonl");
    const planned = await run("solve", work, "--labels", labelled, "--budget", "1", "-q", "-o", planFile);
    expect(planned.code, planned.err).toBe(0);
    expect(JSON.parse(readFileSync(planFile, "utf8"))).toMatchObject({
      id: "w1",
      model: "openai:chat:gpt-4o",
    });
  });

  it("takes MODEL=FILE, and refuses --mode alone", async () => {
    const wrong = await run(
      "import",
      fixture("scores.csv"),
      "--usage",
      `gpt-5=${fixture("mini-output.jsonl")}`,
    );
    expect(wrong.code).toBe(2);
    expect(wrong.err).toContain("the labels have no model gpt-5; nearest of their 2 models: gpt-4o-mini");
    const mode = await run("import", fixture("scores.csv"), "--mode", "batch");
    expect(mode.code).toBe(2);
    expect(mode.err).toContain("--mode needs --usage");
  });
});

describe("withQueries", () => {
  it("fills texts that are missing, by id", async () => {
    const rows = { ...labelsOf(["m"], [], ["q1", "q2", "q7"]), queries: ["kept", "", ""] };
    const requests = await readDataset(fixture("requests.jsonl"));
    const { dataset, missing } = withQueries(rows, requests);
    expect([dataset.queries, missing]).toEqual([["kept", "Sum 1 to 9", ""], 1]);
  });
});
