import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { servedBy, VENDORS } from "../../../src/write/batches/vendors.js";
import type { BatchFile } from "../../../src/write/batches/writeBatches.js";
import { exportAllocation } from "../../../src/write/targets/exportAllocation.js";
import type { ExportOptions } from "../../../src/write/targets/options.js";
import { idsOf } from "./schemas.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-batches-"));
afterAll(() => rmSync(folder, { recursive: true }));
let tests = 0;
let at: (name: string) => string;
beforeEach(() => {
  const own = join(folder, String(++tests));
  mkdirSync(own);
  at = (name) => join(own, name);
});

const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** One model of each vendor, in the spelling of some tool. */
const MODELS = [
  "openai:chat:gpt-4.1-mini",
  "gpt-5-nano",
  "anthropic:messages:claude-sonnet-4-20250514",
  "anthropic/claude-haiku-4.5",
  "google:gemini-2.5-flash",
  "vertex_ai/gemini-2.5-pro",
  "mistralai/mistral-small-2503",
  "bedrock:eu.anthropic.claude-sonnet-4-20250514-v1:0",
  "bedrock/us-east-1/amazon.nova-lite-v1:0",
];

/** Writes a request for each model, all with the same body, and exports them. */
async function exported(
  body: object,
  options: ExportOptions = {},
  models = MODELS,
  url = "/v1/chat/completions",
) {
  const ids = models.map((_, k) => `ask ${k}`);
  writeFileSync(at("work.jsonl"), lines(ids.map((custom_id) => ({ custom_id, method: "POST", url, body }))));
  writeFileSync(at("plan.jsonl"), lines(ids.map((id, k) => ({ id, model: models[k], cost: 0.01 }))));
  const notes: string[] = [];
  const { manifest } = await exportAllocation("batch", at("plan.jsonl"), at("work.jsonl"), at("out"), {
    ...options,
    onNote: (text) => notes.push(text),
  });
  return { manifest: manifest!, notes, requests: requestsOf(manifest!.files) };
}

/** By model the requests of its files, checked against the vendor's documents. */
function requestsOf(files: readonly BatchFile[]): Map<string, Record<string, unknown>> {
  const found = new Map<string, Record<string, unknown>>();
  for (const { file, vendor, model, requests } of files) {
    const content = readFileSync(join(at("out"), file), "utf8");
    expect(idsOf(vendor, content)).toHaveLength(requests);
    const [first] =
      vendor === "anthropic"
        ? (JSON.parse(content) as { requests: Record<string, unknown>[] }).requests
        : [JSON.parse(content.split("\n")[0]) as Record<string, unknown>];
    const inner = first.body ?? first.params ?? first.request ?? first.modelInput;
    found.set(model, inner as Record<string, unknown>);
  }
  return found;
}

const chat = (...more: object[]) => [{ role: "user", content: "Which tide is higher?" }, ...more];

describe("files for every vendor", () => {
  it("are in the vendors' folders, in their forms and under their names", async () => {
    const { manifest } = await exported({
      messages: [{ role: "system", content: "Short." }, ...chat()],
      max_tokens: 60,
      temperature: 0.5,
      top_p: 0.9,
    });
    expect(manifest.files.map(({ vendor, sentAs }) => `${vendor} ${sentAs}`)).toEqual([
      "openai gpt-4.1-mini",
      "openai gpt-5-nano",
      "anthropic claude-sonnet-4-20250514",
      "anthropic claude-haiku-4-5",
      "gemini gemini-2.5-flash",
      "vertex gemini-2.5-pro",
      "mistral mistral-small-2503",
      "bedrock eu.anthropic.claude-sonnet-4-20250514-v1:0",
      "bedrock amazon.nova-lite-v1:0",
    ]);
    expect(manifest.files.slice(-2).map(({ invocationType }) => invocationType)).toEqual([
      "InvokeModel",
      "Converse",
    ]);
    expect(readdirSync(at("out")).sort()).toEqual([...VENDORS, "manifest.json", "requests.jsonl"].sort());
    expect(readdirSync(at("out/gemini"))).toEqual(["gemini-2.5-flash-001.jsonl"]);
    const index = readFileSync(at("out/requests.jsonl"), "utf8").trimEnd().split("\n");
    expect(index.map((line) => (JSON.parse(line) as { id: string }).id)).toEqual(
      MODELS.map((_, k) => `ask ${k}`),
    );
  });

  it("have the settings that each model takes, with a count of the changes", async () => {
    const { requests, notes } = await exported({
      messages: chat(),
      max_tokens: 60,
      temperature: 0.5,
      top_p: 0.9,
      seed: 4,
      user: "u7",
      stream: true,
    });
    expect(requests.get("gpt-5-nano")).toEqual({
      ...{ model: "gpt-5-nano", messages: chat(), max_completion_tokens: 60, seed: 4, user: "u7" },
    });
    expect(requests.get("anthropic/claude-haiku-4.5")).toEqual({
      ...{ model: "claude-haiku-4-5", max_tokens: 60, messages: chat(), temperature: 0.5 },
      metadata: { user_id: "u7" },
    });
    expect(requests.get("google:gemini-2.5-flash")!.generationConfig).toEqual({
      ...{ maxOutputTokens: 60, temperature: 0.5, topP: 0.9, seed: 4 },
    });
    expect(requests.get("mistralai/mistral-small-2503")).toMatchObject({ random_seed: 4, max_tokens: 60 });
    expect(notes).toContain(
      "1 × max_tokens sent as max_completion_tokens, which also counts reasoning (gpt-5-nano)",
    );
    expect(notes).toContain("1 × temperature left out: only 1 is accepted (gpt-5-nano)");
    expect(notes).toContain(
      "1 × top_p left out: the model takes one of temperature and top_p (claude-haiku-4-5)",
    );
    expect(notes).toContain("1 × seed left out (claude-haiku-4-5)");
  });

  it("hold tools, their calls and results, and images", async () => {
    const call = { id: "c1", type: "function", function: { name: "tide", arguments: '{"at":"Brest"}' } };
    const { requests } = await exported({
      messages: [
        { role: "developer", content: [{ type: "text", text: "Use tools." }] },
        {
          role: "user",
          content: [
            { type: "text", text: "And here?" },
            { type: "image_url", image_url: { url: "data:image/png;base64,AAAA" } },
          ],
        },
        { role: "assistant", content: null, tool_calls: [call, { ...call, id: "c2" }] },
        { role: "tool", tool_call_id: "c1", content: "4 m" },
        { role: "tool", tool_call_id: "c2", content: "5 m" },
      ],
      tools: [
        {
          type: "function",
          function: { name: "tide", description: "The tide", parameters: { type: "object" } },
        },
      ],
      tool_choice: "auto",
      max_tokens: 60,
    });
    const { messages } = requests.get("anthropic:messages:claude-sonnet-4-20250514") as {
      messages: unknown[];
    };
    expect(messages).toEqual([
      {
        role: "user",
        content: [
          { type: "text", text: "And here?" },
          { type: "image", source: { type: "base64", media_type: "image/png", data: "AAAA" } },
        ],
      },
      {
        role: "assistant",
        content: ["c1", "c2"].map((id) => ({ type: "tool_use", id, name: "tide", input: { at: "Brest" } })),
      },
      {
        role: "user",
        content: [
          { type: "tool_result", tool_use_id: "c1", content: "4 m" },
          { type: "tool_result", tool_use_id: "c2", content: "5 m" },
        ],
      },
    ]);
    const { contents } = requests.get("vertex_ai/gemini-2.5-pro") as { contents: { parts: object[] }[] };
    expect(contents.at(-1)!.parts[0]).toEqual({
      functionResponse: { name: "tide", response: { result: "4 m" } },
    });
  });

  it("ask for JSON where the vendor can", async () => {
    const schema = { type: "object", properties: { metres: { type: "number" } } };
    const body = {
      messages: chat(),
      response_format: { type: "json_schema", json_schema: { name: "tide", schema } },
    };
    const able = ["gpt-4o", "claude-haiku-4-5", "gemini-2.5-flash", "mistral-small-latest"];
    const { requests } = await exported(body, {}, able);
    expect(requests.get("claude-haiku-4-5")!.output_config).toEqual({
      format: { type: "json_schema", schema },
    });
    expect(requests.get("gemini-2.5-flash")!.generationConfig).toEqual({
      responseMimeType: "application/json",
      responseJsonSchema: schema,
    });
    rmSync(at("out"), { recursive: true });
    await expect(exported(body, {}, ["claude-3-5-haiku-latest"])).rejects.toThrow(
      /work\.jsonl:1: "response_format" of type json_schema has no counterpart in the Messages API/,
    );
  });

  it("are made from requests of the Responses API too", async () => {
    const body = { input: "Which tide?", instructions: "Short.", max_output_tokens: 60 };
    const { requests } = await exported(body, {}, MODELS, "/v1/responses");
    expect(requests.get("gpt-5-nano")).toEqual({ model: "gpt-5-nano", ...body });
    expect(requests.get("google:gemini-2.5-flash")).toEqual({
      contents: [{ role: "user", parts: [{ text: "Which tide?" }] }],
      systemInstruction: { parts: [{ text: "Short." }] },
      generationConfig: { maxOutputTokens: 60 },
    });
  });

  it("leave sampling out for models of Anthropic that take none", async () => {
    const { requests, notes } = await exported(
      { messages: chat(), temperature: 0.3, top_p: 0.5, max_tokens: 9 },
      {},
      ["anthropic:claude-opus-4-7", "anthropic:claude-sonnet-5"],
    );
    for (const params of requests.values())
      expect(Object.keys(params)).toEqual(["model", "max_tokens", "messages"]);
    expect(notes.filter((text) => text.includes("left out"))).toHaveLength(4);
  });

  it.each([
    [{ messages: chat(), n: 3 }, "gemini-2.5-flash", "n = 3"],
    [{ messages: chat(), logprobs: true }, "amazon.nova-lite-v1:0", '"logprobs"'],
    [{ messages: chat(), stop: "x" }, "o4-mini", '"stop" for a model that reasons'],
    [{ messages: chat() }, "o3-pro", "served by /v1/responses only"],
    [{ messages: chat(), temperature: 1.2 }, "claude-haiku-4-5", "temperature 1.2"],
    [
      {
        messages: [
          { role: "user", content: [{ type: "image_url", image_url: { url: "https://x.org/a.png" } }] },
        ],
      },
      "gemini-2.5-flash",
      "an image at https://x.org/a.png",
    ],
    [{ prompt: "old" }, "mistral-small-latest", "a body without messages"],
  ])("refuse %j for %s with file and line", async (body, model, message) => {
    await expect(exported(body, {}, [model])).rejects.toThrow(InputError);
    await expect(exported(body, {}, [model])).rejects.toThrow(message);
    await expect(exported(body, {}, [model])).rejects.toThrow(/work\.jsonl:1: /);
    expect(existsSync(at("out"))).toBe(false);
  });

  it("are split by the input tokens that may be enqueued", async () => {
    const models = Array.from({ length: 7 }, () => "gpt-4o");
    const { manifest } = await exported({ messages: chat() }, { limits: { tokens: 30 } }, models);
    expect(manifest.files.map(({ requests, inputTokens }) => [requests, inputTokens])).toEqual([
      [2, 24],
      [2, 24],
      [2, 24],
      [1, 12],
    ]);
    rmSync(at("out"), { recursive: true });
    await expect(exported({ messages: chat() }, { limits: { tokens: 5 } }, models)).rejects.toThrow(
      /work\.jsonl:1: a request of 12 tokens is larger than a file may be \(5 tokens\)/,
    );
  });
});

describe("models that no vendor serves", () => {
  const foreign = [
    "ollama:chat:qwen3:4b",
    "groq:llama-3.3-70b",
    "openrouter:openai/gpt-4o",
    "vllm/local",
    "mine",
  ];

  it("are all named, before anything is written, with what to do", async () => {
    await expect(exported({ messages: chat() }, {}, [...MODELS, ...foreign])).rejects.toThrow(
      `serve ${foreign.join(",")}: leave out with --without ${foreign.join(",")}, or give a vendor's name with --as ${foreign[0]}=NAME`,
    );
    expect(existsSync(at("out"))).toBe(false);
    const { manifest } = await exported({ messages: chat() }, { without: foreign }, [...MODELS, ...foreign]);
    expect([manifest.requests, manifest.leftOut]).toEqual([MODELS.length, foreign.length]);
  });

  it("may be given a vendor's name", async () => {
    const sentAs = new Map([["mine", "openai:my-deployment"]]);
    const { manifest } = await exported({ messages: chat() }, { sentAs }, ["mine"]);
    expect(manifest.files.map(({ vendor, sentAs }) => [vendor, sentAs])).toEqual([
      ["openai", "my-deployment"],
    ]);
  });

  it("are those of other vendors, where the target is one vendor", async () => {
    await exported({ messages: chat() });
    for (const [target, model] of [
      ["openai-batch", "openai:chat:gpt-4.1-mini"],
      ["anthropic-batch", "anthropic/claude-haiku-4.5"],
    ] as const) {
      const run = (options: ExportOptions) =>
        exportAllocation(target, at("plan.jsonl"), at("work.jsonl"), at(target), options);
      await expect(run({})).rejects.toThrow("--to batch writes files for every vendor");
      await expect(run({ sentAs: new Map([[model, "gemini-2.5-flash"]]), models: [model] })).rejects.toThrow(
        InputError,
      );
      expect((await run({ models: [model] })).requests).toBe(1);
    }
  });
});

it("finds the vendor and its name of a model in every tool's spelling", () => {
  const found = (name: string) => {
    const served = servedBy(name);
    return served && `${served.vendor} ${served.name}`;
  };
  const expected: Record<string, string | undefined> = {
    "openai:responses:gpt-5.1": "openai gpt-5.1",
    "GPT-4o@batch": "openai gpt-4o",
    "ft:gpt-4o-mini-2024-07-18:Acme::x1": "openai ft:gpt-4o-mini-2024-07-18:Acme::x1",
    "openai/gpt-oss-120b": undefined,
    "anthropic/claude-3.5-haiku": "anthropic claude-3-5-haiku-latest",
    "claude-4.5-opus": "anthropic claude-opus-4-5",
    "anthropic/bedrock/anthropic.claude-3-haiku-20240307-v1:0":
      "bedrock anthropic.claude-3-haiku-20240307-v1:0",
    "google/vertex/gemini-2.0-flash": "vertex gemini-2.0-flash",
    "vertex:claude-sonnet-4": undefined,
    "google/gemma-3-27b-it": undefined,
    "mistral:codestral-latest": "mistral codestral-latest",
    "azure:chat:my-gpt-4o": undefined,
    constructor: undefined,
    "": undefined,
  };
  for (const [name, served] of Object.entries(expected)) expect(found(name), name).toBe(served);
  expect(servedBy(`${"a:".repeat(50_000)}b`)).toBeUndefined();
});
