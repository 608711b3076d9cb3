import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { afterAll, beforeEach, describe, expect, it } from "vitest";
import { readAllocation } from "../../../src/rows/allocation.js";
import { InputError } from "../../../src/errors.js";
import { allocationRows } from "../../../src/write/allocation.js";
import { ANTHROPIC_BATCH } from "../../../src/write/batches/anthropic.js";
import { Adapting, BodyChanges } from "../../../src/write/batches/body.js";
import { fileNames } from "../../../src/write/batches/fileNames.js";
import { servedBy } from "../../../src/write/batches/vendors.js";
import { writeOut } from "../../../src/write/file.js";
import { exportAllocation } from "../../../src/write/targets/exportAllocation.js";
import type { ExportOptions } from "../../../src/write/targets/options.js";

const folder = mkdtempSync(join(tmpdir(), "optllm-export-"));
afterAll(() => rmSync(folder, { recursive: true }));
let tests = 0;
let at: (name: string) => string;
beforeEach(() => {
  const own = join(folder, String(++tests));
  mkdirSync(own);
  at = (name) => join(own, name);
});

interface Line {
  custom_id: string;
  url?: string;
  body?: Record<string, unknown>;
}
const lines = (values: object[]): string => values.map((value) => `${JSON.stringify(value)}\n`).join("");
const readLines = (path: string): Line[] =>
  readFileSync(path, "utf8")
    .trimEnd()
    .split("\n")
    .map((line) => JSON.parse(line) as Line);
const request = (id: string, more: object = {}) => ({
  custom_id: id,
  method: "POST",
  url: "/v1/chat/completions",
  body: { model: "any", messages: [{ role: "user", content: `Question ${id} ✓` }], ...more },
});

/** Writes work and an allocation; `plan` gives each id its model. */
function files(plan: Record<string, string>, work: object[] = Object.keys(plan).map((id) => request(id))) {
  writeFileSync(at("work.jsonl"), lines(work));
  sentAs = new Map(Object.values(plan).flatMap((model) => (servedBy(model) ? [] : [[model, model]])));
  writeFileSync(
    at("allocation.jsonl"),
    lines(
      Object.entries(plan).map(([id, model], q) => ({ id, model, cost: (q + 1) / 1000, probability: 0.5 })),
    ),
  );
}
/** Names of no vendor are sent as they are. */
let sentAs = new Map<string, string>();
const run = (target: Parameters<typeof exportAllocation>[0], options: ExportOptions = {}, output = "out") =>
  exportAllocation(target, at("allocation.jsonl"), at("work.jsonl"), at(output), {
    ...options,
    sentAs: options.sentAs ?? sentAs,
  });

/** id → model, as the manifest and the files of a folder tell it; checks counts, sizes and checksums on the way. */
function readBack(path: string): Map<string, string> {
  const manifest = JSON.parse(readFileSync(join(path, "manifest.json"), "utf8")) as {
    files: { file: string; model: string; sentAs: string; requests: number; bytes: number; sha256: string }[];
  };
  const found = new Map<string, string>();
  const names = manifest.files.map(({ file }) => file);
  expect(readdirSync(path).sort()).toEqual([...names, "manifest.json", "requests.jsonl"].sort());
  for (const { file, model, sentAs, requests, bytes, sha256 } of manifest.files) {
    const content = readFileSync(join(path, file));
    expect(content.length).toBe(bytes);
    expect(createHash("sha256").update(content).digest("hex")).toBe(sha256);
    const entries = file.endsWith(".json")
      ? (
          JSON.parse(content.toString()) as { requests: { custom_id: string; params: object }[] }
        ).requests.map(({ custom_id, params }) => ({ custom_id, body: params as Record<string, unknown> }))
      : readLines(join(path, file));
    expect(entries.length).toBe(requests);
    const before = found.size;
    const wrong = entries.filter(({ custom_id, body }) => body?.model !== sentAs || found.has(custom_id));
    expect(wrong).toEqual([]);
    for (const { custom_id } of entries) found.set(custom_id, model);
    expect(found.size).toBe(before + requests);
  }
  return found;
}

describe("OpenAI Batch files", () => {
  it("hold each request once under its model, everything else kept", async () => {
    const plan = { a: "gpt-4o", b: "gpt-4o-mini", c: "gpt-4o" };
    const tools = [{ type: "function", function: { name: "f" } }];
    files(plan, [request("b"), request("c", { temperature: 0.2, tools }), request("a")]);
    const { manifest } = await run("openai-batch");
    expect(readLines(at("out/gpt-4o-001.jsonl"))).toEqual([
      request("c", { model: "gpt-4o", temperature: 0.2, tools }),
      request("a", { model: "gpt-4o" }),
    ]);
    expect(manifest?.files.map(({ file, requests }) => [file, requests])).toEqual([
      ["gpt-4o-001.jsonl", 2],
      ["gpt-4o-mini-001.jsonl", 1],
    ]);
    expect(manifest?.files[0].expectedCost).toBeCloseTo(0.001 + 0.003, 12);
    expect(manifest?.expectedCost).toBeCloseTo(0.006, 12);
    expect(readBack(at("out"))).toEqual(new Map(Object.entries(plan)));
  });

  it("are split by number and by bytes, each file within both limits", async () => {
    const plan = Object.fromEntries(Array.from({ length: 23 }, (_, q) => [`q${q}`, q % 4 ? "m" : "n"]));
    files(plan);
    const byNumber = await run("openai-batch", { limits: { requests: 5 } }, "number");
    expect(byNumber.manifest?.files.map(({ file, requests }) => `${file} ${requests}`)).toEqual([
      "n-001.jsonl 5",
      "n-002.jsonl 1",
      "m-001.jsonl 5",
      "m-002.jsonl 5",
      "m-003.jsonl 5",
      "m-004.jsonl 2",
    ]);
    expect(readBack(at("number"))).toEqual(new Map(Object.entries(plan)));
    const one = Buffer.byteLength(JSON.stringify(request("q1", { model: "m" })));
    const byBytes = await run("openai-batch", { limits: { bytes: 2 * one + 2 } }, "bytes");
    byBytes.manifest?.files.forEach(({ bytes }) => expect(bytes).toBeLessThanOrEqual(2 * one + 2));
    expect(byBytes.manifest?.files[0].requests).toBe(2);
    expect(readBack(at("bytes"))).toEqual(new Map(Object.entries(plan)));
    await expect(run("openai-batch", { limits: { bytes: one } }, "none")).rejects.toThrow(
      /work\.jsonl:1: a request of \d+ bytes is larger/,
    );
    expect(existsSync(at("none"))).toBe(false);
  });

  it("never exceed the limits of the API, whatever is asked", async () => {
    files({ a: "m" });
    const { manifest } = await run("openai-batch", { limits: { requests: 1e9, bytes: 1e12 } });
    expect(manifest?.limits).toEqual({ openai: { requests: 50_000, bytes: 200_000_000 } });
  });

  it("hold 50,000 requests a file", async () => {
    const plan = Object.fromEntries(Array.from({ length: 50_001 }, (_, q) => [`q${q}`, "m"]));
    files(plan);
    const { manifest } = await run("openai-batch");
    expect(manifest?.files.map(({ requests }) => requests)).toEqual([50_000, 1]);
    expect(readBack(at("out")).size).toBe(50_001);
  });

  it("take native rows and packed files, send arms and renamed models under their own names", async () => {
    files({ a: "gpt-4o@batch", b: "openai:chat:o3", c: "gpt-4o" });
    const rows = ["a", "b", "c"].map((id) => ({ id, query: `Q ${id}`, "gpt-4o__cost": 1 }));
    writeFileSync(at("work.jsonl"), gzipSync(lines(rows)));
    const { manifest } = await run("openai-batch", { sentAs: new Map([["openai:chat:o3", "o3"]]) });
    expect(manifest?.files.map(({ sentAs }) => sentAs)).toEqual(["gpt-4o", "o3", "gpt-4o"]);
    expect([...readBack(at("out")).values()].sort()).toEqual(["gpt-4o", "gpt-4o@batch", "openai:chat:o3"]);
    const [{ file }] = manifest?.files ?? [];
    expect(readLines(join(at("out"), file))[0].body).toEqual({
      messages: [{ role: "user", content: "Q a" }],
      model: "gpt-4o",
    });
  });

  it("number the rows of a file without ids from 1, as a solve does", async () => {
    files({ "1": "m", "2": "n" }, [{ query: "one" }, { query: "two" }]);
    await run("openai-batch");
    expect([...readBack(at("out"))]).toEqual([
      ["1", "m"],
      ["2", "n"],
    ]);
    files({ "1": "m", "2": "n" }, [{ id: "1", query: "one" }, { query: "two" }]);
    await expect(run("openai-batch", {}, "other")).rejects.toThrow("work.jsonl:2: the id is undefined");
  });

  it("may be of some models only", async () => {
    files({ a: "x", b: "y", c: "x" });
    const { manifest } = await run("openai-batch", { models: ["y"] });
    expect(manifest).toMatchObject({ requests: 1, leftOut: 2 });
    expect([...readBack(at("out"))]).toEqual([["b", "y"]]);
  });

  it("are the same bytes each time", async () => {
    files({ a: "x", b: "y", c: "x" });
    await run("openai-batch", {}, "one");
    await run("openai-batch", {}, "two");
    for (const name of readdirSync(at("one")))
      expect(readFileSync(join(at("one"), name))).toEqual(readFileSync(join(at("two"), name)));
  });
});

describe("a round trip", () => {
  it("from an allocation through its file and batch files gives the same allocation", async () => {
    const id = fc.string({ unit: "grapheme", minLength: 1 }).filter((text) => text.trim() !== "");
    const model = fc.oneof(
      fc.constantFrom("gpt-4o", "GPT-4o", "../../etc/passwd", "a/b", "a_b", "con", ".hidden", "<img>"),
      id,
    );
    const plans = fc.uniqueArray(fc.tuple(id, model), {
      selector: ([id]) => id,
      minLength: 1,
      maxLength: 30,
    });
    let n = 0;
    await fc.assert(
      fc.asyncProperty(plans, async (plan) => {
        const models = [...new Set(plan.map(([, model]) => model))];
        sentAs = new Map(models.map((model) => [model, model]));
        const table = {
          ids: plan.map(([id]) => id),
          models,
          allocation: Uint8Array.from(plan, ([, model]) => models.indexOf(model)),
          cost: new Float32Array(plan.length * models.length).fill(0.25),
          successProbability: new Float32Array(plan.length * models.length),
        };
        for (const format of ["jsonl", "json", "parquet"] as const) {
          await writeOut(at(`allocation.${format}`), allocationRows(table, format));
          const read = await readAllocation(at(`allocation.${format}`));
          expect(read.ids.map((id, q) => [id, read.models[read.allocation[q]]])).toEqual(plan);
          expect([...read.cost]).toEqual(plan.map(() => 0.25));
        }
        writeFileSync(at("work.jsonl"), lines(plan.map(([id]) => request(id))));
        const output = `out${n++}`;
        const { manifest } = await run("openai-batch", { limits: { requests: 3 } }, output);
        expect(readBack(at(output))).toEqual(new Map(plan));
        expect(manifest?.expectedCost).toBeCloseTo(plan.length / 4, 9);
      }),
      { seed: 3, numRuns: 30 },
    );
  });
});

describe("file names", () => {
  it("are safe, and differ where the names do, upper and lower case aside", () => {
    const names = fc.uniqueArray(
      fc.oneof(fc.string({ unit: "binary" }), fc.string({ unit: fc.constantFrom("a", "A", ".", "/", "_") })),
      { maxLength: 40 },
    );
    fc.assert(
      fc.property(names, (given) => {
        const made = fileNames(given);
        made.forEach((name) => expect(name).toMatch(/^[A-Za-z0-9_][A-Za-z0-9._-]{0,88}$/));
        expect(new Set(made.map((name) => name.toLowerCase())).size).toBe(given.length);
      }),
      { seed: 4, numRuns: 500 },
    );
  });

  it("keep a plain name and tell apart those that would be the same", () => {
    expect(fileNames(["gpt-4o", "claude-3.5"])).toEqual(["gpt-4o", "claude-3.5"]);
    const [one] = fileNames(["a/b"]);
    expect(one).toMatch(/^a_b-[0-9a-f]{8}$/);
    expect(new Set(fileNames(["a/b", "a_b", "A_B", one])).size).toBe(4);
    expect(fileNames(["../../x"])[0]).toMatch(/^_.*_x-[0-9a-f]{8}$/);
  });
});

describe("Anthropic Message Batches", () => {
  it("hold chats in the form of the Messages API", async () => {
    const messages = [
      { role: "system", content: "Be brief." },
      { role: "developer", content: [{ type: "text", text: "Be kind." }] },
      { role: "user", content: [{ type: "text", text: "Hi" }] },
      { role: "assistant", content: "Hello" },
      { role: "user", content: "Why?" },
    ];
    const body = { messages, max_completion_tokens: 50, stop: "END", user: "u1", n: 1, stream: false };
    files({ a: "claude-sonnet-4-5@batch", b: "claude-sonnet-4-5@batch" }, [request("a", body), request("b")]);
    const { manifest } = await run("anthropic-batch", { maxTokens: 77 });
    expect(manifest?.limits).toEqual({ anthropic: { requests: 100_000, bytes: 256_000_000 } });
    const file = JSON.parse(readFileSync(join(at("out"), manifest?.files[0].file ?? ""), "utf8")) as object;
    expect(file).toEqual({
      requests: [
        {
          custom_id: "a",
          params: {
            model: "claude-sonnet-4-5",
            max_tokens: 50,
            system: "Be brief.\n\nBe kind.",
            messages: messages.slice(2),
            stop_sequences: ["END"],
            metadata: { user_id: "u1" },
          },
        },
        {
          custom_id: "b",
          params: {
            model: "claude-sonnet-4-5",
            max_tokens: 77,
            messages: [{ role: "user", content: "Question b ✓" }],
          },
        },
      ],
    });
    expect(readBack(at("out")).size).toBe(2);
  });

  it("keep bodies that are in that form already, and split", async () => {
    const body = {
      system: [{ type: "text", text: "S" }],
      max_tokens: 9,
      thinking: { type: "disabled" },
      top_k: 3,
    };
    files(
      { a: "c", b: "c", d: "c" },
      ["a", "b", "d"].map((id) => request(id, body)),
    );
    const { manifest } = await run("anthropic-batch", { limits: { requests: 2 } });
    expect(manifest?.files.map(({ file, requests }) => [file, requests])).toEqual([
      ["c-001.json", 2],
      ["c-002.json", 1],
    ]);
    expect(readFileSync(at("out/c-002.json"), "utf8")).toContain('"top_k":3');
    expect(readBack(at("out")).size).toBe(3);
  });

  it.each([
    [
      { response_format: { type: "json_object" } },
      '"response_format" of type json_object has no counterpart',
    ],
    [{ temperature: 1.5 }, "temperature 1.5"],
    [{ tools: [{ type: "function", function: {} }] }, "a tool of type function"],
    [{ tools: [{ type: "function", function: { name: "f" } }, { type: "web" }] }, "a tool of type web"],
    [{ messages: [{ role: "tool", content: "x" }] }, "role tool"],
    [{ messages: [{ role: "user", content: [{ type: "image_url", image_url: {} }] }] }, "without an address"],
    [{ messages: [{ role: "user", content: [{ type: "input_audio" }] }] }, "part of type input_audio"],
    [{ messages: [{ role: "assistant", content: "x" }] }, "does not begin with a user's message"],
    [{ n: 2 }, "n = 2 has no counterpart"],
    [{ logprobs: true }, '"logprobs" has no counterpart'],
    [
      {
        messages: [
          { role: "user", content: "x" },
          { role: "system", content: "y" },
        ],
      },
      "system message after",
    ],
    [{ messages: "x" }, "no list"],
    [{ messages: undefined }, "without messages"],
    [{ messages: [null] }, "role undefined"],
  ])("refuse %j, dropping nothing silently", async (body, message) => {
    files({ a: "c" }, [request("a", body)]);
    await expect(run("anthropic-batch")).rejects.toThrow(InputError);
    await expect(run("anthropic-batch")).rejects.toThrow(message);
    expect(existsSync(at("out"))).toBe(false);
  });

  it("send a number for ids that the API refuses, and say which", async () => {
    const ids = ["a b", "ü", "x".repeat(65), "r0000000001", "fine_1"];
    files(Object.fromEntries(ids.map((id) => [id, "c"])));
    const { manifest } = await run("anthropic-batch");
    expect(manifest?.changes.map(({ requests }) => requests)).toEqual([3]);
    const sent = readLines(at("out/requests.jsonl")) as unknown as { id: string; customId: string }[];
    expect(sent.map(({ id, customId }) => [id, customId])).toEqual([
      ["a b", "r0000000006"],
      ["ü", "r0000000002"],
      ["x".repeat(65), "r0000000003"],
      ["r0000000001", "r0000000001"],
      ["fine_1", "fine_1"],
    ]);
  });
});

it("writes a RouterArena prediction file, in the order of the work", async () => {
  files({ "8": "gpt-4o", x_1: "claude@batch" });
  writeFileSync(
    at("work.jsonl"),
    lines([
      { global_index: "x_1", prompt_formatted: "P1", prompt: "other" },
      { "global index": 8, prompt: "P8" },
    ]),
  );
  await run("routerarena", { sentAs: new Map([["claude@batch", "claude-3-haiku"]]) }, "predictions.json");
  const empty = { generated_result: null, cost: null, accuracy: null };
  expect(JSON.parse(readFileSync(at("predictions.json"), "utf8"))).toEqual([
    { global_index: "x_1", prompt: "P1", prediction: "claude-3-haiku", ...empty },
    { global_index: 8, prompt: "P8", prediction: "gpt-4o", ...empty },
  ]);
  writeFileSync(at("work.jsonl"), lines([{ id: "8" }, { id: "x_1", prompt: "P" }]));
  await expect(run("routerarena")).rejects.toThrow("work.jsonl:1: prompt is undefined");
});

it("writes a LiteLLM configuration with the plan's counts as weights, from the allocation alone", async () => {
  files({ a: "gpt-4o", b: "haiku", c: "gpt-4o" });
  const sentAs = new Map([["haiku", "anthropic/haiku"]]);
  await exportAllocation("litellm", at("allocation.jsonl"), undefined, at("config.yaml"), {
    sentAs,
    group: "g",
  });
  expect(JSON.parse(readFileSync(at("config.yaml"), "utf8"))).toEqual({
    model_list: [
      { model_name: "g", litellm_params: { model: "gpt-4o", weight: 2 } },
      { model_name: "g", litellm_params: { model: "anthropic/haiku", weight: 1 } },
    ],
    router_settings: { routing_strategy: "simple-shuffle" },
  });
});

describe("what does not fit together is refused, and nothing is left behind", () => {
  const before = () => readdirSync(at("..")).length + readdirSync(at(".")).length;
  const rejects = async (message: RegExp | string, options?: ExportOptions) => {
    const found = before();
    await expect(run("openai-batch", options)).rejects.toThrow(InputError);
    await expect(run("openai-batch", options)).rejects.toThrow(message);
    expect(before()).toBe(found);
  };

  it("names the request that the allocation lacks, and the reverse", async () => {
    files({ a: "m", b: "m" }, [request("a"), request("z")]);
    await rejects(/work\.jsonl:2: z is not in .*allocation\.jsonl/);
    files({ a: "m", b: "m", c: "m" }, [request("a")]);
    await rejects(/2 of the 3 queries of .* are not in .*, the first is b/);
    files({ a: "m" }, [request("a"), request("a")]);
    await rejects("work.jsonl:2: a comes twice");
  });

  it("names a wrong line", async () => {
    files({ a: "m" }, [{ custom_id: "a", body: "text" }]);
    await rejects("body is text; expected an object");
    files({ a: "m" }, [{ custom_id: "a" }]);
    await rejects("neither body nor query");
    files({ a: "m" }, [{ custom_id: {}, body: {} }]);
    await rejects("the id is {}; expected text");
    files({ a: "m" });
    const deep = `${"[".repeat(200_000)}${"]".repeat(200_000)}`;
    writeFileSync(at("work.jsonl"), `{"custom_id":"a","body":{"messages":${deep}}}\n`);
    await rejects("work.jsonl:1: the body is nested too deep");
    files({ a: "m", b: "m" }, [request("a"), { ...request("b"), url: "/v1/responses" }]);
    await rejects(/work\.jsonl:2: url \/v1\/responses in a batch of/);
  });

  it("names a wrong allocation", async () => {
    const wrong = (rows: object[], message: string) => {
      files({ a: "m" });
      writeFileSync(at("allocation.jsonl"), lines(rows));
      return rejects(message);
    };
    await wrong([{ id: "a" }], "allocation.jsonl:1: model is undefined");
    await wrong([{ model: "m" }], "allocation.jsonl:1: id is undefined");
    await wrong([{ id: "a", model: "m", cost: -1 }], "cost is -1; expected dollars");
    await wrong(
      [
        { id: "a", model: "m" },
        { id: "a", model: "m" },
      ],
      "allocation.jsonl:2: id is a; expected unique",
    );
    await wrong([], "has no rows");
    await rejects("allocation.jsonl has no rows");
    files({ a: "m" });
    await rejects("has no model n; its models: m", { models: ["n"] });
  });

  it("does not touch a folder that holds something, and takes an empty one", async () => {
    files({ a: "m" });
    mkdirSync(at("out"));
    await run("openai-batch");
    expect(statSync(at("out/manifest.json")).isFile()).toBe(true);
    await rejects(/out exists already/);
    await expect(run("openai-batch", {}, "none/out")).rejects.toThrow("its folder does not exist");
    await expect(
      exportAllocation("openai-batch", at("allocation.jsonl"), at("work.jsonl"), undefined),
    ).rejects.toThrow("expected the name of a new folder");
  });

  it("stops when asked", async () => {
    files({ a: "m" });
    const signal = AbortSignal.abort(new Error("stopped"));
    await expect(run("openai-batch", { signal })).rejects.toThrow("stopped");
    expect(readdirSync(at(".")).sort()).toEqual(["allocation.jsonl", "work.jsonl"]);
  });
});

it("reads an allocation from CSV as from JSONL, and without costs", async () => {
  files({ a: "m" });
  writeFileSync(at("allocation.csv"), 'id,model,cost,probability\na,"m, n",0.5,0.1\nb,o,,\n');
  const { ids, models, allocation, cost } = await readAllocation(at("allocation.csv"));
  expect([ids, models, [...allocation], [...cost]]).toEqual([
    ["a", "b"],
    ["m, n", "o"],
    [0, 1],
    [0.5, NaN],
  ]);
});

/** Some bytes of a text changed, removed or doubled. */
const damaged = (text: string) =>
  fc
    .array(fc.tuple(fc.nat(text.length - 1), fc.nat(4), fc.constantFrom(...'{}[]",:\n0-e\\u ')), {
      minLength: 1,
      maxLength: 4,
    })
    .map((edits) =>
      edits.reduce((to, [at, length, insert]) => to.slice(0, at) + insert + to.slice(at + length), text),
    );

it("ends with an InputError or a whole folder, whatever is damaged", async () => {
  files({ a: "m", b: "n" }, [request("a", { stop: "x" }), request("b")]);
  const whole = ["allocation.jsonl", "work.jsonl"].map((name) => readFileSync(at(name), "utf8"));
  let n = 0;
  await fc.assert(
    fc.asyncProperty(
      damaged(whole[0]),
      damaged(whole[1]),
      fc.nat(2),
      fc.constantFrom("openai-batch" as const, "anthropic-batch" as const),
      async (allocation, work, which, target) => {
        writeFileSync(at("allocation.jsonl"), which === 1 ? whole[0] : allocation);
        writeFileSync(at("work.jsonl"), which === 0 ? whole[1] : work);
        const output = `out${n++}`;
        try {
          await run(target, {}, output);
          expect(readBack(at(output)).size).toBeGreaterThan(0);
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
          expect(existsSync(at(output))).toBe(false);
        }
      },
    ),
    { seed: 5, numRuns: 400 },
  );
});

it("refuses any body with an InputError, or writes it", () => {
  fc.assert(
    fc.property(
      fc.dictionary(fc.constantFrom("messages", "stop", "tools", "system", "x"), fc.jsonValue()),
      (body) => {
        try {
          const at = new Adapting({ id: "a", body, where: "work:1" }, "m", "the API", new BodyChanges());
          JSON.parse(ANTHROPIC_BATCH.line(at, "a", { maxTokens: 1 }));
        } catch (error) {
          expect(error).toBeInstanceOf(InputError);
        }
      },
    ),
    { seed: 6, numRuns: 2000 },
  );
});
