import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readPrices } from "../../../src/prices/table.js";
import { collectAnswers } from "../../../src/write/collect/collect.js";
import { readAnswer } from "../../../src/write/collect/answer.js";
import type { Manifest } from "../../../src/write/batches/writeBatches.js";
import { exportAllocation } from "../../../src/write/targets/exportAllocation.js";
import { answersTo, type Reply } from "./mock.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-collected-"));
afterAll(() => rmSync(folder, { recursive: true }));
const prices = await readPrices();
let tests = 0;
let at: (name: string) => string;
beforeEach(() => {
  const own = join(folder, String(++tests));
  mkdirSync(own);
  at = (name) => join(own, name);
});

const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");
const MODELS = [
  ...["openai:gpt-4o", "claude-haiku-4-5", "gemini/gemini-2.5-flash", "vertex:gemini-2.5-pro"],
  ...[
    "mistral/mistral-large-latest",
    "bedrock:anthropic.claude-3-haiku-20240307-v1:0",
    "amazon.nova-micro-v1:0",
  ],
];

/** Exports a request for each id, the models in turn. */
async function exported(ids: readonly string[], models = MODELS): Promise<Manifest> {
  writeFileSync(at("work.jsonl"), lines(ids.map((id) => ({ id, query: `Say ${id}` }))));
  writeFileSync(
    at("plan.jsonl"),
    lines(ids.map((id, k) => ({ id, model: models[k % models.length], cost: 0.001 }))),
  );
  return (await exportAllocation("batch", at("plan.jsonl"), at("work.jsonl"), at("out"), {})).manifest!;
}

/** Writes the answers of all files; the paths. */
function answer({ files }: Manifest, reply: (customId: string) => Reply | undefined): string[] {
  return files.flatMap((file, k) => {
    const { output, errors } = answersTo(at("out"), file, reply);
    writeFileSync(at(`output-${k}.jsonl`), output.join(""));
    if (errors.length === 0) return [at(`output-${k}.jsonl`)];
    writeFileSync(at(`errors-${k}.jsonl`), errors.join(""));
    return [at(`output-${k}.jsonl`), at(`errors-${k}.jsonl`)];
  });
}

const collect = (answers: string[]) => collectAnswers(at("out"), answers, at("answers.jsonl"), { prices });
const result = () =>
  readFileSync(at("answers.jsonl"), "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Record<string, unknown>);

/** The ids that requests were sent under, by their own. */
const customIds = () =>
  new Map(
    readFileSync(at("out/requests.jsonl"), "utf8")
      .trimEnd()
      .split("\n")
      .map((line) => JSON.parse(line) as { id: string; customId: string })
      .map(({ id, customId }) => [customId, id]),
  );

describe("answers of all vendors", () => {
  const ids = Array.from({ length: 21 }, (_, k) => `Frage ${k} ü`);

  it("come back in the order of the work, with text, usage and cost", async () => {
    const manifest = await exported(ids);
    const own = customIds();
    const answers = answer(manifest, (id) => ({ text: `about ${own.get(id)}` }));
    const collected = await collect(answers.reverse());
    expect(collected).toMatchObject({
      requests: 21,
      answered: 21,
      failed: { count: 0 },
      missing: { count: 0 },
    });
    const rows = result();
    expect(rows.map(({ id, text }) => [id, text])).toEqual(ids.map((id) => [id, `about ${id}`]));
    expect(rows.map(({ model }) => model)).toEqual(ids.map((_, k) => MODELS[k % MODELS.length]));
    for (const { usage, error } of rows) {
      expect(usage).toMatchObject({ input: 100, output: 20 });
      expect(error).toBeNull();
    }
    // 100 and 20 tokens at half of $2.5 and $10 a million.
    expect(rows[0].cost).toBeCloseTo((100 * 2.5 + 20 * 10) / 2e6, 12);
    expect(collected.expectedCost).toBeCloseTo(0.021, 12);
  });

  it("are counted and named where they failed, are missing, or come twice", async () => {
    const manifest = await exported(ids);
    const own = customIds();
    const numberOf = (id: string): number => Number(/\d+/.exec(own.get(id)!)![0]);
    const reply = (id: string): Reply | undefined => {
      if (numberOf(id) < 7) return { error: `no luck ${numberOf(id)}` };
      return numberOf(id) < 9 ? undefined : { text: "fine" };
    };
    const answers = answer(manifest, reply);
    const collected = await collect([...answers, answers[0]]);
    expect(collected.failed).toEqual({ count: 7, ids: ids.slice(0, 5) });
    expect(collected.missing).toEqual({ count: 2, ids: ids.slice(7, 9) });
    expect(collected.duplicates.count).toBe(1);
    expect(collected.answered).toBe(12);
    expect(result().map(({ error }) => error)).toEqual([
      ...Array.from({ length: 7 }, (_, k) => `no luck ${k}`),
      ...["no answer", "no answer"],
      ...Array.from({ length: 12 }, () => null),
    ]);
    // Those that failed are sent again: a success is taken, whatever came before.
    writeFileSync(
      at("again.jsonl"),
      answer(manifest, () => ({ text: "better" }))
        .map((path) => readFileSync(path, "utf8"))
        .join(""),
    );
    expect(await collect([at("again.jsonl"), ...answers.slice(1)])).toMatchObject({ answered: 21 });
  });

  it("are found in a folder of downloads, packed or not, and under the manifest's name", async () => {
    const manifest = await exported(ids);
    mkdirSync(at("down"));
    mkdirSync(at("down/job"));
    answer(manifest, () => ({ text: "x" })).forEach((path, k) =>
      writeFileSync(at(`down/job/${k}.jsonl.out`), readFileSync(path)),
    );
    writeFileSync(at("down/job/manifest.json.out"), '{"totalRecordCount":3}\n');
    const collected = await collectAnswers(at("out/manifest.json"), [at("down")], at("answers.jsonl"), {
      prices,
    });
    expect(collected.answered).toBe(21);
    expect(readdirSync(at(".")).filter((name) => name.startsWith(".optllm"))).toEqual([]);
  });

  it("are refused where they are none, another's, or of another vendor", async () => {
    await exported(["a", "b"], ["gpt-4o", "claude-haiku-4-5"]);
    const rejects = async (row: object, message: string | RegExp) => {
      writeFileSync(at("wrong.jsonl"), lines([row]));
      await expect(collect([at("wrong.jsonl")])).rejects.toThrow(message);
    };
    await rejects({ custom_id: "a", body: {} }, /wrong\.jsonl:1: not an answer of a batch/);
    await rejects(
      { custom_id: "z", response: { body: {} } },
      /no answer to a request of the export; its first id is z/,
    );
    await rejects(
      { custom_id: "b", response: { status_code: 200, body: {} } },
      "wrong.jsonl:1: an answer of openai or mistral to b, which was sent to anthropic",
    );
    await expect(collect([at("plan.jsonl")])).rejects.toThrow(/plan\.jsonl:1: not an answer/);
    await expect(collectAnswers(at("plan.jsonl"), [], undefined, { prices })).rejects.toThrow(
      "is no manifest",
    );
    mkdirSync(at("empty"));
    await expect(collect([at("empty")])).rejects.toThrow("has no answers");
  });
});

describe("one answer", () => {
  it.each([
    [
      {
        custom_id: "a",
        response: {
          status_code: 200,
          body: { choices: [{ message: { content: [{ type: "text", text: "x" }] } }] },
        },
      },
      { text: "x" },
    ],
    [
      {
        custom_id: "a",
        response: {
          status_code: 200,
          body: {
            output: [
              { type: "reasoning" },
              { type: "message", content: [{ type: "output_text", text: "y" }] },
            ],
          },
        },
      },
      { text: "y" },
    ],
    [
      { custom_id: "a", response: null, error: { code: "batch_expired", message: "too late" } },
      { text: null, error: "too late" },
    ],
    [
      { custom_id: "a", result: { type: "expired" } },
      { text: null, error: "expired" },
    ],
    [
      { key: "a", response: { promptFeedback: { blockReason: "SAFETY" } } },
      { text: null, error: "blocked: SAFETY" },
    ],
    [
      { recordId: "a", modelOutput: { generation: "of a form that is not known" } },
      { text: null, error: "an answer without a message" },
    ],
    [{ custom_id: "a", result: { type: "succeeded", message: { content: [], usage: {} } } }, { text: "" }],
    [
      { custom_id: "a", result: { type: "succeeded", message: { content: null } } },
      { text: null, error: "an answer without a message" },
    ],
    [
      {
        custom_id: "a",
        result: {
          type: "succeeded",
          message: { content: [{ type: "tool_use", name: "f", input: { x: 1 } }] },
        },
      },
      { text: null, toolCalls: [{ name: "f", arguments: { x: 1 } }] },
    ],
  ])("of the form %j is read", (row, expected) => {
    expect(readAnswer(row)).toMatchObject({ customId: "a", ...expected });
  });
});
