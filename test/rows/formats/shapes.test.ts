import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { importDataset } from "../../../src/rows/dataset.js";
import type { DatasetOptions } from "../../../src/rows/reading.js";
import { parseCondition } from "../../../src/rows/where.js";
import { processorMs } from "../../processor.js";
import { temporaryFolder } from "../folder.js";
import { zipBytes, type ZipMethod } from "../zipBytes.js";

const folder = temporaryFolder();

async function read(path: string, options?: DatasetOptions) {
  const { dataset, format, skipped } = await importDataset(path, options);
  const { models, queries, outcome } = dataset;
  return { format, models, queries, outcome: [...outcome], skipped: Object.fromEntries(skipped) };
}

const result = (test: number, score: number): object => ({
  ...{
    testIdx: test,
    promptIdx: 0,
    provider: { id: "m" },
    vars: { q: `Q${test}` },
    prompt: { raw: "x", label: "{{q}}" },
  },
  ...{ success: score === 1, score, namedScores: {}, failureReason: 0 },
});
const results = [result(0, 1), result(1, 0)];
const expected = { format: "promptfoo", models: ["m"], queries: ["Q0", "Q1"], outcome: [1, 0] };

describe("promptfoo", () => {
  it.each<[string, object]>([
    ["an EvaluateSummary", { version: 3, timestamp: "x", results, stats: {}, prompts: [] }],
    ["one of version 2", { version: 2, results, stats: {}, table: { head: {}, body: [] } }],
    [
      "an Eval with its config",
      { id: "eval-1", createdAt: 1, config: { prompts: [] }, results, prompts: [] },
    ],
    ["a file without an id", { results: { version: 2, results, stats: {} }, config: {}, shareableUrl: null }],
    ["results before everything else", { results: { results, version: 3 }, evalId: "eval-1" }],
    ["a list of results", results],
  ])("is %s", async (_, document) => {
    for (const space of [0, 2])
      expect(await read(folder.write("results.json", JSON.stringify(document, null, space)))).toMatchObject(
        expected,
      );
  });
});

describe("promptfoo's CSV", () => {
  it.each<[string, string]>([
    [
      "whose cells begin with their verdict",
      "q,sessionId,[openai:gpt-4o] Say {{q}},[openai:gpt-4o] Think {{q}},[mini] Say {{q}}\n" +
        'Why?,1,"[PASS] (0.75, Tone: 1.00)\n\nBecause.","[FAIL] (0.25)\n\nNo",[ERROR] (0.00) 429\n' +
        "How?,2,[PASS] (1.00),[FAIL] (0.00),[PASS] (1.00)\n",
    ],
    [
      "with columns of verdicts, whose names repeat",
      "Description,q,[openai:gpt-4o] Say {{q}},Status,Score,Named Scores,Metric: Tone,Grader Reason,Comment," +
        "[openai:gpt-4o] Think {{q}},Status,Score,Named Scores,Grader Reason,Comment,[mini] Say {{q}},Status,Score,Named Scores\n" +
        "a,Why?,Because.,PASS,0.75,,1.00,,,No,FAIL,0.25,,,,429,ERROR,0.00,\nb,How?,x,PASS,1.00,,,,,y,FAIL,0.00,,,,z,PASS,1.00,\n",
    ],
  ])("is read %s", async (_, text) => {
    const file = folder.write("table.csv", text);
    const table = {
      format: "promptfoo",
      models: ["openai:gpt-4o · Say {{q}}", "openai:gpt-4o · Think {{q}}", "mini"],
      queries: ["Why?", "How?"],
      skipped: { "error of the provider (ERROR)": 1 },
    };
    expect(await read(file)).toEqual({ ...table, outcome: [0.75, 0.25, NaN, 1, 0, 1] });
    expect(await read(file, { score: { pass: true } })).toEqual({ ...table, outcome: [1, 0, NaN, 1, 0, 1] });
    expect((await read(file, { score: { metric: "Tone" } })).outcome.slice(0, 2)).toEqual([1, NaN]);
  });
});

describe("RouterArena's cached results", () => {
  it("are read, one file or a folder, without failed and ungraded answers", async () => {
    const row = (index: number, model: string, more: object): string =>
      `${JSON.stringify({
        ...{
          global_index: `Quiz_${index}`,
          question: `Q${index}`,
          llm_selected: model,
          generated_answer: "A",
        },
        ...{
          token_usage: { input_tokens: 9, output_tokens: 5, total_tokens: 14 },
          success: true,
          error: null,
          ...more,
        },
      })}\n`;
    const graded = (score: number): object => ({
      evaluation_result: { score, metric: "mcq", inference_cost: 0.001 },
    });
    const a = row(1, "a", graded(1)) + row(2, "a", { evaluation_result: null });
    const file = folder.write("cached_results/a.jsonl", a);
    folder.write(
      "cached_results/b.jsonl",
      row(1, "b", graded(0)) + row(2, "b", { success: false, error: "429" }),
    );
    expect(await read(file)).toMatchObject({
      format: "routerarena",
      queries: ["Q1", "Q2"],
      outcome: [1, NaN],
    });
    expect(await read(`${folder.path}/cached_results`)).toMatchObject({
      models: ["a", "b"],
      outcome: [1, 0, NaN, NaN],
      skipped: { "call that failed": 1 },
    });
  });
});

describe("the format of a document", () => {
  const long = "x".repeat(3 * 2 ** 20);

  it.each<[string, object]>([
    ["behind a long value", { config: { prompts: [long] }, results: { results }, evalId: "eval-1" }],
    ["when its first row is long", { results: { results: [{ ...results[0], note: long }, results[1]] }, evalId: "e" }],
    ["when its rows are many", { results: { results: [...results, ...Array<object>(9000).fill(results[1])] }, evalId: "e" }],
  ])("is found %s", async (_, document) => {
    expect(await read(folder.write("long.json", JSON.stringify(document)))).toMatchObject(expected);
  }); // prettier-ignore
});

const header = {
  version: 2,
  status: "success",
  eval: { task: "t", model: "m" },
  plan: {},
  results: {},
  stats: {},
};
const sample = (id: number, value: unknown): object => ({
  ...{ id, epoch: 1, input: `Question ${id}`, messages: [{ role: "user", content: "x".repeat(1000) }] },
  ...{ scores: { match: { value } }, metadata: { language: id === 1 ? "de" : "en" } },
});

describe("Inspect's .eval", () => {
  const archive = (method?: ZipMethod, head = "header.json"): Buffer =>
    zipBytes(
      {
        "_journal/summaries/1.json": "[]",
        "samples/1_epoch_1.json": JSON.stringify(sample(1, "C")),
        "samples/2_epoch_1.json": JSON.stringify(sample(2, "I")),
        "summaries.json": "[]",
        [head]: JSON.stringify(header),
      },
      method,
    );
  const samples = {
    format: "inspect",
    models: ["m"],
    queries: ["Question 1", "Question 2"],
    outcome: [1, 0],
  };

  it.each<ZipMethod>(["stored", "deflate", "zstd"])("is read, its entries %s", async (method) => {
    expect(await read(folder.write(`${method}/log.eval`, archive(method)))).toMatchObject(samples);
    expect(await read(`${folder.path}/${method}`)).toMatchObject(samples);
  });

  it("is read under any name, while it is being written, and by conditions on its samples", async () => {
    expect(await read(folder.write("log.zip", archive()))).toMatchObject(samples);
    expect(await read(folder.write("open.eval", archive("deflate", "_journal/start.json")))).toMatchObject(
      samples,
    );
    const where = [parseCondition("metadata.language=de")];
    expect((await read(folder.write("log.eval", archive()), { where })).queries).toEqual(["Question 1"]);
  });

  it("is read from a folder together with JSON, without logs that have no samples", async () => {
    folder.write("mixed/a.json", '{"eval_set_id":"x","tasks":[]}');
    folder.write("mixed/b.json", JSON.stringify({ ...header, status: "error", error: { message: "x" } }));
    folder.write("mixed/c.eval", archive());
    folder.write("mixed/d.json", JSON.stringify({ ...header, samples: [sample(3, "C")] }));
    expect(await read(`${folder.path}/mixed`)).toMatchObject({
      queries: ["Question 1", "Question 2", "Question 3"],
      skipped: { "file of another format": 1, "file without samples": 1 },
    });
  });

  it.each<[string, Buffer, string]>([
    ["without a header", zipBytes({ "samples/1_epoch_1.json": "{}" }), "is a zip archive without header.json"],
    ["cut short", archive().subarray(0, 300), "damaged zip archive"],
    ["with damaged bytes", damaged(archive()), "damaged zip archive"],
    ["with a broken sample", zipBytes({ "samples/1_epoch_1.json": '{"id":tru}', "header.json": JSON.stringify(header) }), "samples/1_epoch_1.json, byte 6: not valid JSON"],
    ["that needs much memory to be unpacked", wide(archive("zstd")), "needs more than 128 MiB of memory"],
    ["that unpacks to far more than its size", bomb(), "unpacks to more than 200 times its size"],
  ])("is refused in one line %s", async (_, bytes, problem) => {
    await expect(read(folder.write("bad.eval", bytes))).rejects.toThrow(problem);
  }); // prettier-ignore
});

function damaged(bytes: Buffer): Buffer {
  const at = bytes.indexOf("samples/1_epoch_1.json") + 30;
  bytes.fill(0xff, at, at + 20);
  return bytes;
}

/** The same, with a last entry of zstd that claims to be 1 GiB of one window. */
function wide(bytes: Buffer): Buffer {
  bytes.writeUInt32LE(2 ** 30, bytes.lastIndexOf(Buffer.of(0x28, 0xb5, 0x2f, 0xfd)) + 5);
  return bytes;
}

/** 260 kB that unpack to 257 MiB. */
function bomb(): Buffer {
  const content = Buffer.alloc(257 * 2 ** 20, "1");
  return zipBytes({ "header.json": JSON.stringify(header), "samples/1_epoch_1.json": content });
}

describe("lm-eval", () => {
  it("is read from samples without a date in their names, beside the summary", async () => {
    const sample = (doc: number, acc: number): string =>
      `${JSON.stringify({ doc_id: doc, doc: { question: `Q${doc}` }, resps: [], filtered_resps: [], acc })}\n`;
    folder.write("old/run/results.json", JSON.stringify({ results: { t: {} }, config: { model: "hf" } }));
    folder.write("old/run/pretrained__m_t.jsonl", sample(0, 1) + sample(1, 0));
    const root = folder.write("old/notes.txt", "").slice(0, -"/notes.txt".length);
    for (const path of [root, `${root}/run`])
      expect(await read(path)).toMatchObject({ format: "lm-eval", models: ["run"], outcome: [1, 0] });
  });
});

describe("a batch of Vertex AI", () => {
  it("is read with the texts of its requests, its failures left out", async () => {
    const line = (text: string, more: object): string =>
      `${JSON.stringify({ status: "", processed_time: "2025-01-01T00:00:00Z", request: { contents: [{ role: "user", parts: [{ text }] }] }, ...more })}\n`;
    const usageMetadata = { promptTokenCount: 1000, candidatesTokenCount: 100, totalTokenCount: 1100 };
    const path = folder.write(
      "vertex.jsonl",
      line("Why?", { response: { modelVersion: "gemini-2.0-flash@default", usageMetadata } }) +
        line("How?", { status: "Bad Request", response: {} }),
    );
    expect(await read(path)).toMatchObject({
      ...{ format: "batch-output", models: ["gemini-2.0-flash"], queries: ["Why?"] },
      skipped: { "request that failed": 1 },
    });
  });
});

it.each([
  ["columns", { id: { 0: "a", 1: "b" }, query: { 0: "x", 1: "y" }, m__score: { 0: 1, 1: 0 } }],
  ["split", { columns: ["id", "m__score"], index: [0], data: [["a", 1]] }],
])("a table of pandas by %s is refused with the remedy", async (name, document) => {
  const path = folder.write(`${name}.json`, JSON.stringify(document));
  await expect(read(path)).rejects.toThrow('to_json(…, orient="records", lines=True)');
});

it.each([
  ["[{'role': 'user', 'content': 'Why?'}]", "Why?"],
  [String.raw`[{'role': 'user', 'content': "It's \xe4 \"q\" \n…", 'name': None}]`, 'It\'s ä "q" \n…'],
  [String.raw`[{'role': 'user', 'content': 'It\'s "q"'}]`, 'It\'s "q"'],
  ['[{"role": "user", "content": "True, None"}]', "True, None"],
])("messages in a cell may be a Python list or JSON: %s", async (cell, expected) => {
  const path = folder.write("messages.csv", `id,messages,m__score\n1,"${cell.replaceAll('"', '""')}",1\n`);
  expect((await read(path)).queries).toEqual([expected]);
});

it("a Python list of nothing but escapes takes linear time", async () => {
  const path = folder.write(
    "escapes.csv",
    `id,messages,m__score\n1,[${"'" + String.raw`\'`.repeat(200_000)},1\n`,
  );
  const start = processorMs();
  expect((await read(path)).outcome).toEqual([1]);
  expect(processorMs() - start).toBeLessThan(5000);
});

it("NaN in a table is a blank, and counted", async () => {
  const path = folder.write("nan.csv", "id,query,a__score,a__cost,b__score,b__cost\n1,x,NaN,0.1,1.0,nan\n");
  const { dataset, notes } = await importDataset(path);
  expect([[...dataset.outcome], [...dataset.cost]]).toEqual([[NaN, 1], [0.1, Infinity]]); // prettier-ignore
  expect(notes.get("NaN read as blank")).toBe(2);
});

it("tokens of 0 and 0 are unknown, not free", async () => {
  const usage = { prompt_tokens: 0, completion_tokens: 0, total_tokens: 0 };
  const row = { query: "x", model: "gpt-4o", score: 1 };
  const rows = [
    { id: "1", ...row, usage },
    { id: "2", ...row, usage: { prompt_tokens: 1000, completion_tokens: 0 } },
  ];
  const { dataset, notes } = await importDataset(folder.write("zero.json", JSON.stringify(rows)));
  expect([...dataset.cost]).toEqual([Infinity, 0.0025]);
  expect(notes.get("no tokens counted (0 of input and output): they are unknown")).toBe(1);
});

describe("samples of lm-evaluation-harness without a date", () => {
  it("are told apart by their metrics, so that each task has its own score", async () => {
    const row = (id: number, scores: object): string =>
      JSON.stringify({ doc_id: id, doc: { question: `Q${id}` }, resps: [], filtered_resps: [], ...scores });
    for (const model of ["x", "y"]) {
      folder.write(`undated/${model}/results.json`, "{}");
      folder.write(`undated/${model}/run_copa.jsonl`, [0, 1].map((id) => row(id, { acc: id })).join("\n"));
      folder.write(`undated/${model}/run_drop.jsonl`, row(0, { em: 0, f1: 0.5 }));
    }
    const { models, outcome, skipped } = await read(join(folder.path, "undated"));
    expect({ models, outcome, skipped }).toEqual({
      ...{ models: ["x", "y"], skipped: {} },
      outcome: [0, 0, 1, 1, 0, 0],
    });
  });
});

describe("undated samples of lm-evaluation-harness that cannot be told apart", () => {
  const sample = (question: string, acc: number): string =>
    `${JSON.stringify({ doc_id: question, doc: { question }, resps: [], filtered_resps: [], acc })}\n`;

  it("are one task, which is told", async () => {
    folder.write("tasks/run/m_rte.jsonl", sample("r", 1));
    folder.write("tasks/run/m_wic.jsonl", sample("w", 0));
    folder.write("tasks/run/m_wsc.jsonl", sample("s", 0) + sample("t", 1));
    folder.write("tasks/run/results.json", "{}");
    const { dataset, notes } = await importDataset(join(folder.path, "tasks"));
    expect([...dataset.outcome]).toEqual([1, 0, 0, 1]);
    expect([...notes]).toEqual([
      ["file without a date in its name, with the same metrics: one task with m_rte.jsonl", 2],
    ]);
  });

  it("are one model, which is told for each document that several files have", async () => {
    folder.write("runs/out/small_rte.jsonl", sample("r", 1) + sample("q", 1));
    folder.write("runs/out/large_rte.jsonl", sample("r", 0));
    folder.write("runs/out/results.json", "{}");
    const { dataset, notes } = await importDataset(join(folder.path, "runs"));
    expect({ models: dataset.models, outcome: [...dataset.outcome] }).toEqual({
      ...{ models: ["out"], outcome: [0.5, 1] },
    });
    expect(
      notes.get("document that large_rte.jsonl has too: read as a further answer of the folder's one model"),
    ).toBe(1);
  });
});

describe("a score that is a word of another kind", () => {
  it("is named in the reason why the sample is left out", async () => {
    const samples = ["C", "B-", "I"].map((value, i) => ({ id: i, input: "x", scores: { s: { value } } }));
    const path = folder.write("graded.json", JSON.stringify({ eval: { model: "m", task: "t" }, samples }));
    const { outcome, skipped } = await read(path);
    expect(outcome).toEqual([1, 0]);
    expect(Object.keys(skipped)).toEqual([expect.stringMatching(/^score B-, which is none of C, P, I, N/)]);
  });
});

describe("a long table", () => {
  it("has its score under one of several names, or says that there is none", async () => {
    const table = (name: string): string => `question_id,model,${name},cost\n1,m,True,0.1\n2,m,False,0.1\n`;
    const graded = await importDataset(folder.write("graded.csv", table("Is Correct")));
    expect([...graded.dataset.outcome]).toEqual([1, 0]);
    const { notes } = await importDataset(folder.write("plain.csv", table("nice")));
    expect(notes.get("no column of scores, so no label")).toBe(2);
  });
});

describe("the words of other programs for a blank cell", () => {
  it("are blank, which is told", async () => {
    const rows = "id,m__cost,m__score,n__cost\na,1,NA,2\nb,NULL,<NA>,2\nc,1,None,2\n";
    const { dataset, notes } = await importDataset(folder.write("blank.csv", rows));
    expect([...dataset.outcome].every(Number.isNaN)).toBe(true);
    expect([...dataset.cost]).toEqual([1, 2, Infinity, 2, 1, 2]);
    expect(Object.fromEntries(notes)).toMatchObject({
      ...{ "NA read as blank": 1, "NULL read as blank": 1, "<NA> read as blank": 1, "None read as blank": 1 },
    });
  });

  it("are not taken for JSON that Python would print", async () => {
    const path = folder.write("dict.jsonl", "{'id': 'a', 'm__cost': None}\n");
    await expect(importDataset(path)).rejects.toThrow("a dict as Python prints it; json.dumps writes it");
  });
});
