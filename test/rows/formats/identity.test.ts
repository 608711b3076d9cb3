import { describe, expect, it } from "vitest";
import { importDataset } from "../../../src/rows/dataset.js";
import type { DatasetOptions } from "../../../src/rows/reading.js";
import { temporaryFolder } from "../folder.js";

const folder = temporaryFolder();

async function imported(path: string, options: DatasetOptions = {}) {
  const { dataset, skipped, notes } = await importDataset(path, options);
  const { ids, queries, models, outcome } = dataset;
  const width = models.length;
  return {
    ...{ ids, queries, models },
    outcome: ids.map((_, q) => [...outcome.subarray(q * width, (q + 1) * width)]),
    skipped: Object.fromEntries(skipped),
    notes: Object.fromEntries(notes),
  };
}

let runs = 0;
const jsonl = (rows: object[]): string =>
  folder.write(`rows-${runs++}.jsonl`, rows.map((row) => `${JSON.stringify(row)}\n`).join(""));

describe("promptfoo's queries", () => {
  const result = (test: number | undefined, model: string, vars: object, more: object = {}): object => ({
    ...(test === undefined ? {} : { testIdx: test, promptIdx: model === "a" ? 0 : 1 }),
    ...{ provider: { id: model }, vars, prompt: { raw: `Say: ${JSON.stringify(vars)}`, label: "Say" } },
    ...{ success: model === "a", score: model === "a" ? 1 : 0, namedScores: {}, failureReason: 0 },
    ...more,
  });

  it("are tests, whatever a variable holds in each call", async () => {
    const rows = [0, 1].flatMap((test) =>
      ["a", "b"].map((model) => result(test, model, { ask: `Ask ${test}`, salt: `${test}${model}` })),
    );
    expect(await imported(jsonl(rows))).toMatchObject({
      ids: ["0", "1"],
      outcome: [
        [1, 0],
        [1, 0],
      ],
    });
  });

  it.each([
    ["conversationId", "x"],
    ["runAt", "2026-03-04T05:06:07.890Z"],
    ["ticket", "0b3c2a10-89ab-4cde-8f01-23456789abcd"],
    ["timestamp", "17"],
  ])("leave out the variable %s, also without the number of a test", async (name, value) => {
    const rows = ["a", "b"].map((model, i) =>
      result(undefined, model, { ask: "Where?", [name]: value.replace(/.$/, (c) => (i === 0 ? c : "0")) }),
    );
    const { queries, outcome } = await imported(jsonl(rows));
    expect({ queries, outcome }).toEqual({ queries: ["Where?"], outcome: [[1, 0]] });
  });

  it("are joined where the variables are the same, and are different in another evaluation", async () => {
    const rows = [
      ...[result(0, "a", { ask: "One?" }), result(0, "b", { ask: "One?" }), result(1, "a", { ask: "One?" })],
      // Another evaluation in the same file, whose first test is another.
      ...[result(0, "a", { ask: "Two?" }), result(0, "b", { ask: "Two?" })],
    ];
    const { queries, outcome, notes } = await imported(jsonl(rows));
    expect({ queries, outcome }).toEqual({ queries: ["One?", "Two?"], outcome: [[1, 0], [1, 0]] });
    expect(notes["several answers of one model to one query, averaged (a)"]).toBe(1);
  }); // prettier-ignore

  it.each([
    ["the response has an error", { response: { error: "429" }, failureReason: undefined }],
    [
      "the response has an error, and an assertion is blamed",
      { response: { error: "429" }, failureReason: 1 },
    ],
    ["there is an error but no grade", { error: "timeout", failureReason: undefined }],
    ["there is an error but no answer", { error: "timeout", failureReason: 1, response: {} }],
    [
      "the grader failed",
      { gradingResult: { pass: false, reason: "API error: 500" }, response: { output: "x" } },
    ],
    [
      "the grader says that it failed",
      { gradingResult: { pass: false, reason: "No verdict", metadata: { graderError: true } } },
    ],
    [
      "one grader failed, and no other assertion did",
      {
        gradingResult: {
          pass: false,
          componentResults: [
            { pass: true },
            { pass: false, reason: "Could not extract JSON from llm-rubric response" },
          ],
        },
      },
    ],
  ])("have no label where %s", async (_, more) => {
    const rows = [result(0, "a", { ask: "One?" }), result(0, "b", { ask: "One?" }, more)];
    const { outcome, models, skipped } = await imported(jsonl(rows));
    expect({ outcome, models, count: Object.values(skipped) }).toEqual({
      outcome: [[1]],
      models: ["a"],
      count: [1],
    });
  });

  it("have a label where an assertion failed, whatever became of a grader", async () => {
    const componentResults = [
      { pass: false, reason: "Expected x" },
      { pass: false, reason: "no answer", metadata: { graderError: true } },
    ];
    const more = {
      success: false,
      score: 0,
      gradingResult: { pass: false, reason: "Expected x", componentResults },
    };
    const { outcome, skipped } = await imported(jsonl([result(0, "a", { ask: "One?" }, more)]));
    expect({ outcome, skipped }).toEqual({ outcome: [[0]], skipped: {} });
  });

  it("have a label where an assertion failed, and none without assertions", async () => {
    const graded = { error: "Expected x", gradingResult: { pass: false, score: 0, reason: "Expected x" } };
    const ungraded = {
      success: true,
      score: 1,
      gradingResult: { pass: true, score: 1, reason: "No assertions" },
    };
    const rows = [
      result(0, "a", { ask: "One?" }, { ...graded, success: false, score: 0, failureReason: undefined }),
      result(0, "b", { ask: "One?" }, ungraded),
    ];
    expect(await imported(jsonl(rows))).toMatchObject({
      outcome: [[0, NaN]],
      notes: { "no assertions, so no label": 1 },
    });
  });
});

describe("promptfoo's models", () => {
  const result = (prompt: object, more: object, score: number): object => ({
    ...{ provider: { id: "openai:gpt-4o" }, prompt, vars: { q: "Why?" }, success: score === 1, score },
    ...{ namedScores: {}, ...more },
  });

  it.each<[string, object, object, string[]]>([
    ["labels", { raw: "Be brief. Why?", label: "Be brief. {{q}}" }, { raw: "Think. Why?", label: "Think. {{q}}" }, ["openai:gpt-4o · Be brief. {{q}}", "openai:gpt-4o · Think. {{q}}"]],
    ["what is displayed", { raw: "Be brief. Why?", display: "brief" }, { raw: "Think. Why?", display: "long" }, ["openai:gpt-4o · brief", "openai:gpt-4o · long"]],
  ])("are prompts that differ in their %s, in files of version 2", async (_, first, second, names) => {
    const results = [result(first, {}, 0), result(second, {}, 1)];
    const file = folder.write("v2.json", JSON.stringify({ results: { version: 2, results, table: {} }, config: {} }));
    expect(await imported(file)).toMatchObject({ models: names, outcome: [[0, 1]], queries: ["Why?"] });
  }); // prettier-ignore

  it("are one model for prompts whose labels are the texts of single tests", async () => {
    const results = ["a", "b"].map((q) => ({
      ...result({ raw: q, label: q }, { testIdx: 0, promptIdx: 0 }, 1),
      vars: { q },
    }));
    expect((await imported(jsonl(results))).models).toEqual(["openai:gpt-4o"]);
  });
});

describe("models of Inspect", () => {
  const log = (name: string, config: object, score: string, more: object = {}): string =>
    folder.write(
      `${name}.json`,
      JSON.stringify({
        ...{ version: 2, status: "success" },
        eval: { task: "sums", model: "openai/o4-mini", model_generate_config: config, ...more },
        plan: { steps: [{ solver: "generate", params: {} }], config: {} },
        samples: [{ id: 1, epoch: 1, input: "1 + 1", scores: { match: { value: score } } }],
      }),
    );

  it.each<[string, object, object, string[]]>([
    ["effort", { reasoning_effort: "high", seed: 1 }, { reasoning_effort: "low", seed: 2 }, ["(effort high)", "(effort low)"]],
    ["temperature", { temperature: 0 }, { temperature: 0.7 }, ["(temperature 0)", "(temperature 0.7)"]],
    ["effort before temperature", { temperature: 1, reasoning_effort: "high" }, { reasoning_effort: "low" }, ["(effort high)", "(effort low)"]],
  ])("are told apart by %s", async (name, first, second, suffixes) => {
    const at = `apart ${name}`;
    log(`${at}/a`, first, "C");
    log(`${at}/b`, second, "I");
    expect(await imported(`${folder.path}/${at}`)).toMatchObject({
      models: suffixes.map((suffix) => `openai/o4-mini ${suffix}`),
      outcome: [[1, 0]],
    });
  }); // prettier-ignore

  it("are averaged over runs of the same settings, which a note says", async () => {
    log("again/a", { seed: 1, max_retries: 3 }, "C");
    log("again/b", { seed: 2 }, "I");
    expect(await imported(`${folder.path}/again`)).toMatchObject({
      models: ["openai/o4-mini"],
      outcome: [[0.5]],
      notes: { "several answers of one model to one query, averaged (openai/o4-mini)": 1 },
    });
  });

  it("are one model where only the limits differ, from task to task", async () => {
    log("tasks/a", { max_tokens: 10 }, "C");
    log("tasks/b", { max_tokens: 99 }, "I", { task: "products" });
    expect(await imported(`${folder.path}/tasks`)).toMatchObject({
      models: ["openai/o4-mini"],
      outcome: [[1], [0]],
      notes: { "settings of openai/o4-mini differ from task to task: read as one model": 1 },
    });
  });

  it("never show a key or an address", async () => {
    log("keys/a", {}, "C", { model_args: { api_key: "sk-1", base_url: "http://a" } });
    log("keys/b", {}, "I", { model_args: { api_key: "sk-2", base_url: "http://b" } });
    expect((await imported(`${folder.path}/keys`)).models).toEqual(["openai/o4-mini"]);
  });
});

describe("samples of Inspect", () => {
  it("that were not finished or not graded have no label", async () => {
    const good = { scores: { match: { value: "C" } } };
    const samples = [
      good,
      { ...good, error: { message: "timeout" } },
      { ...good, limit: { type: "working", limit: 60 } },
      { ...good, invalidation: { author: "me" } },
      { scores: { match: { value: NaN } } },
      { scores: null },
      { ...good, limit: { type: "token", limit: 60 } },
    ].map((row, id) => ({ id, epoch: 1, input: `Question ${id}`, ...row }));
    // Python writes NaN.
    const text = JSON.stringify({ eval: { task: "t", model: "m" }, samples }).replace(
      '"value":null',
      '"value":NaN',
    );
    const { ids, skipped, notes } = await imported(folder.write("unfinished.json", text));
    expect(ids).toEqual(["t/0", "t/6"]);
    expect(skipped).toEqual({
      "error in the sample": 1,
      "sample stopped by a limit (working)": 1,
      "sample that was declared invalid": 1,
      "sample without a score": 2,
    });
    expect(notes["sample that reached its limit of tokens: its score counts"]).toBe(1);
  });

  it("with the same id and another question are other queries", async () => {
    const sample = (input: string): object => ({ id: 1, epoch: 1, input, scores: { match: { value: "C" } } });
    const text = JSON.stringify({ eval: { task: "t", model: "m" }, samples: [sample("A"), sample("B")] });
    expect((await imported(folder.write("ids.json", text))).queries).toEqual(["A", "B"]);
  });
});

describe("runs of LLMRouterBench", () => {
  const run = (date: string, score: unknown, more: object = {}, head: object = {}): string =>
    folder.write(
      `bench-${runs}/quiz/test/m/${date}.json`,
      JSON.stringify({
        ...{ performance: 0.5, time_taken: 1, ...head },
        records: [
          { index: 0, origin_query: "Q", score, prompt_tokens: 1, completion_tokens: 1, cost: 0.1, ...more },
        ],
      }),
    );

  it("are the newest that is no demo, whatever the files are called", async () => {
    runs++;
    run("quiz-test-m-20260105_000000", 1, {}, { demo: false });
    run("a-20260106_000000", 0, {}, { demo: true });
    run("z-20260101_000000", 0);
    expect(await imported(`${folder.path}/bench-${runs}`)).toMatchObject({
      outcome: [[1]],
      skipped: { "demo run": 1 },
    });
  });

  it("have no label where the call failed", async () => {
    runs++;
    run("20260101_000000", 0, { raw_output: "Processing failed: timeout" });
    await expect(imported(`${folder.path}/bench-${runs}`)).rejects.toThrow("(1 call that failed)");
  });
});

describe("samples of lm-evaluation-harness", () => {
  it("from before filters had names are read once", async () => {
    const row = (id: number, score: number): object => ({
      ...{ doc_id: id, doc: { question: `Q${id}` }, target: "x", resps: [["y"]], filtered_resps: ["y"] },
      ...{ doc_hash: `h${id}`, exact_match: score },
    });
    // All documents through one filter, then through the next.
    const text = [row(0, 0), row(1, 1), row(0, 1), row(1, 1)]
      .map((one) => `${JSON.stringify(one)}\n`)
      .join("");
    const file = folder.write("old/org__m/samples_sums_2024-05-01T10-00-00.000000.jsonl", text);
    for (const path of [file, `${folder.path}/old`])
      expect(await imported(path)).toMatchObject({
        outcome: [[0], [1]],
        models: ["org__m"],
        skipped: { "further filter, which the file does not name": 2 },
      });
  });
});

describe("a long table", () => {
  const table = (header: string, rows: readonly string[]): string =>
    `query_id,prompt,model,score,cost,${header}\n${rows.join("\n")}\n`;

  it.each([
    ["reasoning_effort", ["low", "high"], ["m (effort low)", "m (effort high)"]],
    ["Temperature", ["0.0", "1"], ["m (temperature 0)", "m (temperature 1)"]],
    ["prompt_version", ["v1", "v2"], ["m · v1", "m · v2"]],
  ])("has a model for each %s", async (column, [first, second], names) => {
    const rows = [`1,x,m,1,0.1,${first}`, `1,x,m,0,0.2,${second}`, "1,x,other,1,0.3,"];
    const { models, outcome } = await imported(folder.write(`${column}.csv`, table(column, rows)));
    expect({ models, outcome }).toEqual({ models: [...names, "other"], outcome: [[1, 0, 1]] });
  });

  it("has one where a setting is the same in all rows of a model, however it is written", async () => {
    const rows = ["1,x,m,1,0.1,0", "2,y,m,0,0.2,0.0", "1,x,n,1,0.1,1", "2,y,n,1,0.1,1.0"];
    const { models } = await imported(folder.write("same.csv", table("temperature", rows)));
    expect(models).toEqual(["m", "n"]);
  });
});
