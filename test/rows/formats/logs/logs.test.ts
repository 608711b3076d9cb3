import { fileURLToPath } from "node:url";
import { resolve } from "node:path";
import { describe, expect, it } from "vitest";
import { backtest } from "../../../../src/backtest/backtest.js";
import { importDataset, readDataset } from "../../../../src/rows/dataset.js";
import { temporaryFolder } from "../../folder.js";

const folder = temporaryFolder();
const fixtures = fileURLToPath(new URL("../../fixtures/logs", import.meta.url));

async function imported(path: string) {
  const { dataset, format, skipped, notes, taken } = await importDataset(resolve(fixtures, path));
  return {
    format,
    ...{ ids: dataset.ids, queries: dataset.queries, models: dataset.models },
    cost: [...dataset.cost],
    score: [...dataset.outcome],
    input: [...dataset.tokens!.input],
    skipped: Object.fromEntries(skipped),
    notes: Object.fromEntries(notes),
    taken,
  };
}

const _ = NaN;
const inf = Infinity;

describe("logs with one model a query", () => {
  it("are read from LiteLLM, without calls that failed or were no chats", async () => {
    expect(await imported("litellm.jsonl")).toMatchObject({
      format: "litellm",
      ids: ["c-1", "c-2"],
      queries: ["Where is my parcel?", ""],
      models: ["gpt-4o", "ollama/qwen3:4b"],
      cost: [0.00045, inf, inf, inf],
      skipped: { "call of another kind than chat": 1, "request that failed": 1 },
      notes: { "no text stored for the request": 1, "recorded cost of 0 for tokens: not taken": 1 },
    });
  });

  it("are read from a CSV file of LiteLLM, whose cells hold JSON", async () => {
    const path = folder.write(
      "spend.csv",
      "request_id,spend,prompt_tokens,completion_tokens,total_tokens,model,messages,cache_hit,metadata\n" +
        'a,0,100,10,110,gpt-4o,"[{""role"":""user"",""content"":""Hi""}]",True,{}\n' +
        'b,0.5,100,10,110,gpt-4o,,False,"{""usage_object"":{""prompt_tokens"":100,""completion_tokens"":12}}"\n',
    );
    const { queries, cost, notes, input } = await imported(path);
    expect([queries[0], cost, input]).toEqual(["Hi", [0.00035, 0.5], [100, 100]]);
    expect(notes["cached call: its recorded cost does not count"]).toBe(1);
  });

  it("leave out calls of LiteLLM whose failure only the metadata tell", async () => {
    const row = {
      call_type: "acompletion",
      model: "gpt-4o",
      spend: 0,
      prompt_tokens: 0,
      completion_tokens: 0,
    };
    const rows = [
      { request_id: "a", ...row, spend: 0.1, prompt_tokens: 9, completion_tokens: 1 },
      { request_id: "b", ...row, total_tokens: 20, metadata: { status: "failure" } },
      { request_id: "c", ...row, total_tokens: 20, status: null, metadata: '{"status":"failure"}' },
    ];
    const path = folder.write("failed.json", JSON.stringify(rows));
    expect(await imported(path)).toMatchObject({ ids: ["a"], skipped: { "request that failed": 2 } });
  });

  it("are read from an export of Langfuse, with the scores beside it", async () => {
    expect(await imported("langfuse-export")).toMatchObject({
      format: "langfuse",
      ids: ["o-1", "o-2"],
      queries: ["Name a river", "Name a lake"],
      models: ["gpt-4o-mini", "gpt-4o"],
      score: [1, _, _, 0],
      // 60 tokens of the cache are beside the input of 40.
      input: [100, _, _, 10],
      skipped: { "observation that is no generation": 1 },
      taken: ["score: metric right (0 … 1); others: tone"],
    });
  });

  it("are read from Langfuse's API, whose names and scores are written otherwise", async () => {
    const row = {
      ...{ id: "x", traceId: "t", type: "GENERATION", model: "gpt-4o", input: { messages: [] } },
      ...{ usageDetails: { input: 100, output: 10, total: 110 }, costDetails: { input: 0.1, output: 0.2 } },
      scores: [{ name: "good", value: 1 }],
    };
    const { cost, score } = await imported(folder.write("api.json", JSON.stringify([row])));
    expect([cost, score]).toEqual([[0.3], [1]]);
  });

  it("have one scale of scores, found over the whole file", async () => {
    const row = {
      request_created_at: "2026",
      response_status: 200,
      request_model: "gpt-4o",
      prompt_tokens: 5,
      completion_tokens: 1,
    };
    const rows = [1, 55, 100].map((grade, i) => ({ ...row, request_id: `${i}`, scores: { grade } }));
    const path = folder.write("scores.jsonl", rows.map((one) => JSON.stringify(one)).join("\n"));
    const { score, taken } = await imported(path);
    // A 1 of 100 is no full mark.
    expect(score.filter((one) => !Number.isNaN(one))).toEqual([Math.fround(0.01), Math.fround(0.55), 1]);
    expect(taken).toEqual(["score: metric grade (0 … 100)"]);
  });

  it("are read from OpenRouter, with what went to one's own key", async () => {
    expect(await imported("openrouter.csv")).toMatchObject({
      format: "openrouter",
      ids: ["gen-a", "gen-b"],
      models: ["openai/gpt-4o", "google/gemini-2.5-flash"],
      cost: [0.0004, inf, inf, 0.00032],
      skipped: { "request that failed": 1 },
    });
    const days = folder.write("days.jsonl", '{"model_permaslug":"a/b","usage":3,"requests":40}\n');
    await expect(readDataset(days)).rejects.toThrow("1 total of a day, not one request");
  });

  it("are read from Helicone, with a score or the rating, never both in one file", async () => {
    expect(await imported("helicone.jsonl")).toMatchObject({
      format: "helicone",
      queries: ["Translate: tea", "Translate: milk"],
      score: [_, _, _, 0],
      skipped: { "no label: no value of metric feedback_rating": 1 },
      cost: [0.0000123, inf, inf, 0.000035],
    });
  });

  it("are work without costs: a blank one would forbid every other model", async () => {
    const work = await readDataset(resolve(fixtures, "helicone.jsonl"), { blankCosts: true });
    expect([work.models, work.cost.length, work.queries[0]]).toEqual([[], 0, "Translate: tea"]);
  });

  it("are refused by a backtest before it learns", async () => {
    const rows = await readDataset(resolve(fixtures, "helicone.jsonl"));
    await expect(backtest(rows, { train: { count: 1 }, validation: { count: 1 } })).rejects.toThrow(
      "every query has the answer of one model only (2 queries, 2 models)",
    );
  });
});
