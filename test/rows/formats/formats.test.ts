import { cpSync, mkdirSync } from "node:fs";
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { describe, expect, it } from "vitest";
import type { Costs } from "../../../src/types.js";
import { importDataset, readDataset } from "../../../src/rows/dataset.js";
import type { DatasetOptions } from "../../../src/rows/reading.js";
import { InputError } from "../../../src/errors.js";
import { datasetRows, nativeTable } from "../../../src/write/dataset.js";
import { readNpy } from "../../../src/rows/npy.js";
import { parseCondition } from "../../../src/rows/where.js";
import { temporaryFolder } from "../folder.js";
import { npyBytes } from "../npyBytes.js";

const folder = temporaryFolder();
const fixtures = fileURLToPath(new URL("../fixtures", import.meta.url));
const at = (name: string): string => resolve(fixtures, name);

/** What a file gives, with matrices as lists of rows. */
async function imported(name: string, options: DatasetOptions = {}) {
  const { dataset, format, rows, skipped, notes, ...counts } = await importDataset(at(name), options);
  const width = dataset.models.length;
  const table = (matrix: Costs | undefined) =>
    matrix && dataset.ids.map((_, q) => [...matrix.subarray(q * width, (q + 1) * width)]);
  return {
    ...dataset,
    format,
    rows,
    counts,
    skipped: Object.fromEntries(skipped),
    notes: Object.fromEntries(notes),
    cost: table(dataset.cost),
    outcome: table(dataset.outcome),
    input: table(dataset.tokens?.input),
    output: table(dataset.tokens?.output),
  };
}

const _ = NaN;
const inf = Infinity;

describe("importDataset", () => {
  it.each(["promptfoo/results.json", "promptfoo/results.jsonl"])("reads %s", async (name) => {
    expect(await imported(name)).toMatchObject({
      format: "promptfoo",
      rows: 12,
      ids: ["0", "1"],
      queries: ["What is 2+2?", "Was ist die Hauptstadt von Peru?"],
      // Two prompts of one provider are two models.
      models: [
        "openai:gpt-4o · Answer: {{question}}",
        "openai:gpt-4o · Think: {{question}}",
        "openai:gpt-4o-mini",
        "claude",
      ],
      // Tests 0 and 2 ask the same: repeats become a mean. The error of test 0 is no wrong answer of "claude".
      outcome: [
        [1, 0.5, 0.5, 1],
        [1, 1, 0, 1],
      ],
      // Cached calls cost nothing only because they were cached.
      cost: [
        [0.002, 0.003, 0.0001, inf],
        [0.002, 0.003, 0.0001, inf],
      ],
      // Tokens of the grader (800 and 100) are nobody's.
      input: [
        [100, 100, 100, _],
        [100, 100, 100, 100],
      ],
      skipped: { "error of the provider (failureReason 2)": 1 },
      notes: {
        "cached call: its recorded cost does not count": 1,
        "cached call without its prompt and completion tokens: it cannot be priced": 1,
        "neither cost nor tokens: cost left blank": 1,
        "no price for the tokens of model anthropic:messages:claude-x: cost left blank": 1,
      },
    });
  });

  it("prices cached calls by their tokens", async () => {
    const priced: unknown[] = [];
    const { cost, notes, counts } = await imported("promptfoo/results.json", {
      price: (model, { input, output }) => {
        priced.push([model, input, output]);
        return input * 1e-6 + output * 4e-6;
      },
    });
    expect(priced).toEqual([["anthropic:messages:claude-x", 100, 50]]);
    expect(cost?.map((row) => row[3])).toEqual([inf, 0.0003]);
    expect(notes["neither cost nor tokens: cost left blank"]).toBe(1);
    expect(counts.priced).toBe(1);
  });

  it("prices tokens by the shipped table, batches at their discount, cached input at its rate, and never an unknown model as 0", async () => {
    const path = folder.write(
      "tokens.csv",
      "id,model,score,cost,input_tokens,output_tokens,cached_input_tokens\n" +
        "q1,gpt-4o,1,,1000,100,\nq1,gpt-4o@batch,1,,1000,100,\nq1,nobody,1,,1000,100,\n" +
        "q2,gpt-4o,1,,1000,100,400\nq2,gpt-4o@batch,1,0.5,1000,100,\nq2,nobody,1,,,,\n" +
        // More cached tokens than tokens: nobody can price that.
        "q3,gpt-4o,1,,1000,100,4000\nq3,gpt-4o@batch,1,0.5,1000,100,\nq3,nobody,1,0.25,,,\n",
    );
    const { models, cost, notes, counts } = await imported(path);
    expect(models).toEqual(["gpt-4o", "gpt-4o@batch", "nobody"]);
    // gpt-4o: $2.5 input, $1.25 cached, $10 output a million.
    expect(cost).toEqual([
      [0.0035, 0.00175, inf],
      [0.003, 0.5, inf],
      [inf, 0.5, 0.25],
    ]);
    expect(counts.priced).toBe(3);
    expect(notes).toEqual({
      "neither cost nor tokens: cost left blank": 1,
      "no price for the tokens of model gpt-4o: cost left blank": 1,
      "no price for the tokens of model nobody: cost left blank": 1,
    });
  });

  it("keeps columns by path, and filters records by them", async () => {
    const { columns, skipped, ids } = await imported("promptfoo/results.jsonl", {
      columns: ["testCase.metadata.language"],
      where: [parseCondition("testCase.metadata.language=de"), parseCondition("promptIdx<2")],
    });
    expect(ids).toEqual(["1"]);
    expect(columns).toEqual(new Map([["testCase.metadata.language", ["de"]]]));
    expect(skipped).toEqual({ "does not meet the conditions": 10 });
  });

  it("joins the newest samples of lm-eval on doc_hash, by one filter", async () => {
    expect(await imported("lm-eval", { columns: "all" })).toMatchObject({
      format: "lm-eval",
      queries: ["Question 5", "Question 6"],
      models: ["org__large", "org__small"],
      outcome: [
        [1, 0],
        [1, 1],
      ],
      cost: [
        [inf, inf],
        [inf, inf],
      ],
      columns: new Map([["task", ["gsm8k", "gsm8k"]]]),
      skipped: { "filter flexible-extract, while strict-match is read": 4 },
      notes: {},
    });
  });

  it("reads logs of Inspect: epochs, letters, chats, the evaluated model's tokens", async () => {
    expect(await imported("inspect")).toMatchObject({
      format: "inspect",
      ids: ["arithmetic/1", "arithmetic/2"],
      queries: ["Question 1", "Question 2"],
      models: ["openai/gpt-4o", "openai/gpt-4o-mini"],
      outcome: [
        [0.5, 0],
        [0.5, 1],
      ],
      input: [
        [130, 130],
        [130, 130],
      ],
      skipped: { "error in the sample": 1 },
    });
    expect((await imported("inspect/a.json")).models).toEqual(["openai/gpt-4o"]);
  });

  const routerBench = {
    format: "routerbench",
    ids: ["mmlu.1", "gsm.7"],
    queries: ['["Which, of these?"]', "How many?"],
    models: ["small", "large"],
    outcome: [
      [0, 1],
      [0.25, 1],
    ],
    cost: [
      [0.00002, 0.0011],
      [0.00003, 0.0015],
    ],
    columns: new Map([["eval_name", ["mmlu", "grade-school-math"]]]),
  };

  it("reads RouterBench's wide table", async () => {
    expect(await imported("routerbench.csv", { columns: "all" })).toMatchObject(routerBench);
  });

  it("reads the newest results of LLMRouterBench", async () => {
    expect(await imported("llmrouterbench", { columns: ["dataset"] })).toMatchObject({
      format: "llmrouterbench",
      ids: ["math/test/0", "math/test/1"],
      queries: ["1+1", "2+2"],
      models: ["large", "small"],
      outcome: [
        [1, 1],
        [1, 0],
      ],
      cost: [
        [0.01, 0.001],
        [0.02, 0.002],
      ],
      columns: new Map([["dataset", ["math", "math"]]]),
    });
  });

  it("reads LLMRouter's answers without errors that were stored as rows", async () => {
    expect(await imported("llmrouter.jsonl")).toMatchObject({
      format: "llmrouter",
      queries: ["Capital of Peru?", "Capital of Chad?"],
      models: ["small", "large"],
      outcome: [
        [0, 1],
        [_, 0.5],
      ],
      skipped: { "error of the API stored as a row (no tokens)": 1 },
    });
  });

  it("reads RouteLLM's tables", async () => {
    expect(await imported("routellm.csv")).toMatchObject({
      format: "routellm",
      queries: ["Which?\nA. one\nAnswer:", "Why?\nAnswer:"],
      models: ["mixtral", "gpt-4"],
      outcome: [
        [1, 1],
        [0, 1],
      ],
      notes: {},
    });
  });

  it("reads a plain long table: repeats become a mean, errors are left out", async () => {
    expect(await imported("long.csv", { columns: ["task"] })).toMatchObject({
      format: "long",
      ids: ["q1", "q2"],
      models: ["small", "large"],
      outcome: [
        [0.5, 1],
        [_, 0.5],
      ],
      cost: [
        [0.002, 0.02],
        [inf, 0.03],
      ],
      columns: new Map([["task", ["chat", "math"]]]),
      skipped: { "error in the row": 1 },
    });
  });

  it("reads OpenAI Batch requests as work and answers as tokens", async () => {
    expect(await imported("openai-batch.jsonl", { columns: ["model"] })).toMatchObject({
      format: "openai-batch",
      ids: ["req-1", "req-2"],
      queries: ["Hello?", "Sum 1 to 9"],
      models: [],
      columns: new Map([["model", ["gpt-4o", "gpt-4o"]]]),
    });
    const price = (): number => 0.5;
    expect(await imported("openai-batch-output.jsonl", { price })).toMatchObject({
      format: "openai-batch-output",
      ids: ["req-1"],
      models: ["gpt-4o"],
      cost: [[0.5]],
      input: [[20]],
      output: [[8]],
      skipped: { "request that failed": 1 },
    });
  });

  it("reads native rows with tokens, kept columns and allowed models", async () => {
    expect(await imported("native.csv", { columns: "all" })).toMatchObject({
      format: "native",
      models: ["small", "large"],
      cost: [
        [0.001, 0.02],
        [inf, 0.03],
      ],
      output: [
        [_, 7],
        [_, 9],
      ],
      columns: new Map([["task", ["chat", "math"]]]),
    });
    expect((await imported("native.jsonl")).cost).toEqual([
      [0.001, 0.02],
      [inf, 0.03],
    ]);
  });

  it.each(["native.csv", "native.jsonl"])("filters rows of %s", async (name) => {
    const where = [parseCondition("task!=chat"), parseCondition("small__cost<=0.001")];
    const { ids, outcome, skipped } = await imported(name, { where });
    expect(ids).toEqual(["q2"]);
    expect(outcome?.[0][0]).toBe(0);
    expect(skipped).toEqual({ "does not meet the conditions": 1 });
    await expect(imported(name, { where: [parseCondition("nothing=1")] })).rejects.toThrow(
      "no column nothing",
    );
  });

  it("reports to readDataset's caller what was left out", async () => {
    const said: string[] = [];
    await readDataset(at("long.csv"), { onNote: (text) => said.push(text) });
    expect(said.map((text) => text.replace(`${at("long.csv")}: `, ""))).toEqual([
      "1 × left out: error in the row",
      "1 × several answers of one model to one query, averaged (small)",
      "score: metric score (0 … 1)",
    ]);
  });

  it.each(["csv", "jsonl", "parquet"] as const)("reads back from %s what it writes", async (format) => {
    for (const name of ["promptfoo/results.json", "routerbench.csv", "long.csv", "native.csv", "lm-eval"]) {
      const { dataset } = await importDataset(at(name), { columns: "all" });
      const chunks: Buffer[] = [];
      for await (const chunk of datasetRows(nativeTable(dataset), format)) chunks.push(Buffer.from(chunk));
      const file = folder.write(`written.${format}`, Buffer.concat(chunks));
      const again = await readDataset(file, { columns: "all" });
      const { columns = new Map(), ...rest } = dataset;
      expect({ ...again, columns: Object.fromEntries(again.columns!) }).toEqual({
        ...rest,
        columns: Object.fromEntries(columns),
      });
    }
  });

  it("reads RouterBench from Parquet as from CSV, typed columns or texts", async () => {
    const { parquetBytes } = await import("../../../src/write/parquet.js");
    const columns = [
      { name: "sample_id", type: "STRING" },
      { name: "prompt", type: "STRING" },
      { name: "eval_name", type: "STRING" },
      { name: "small", type: "DOUBLE" },
      { name: "large", type: "FLOAT" },
      { name: "small|total_cost", type: "DOUBLE" },
      { name: "large|total_cost", type: "DOUBLE" },
    ] as const;
    const group = [
      ["mmlu.1", "gsm.7"],
      ['["Which, of these?"]', "How many?"],
      ["mmlu", "grade-school-math"],
      Float64Array.of(0, 0.25),
      Float32Array.of(1, 1),
      Float64Array.of(0.00002, 0.00003),
      Float64Array.of(0.0011, 0.0015),
    ];
    const parts: Uint8Array[] = [];
    for await (const part of parquetBytes(columns, [group])) parts.push(part);
    const file = folder.write("routerbench.parquet", Buffer.concat(parts));
    const { dataset, format } = await importDataset(file, { columns: "all" });
    expect({ format, ids: dataset.ids, columns: dataset.columns }).toEqual({
      format: "routerbench",
      ids: routerBench.ids,
      columns: routerBench.columns,
    });
    expect([...dataset.cost]).toEqual(routerBench.cost.flat());
  });

  it.each<[string, string | Uint8Array, string, DatasetOptions?]>([
    ["a truncated document", '{"evalId":"x","results":{"results":[{"provider":{"id":"a"},"success":true}', "byte 74: the document ends too early"],
    ["a document with a broken result", '{"evalId":"x","results":{"results":[{"a":tru}]}}', "byte 36: not valid JSON"],
    ["a document with a stray character", '{"evalId":"x","results":{},,}', "byte 27: unexpected ,"],
    ["a result without provider", '{"testIdx":0,"promptIdx":0,"provider":{}}\n', "work:1: no provider.id"],
    ["a document of no results", '{"evalId":"x","results":{"results":[]}}', "work has no rows to use"],
    ["a long table with a wrong score", "query_id,model,score\nq,m,7\n", "work:2: score is 7; expected 0 … 1"],
    ["a long table with a negative cost", "query_id,model,cost\nq,m,-7\n", "work:2: cost is -7; expected dollars"],
    ["a custom_id there twice", '{"custom_id":"a","body":{}}\n{"custom_id":"a","body":{}}\n', "work:2: custom_id a is there twice"],
    ["a zip archive", Buffer.from("PK\u0003\u0004"), "work is a zip archive"],
    ["a pickle", Buffer.of(0x80, 4, 0x95), "work is a Python pickle"],
    ["a damaged Parquet file", "PAR1 and nothing else", "damaged Parquet"],
    ["an unknown format", "a\n", "no format nothing; expected", { from: "nothing" }],
    ["an unknown model", "query_id,model,score\nq,gpt-4,1\n", "work has no model gpt4; nearest of its 1 models: gpt-4", { models: ["gpt4"] }],
    ["an allowed model without column", "allowed_models,a__cost\nb,1\n", "allowed_models names b"],
    ["a row whose allowed models have no cost", "allowed_models,a__cost,b__cost\nb,1,\n", "allowed_models of query 1 leaves no model"],
    ["a negative number of tokens", "a__cost,a__input_tokens\n1,-5\n", "work:2: a__input_tokens is -5; expected a number of tokens"],
  ])("refuses %s in one line", async (_, content, message, options) => {
    const error = await readDataset(folder.write("work", content), options).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message.replace(`${folder.path}/`, "")).toContain(message);
    expect((error as Error).message).toMatch(/^[^\p{Cc}]+$/u);
  }); // prettier-ignore

  it("refuses a folder without known files", async () => {
    mkdirSync(join(folder.path, "empty"));
    await expect(readDataset(join(folder.path, "empty"))).rejects.toThrow("a folder without files of rows");
  });

  it("counts files of another format in a folder", async () => {
    const path = join(folder.path, "logs");
    cpSync(at("inspect"), path, { recursive: true });
    folder.write("logs/c.json", '{"other":1}');
    const { skipped } = await importDataset(path);
    expect(skipped.get("file of another format")).toBe(1);
  });
});

describe("readNpy", () => {
  it.each(["<f4", "<f8"])("reads a matrix of %s", async (descr) => {
    const values = [0.5, -1, 3, 4, 5, 1e-3];
    const array = descr === "<f4" ? Float32Array.from(values) : Float64Array.from(values);
    const { rows, columns, value } = await readNpy(folder.write("m.npy", npyBytes(descr, [3, 2], array)));
    expect([rows, columns]).toEqual([3, 2]);
    expect(value).toEqual(Float32Array.from(values));
    const list = await readNpy(folder.write("m.npy", npyBytes(descr, [6], array)));
    expect([list.rows, list.columns]).toEqual([6, 1]);
  });

  it.each<[string, Uint8Array, string]>([
    ["Fortran order", npyBytes("<f4", [1, 1], Float32Array.of(1), "True"), "expected <f4 or <f8 in C order"],
    ["whole numbers", npyBytes("<i8", [1, 1], Float64Array.of(1)), "expected <f4 or <f8"],
    ["three dimensions", npyBytes("<f4", [1, 1, 1], Float32Array.of(1)), "one or two dimensions"],
    ["too few values", npyBytes("<f4", [2, 2], Float32Array.of(1)), "2 × 2 values need"],
    [
      "a size beyond reason",
      npyBytes("<f8", [999_999_999_999, 999_999], Float64Array.of(1)),
      "more than 16 GiB",
    ],
    ["NaN", npyBytes("<f4", [1, 2], Float32Array.of(1, NaN)), "value NaN in row 0, column 1"],
    ["something else", Buffer.from("id,query,m__cost\n"), "not a NumPy .npy file"],
  ])("refuses %s", async (_, bytes, message) => {
    const error = await readNpy(folder.write("m.npy", bytes)).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(message);
  });
});

it("does not write queries without any cost together with others that have one", async () => {
  const file = folder.write("long.csv", "query_id,model,score,cost\na,m,1,0.5\nb,m,0,\n");
  const dataset = await readDataset(file);
  expect(dataset.ids).toEqual(["a", "b"]);
  const table = nativeTable(dataset);
  expect(table.leftOut).toBe(1);
  expect([...table.rows].map(({ id }) => id)).toEqual(["a"]);
});
