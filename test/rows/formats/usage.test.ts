import { describe, expect, it } from "vitest";
import { importDataset } from "../../../src/rows/dataset.js";
import { temporaryFolder } from "../folder.js";

const folder = temporaryFolder();

async function imported(name: string, text: string) {
  const { dataset, notes, unpriced } = await importDataset(folder.write(name, text));
  return {
    cost: [...dataset.cost],
    input: [...(dataset.tokens?.input ?? [])],
    output: [...(dataset.tokens?.output ?? [])],
    notes: Object.fromEntries(notes),
    unpriced: [...unpriced],
  };
}

describe("usage in long rows", () => {
  it("is read from the provider's own object, also as text in a cell", async () => {
    const row = (id: number, usage: unknown) => JSON.stringify({ id, model: "gpt-4o", pass: true, usage });
    const rows = [
      row(1, { prompt_tokens: 100, completion_tokens: 10, total_tokens: 110 }),
      row(2, JSON.stringify({ input_tokens: 100, output_tokens: 20 })),
      row(3, "{'prompt_tokens': 100, 'completion_tokens': 30, 'prompt_tokens_details': None}"),
    ];
    const { cost, output } = await imported("own.jsonl", rows.join("\n"));
    expect(output).toEqual([10, 20, 30]);
    expect(cost).toEqual([0.00035, 0.00045, 0.00055]);
  });

  it("is left out and counted where its total contradicts it", async () => {
    const { cost, notes } = await imported(
      "total.csv",
      "id,model,score,input_tokens,output_tokens,total_tokens\n1,gpt-4o,1,100,10,110\n2,gpt-4o,1,100,10,60\n",
    );
    expect(cost).toEqual([0.00035, Infinity]);
    expect(Object.keys(notes)[0]).toMatch(/^tokens left out: the total of 60 tokens is neither 100 of input/);
  });

  it("takes dollars that the usage holds, and names models that it cannot price", async () => {
    const usage = { prompt_tokens: 10, completion_tokens: 5 };
    const { cost, unpriced } = await imported(
      "dollars.jsonl",
      [
        { id: 1, model: "some/thing", score: 1, usage: { ...usage, cost: 0.25 } },
        { id: 2, model: "own-model", score: 1, usage },
      ]
        .map((row) => JSON.stringify(row))
        .join("\n"),
    );
    expect(cost).toEqual([0.25, Infinity, Infinity, Infinity]);
    expect(unpriced).toEqual(["own-model"]);
  });
});

describe("recorded dollars of Inspect", () => {
  const log = (model: string, usage: object): string =>
    JSON.stringify({
      status: "success",
      eval: { task: "t", model },
      samples: [{ id: 1, input: "Q", scores: { s: { value: "C" } }, model_usage: { [model]: usage } }],
    });
  const usage = { input_tokens: 100, output_tokens: 10, total_tokens: 110 };

  it("are the cost, and a note says so", async () => {
    const { cost, notes } = await imported("dear.json", log("own/one", { ...usage, total_cost: 0.5 }));
    expect(cost).toEqual([0.5]);
    expect(notes).toEqual({ "recorded cost taken, not the price of the tokens": 1 });
  });

  it("of 0 for tokens are none: the tokens are priced", async () => {
    const { cost, notes } = await imported("free.json", log("openai/gpt-4o", { ...usage, total_cost: 0 }));
    expect(cost).toEqual([0.00035]);
    expect(notes).toEqual({ "recorded cost of 0 for tokens: not taken": 1 });
  });
});
