import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { encode } from "gpt-tokenizer/encoding/o200k_base";
import { encode as encode100k } from "gpt-tokenizer/encoding/cl100k_base";
import { beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { countChat, countRequest } from "../../../src/prices/tokens/chat.js";
import { tokenCounter, tokenizerOf, type TokenCounter } from "../../../src/prices/tokens/counter.js";
import { loadEncoding } from "../../../src/prices/tokens/encoding.js";
import { estimateTokens, FAMILIES, RATIOS, type Ratio } from "../../../src/prices/tokens/ratio.js";
import { runs } from "../../runs.js";

let count: (text: string) => number;
let gpt4o: TokenCounter;
beforeAll(async () => {
  count = await loadEncoding("o200k_base");
  gpt4o = await tokenCounter("gpt-4o");
});

describe("OpenAI vocabularies", () => {
  it("count as they encode", async () => {
    const texts = ["", "Hello, world!", "  if (x) {\n\t\treturn 1;\n}", "汉字 и кириллица 👍🏽", "1234567"];
    const old = await loadEncoding("cl100k_base");
    for (const text of texts) {
      expect(count(text)).toBe(encode(text).length);
      expect(old(text)).toBe(encode100k(text).length);
    }
    const page = readFileSync(
      fileURLToPath(new URL("../../../docs/lab/algorithm.md", import.meta.url)),
      "utf8",
    );
    expect(count(page)).toBe(encode(page).length);
  });

  it("are exact unless a run is long, then off by at most one token per cut", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary", maxLength: 30 }),
      fc.constantFrom("a".repeat(200), "Ab".repeat(90), " ".repeat(150), "./\n".repeat(70), "汉".repeat(130)),
    );
    fc.assert(
      fc.property(fc.array(piece, { maxLength: 8 }), (pieces) => {
        const text = pieces.join(" and ");
        const exact = encode(text, { disallowedSpecial: new Set() }).length;
        const cuts = text.length / 64;
        expect(Math.abs(count(text) - exact)).toBeLessThanOrEqual(2 * cuts);
        if (!/[\p{L}\p{M}]{64}|[^\p{L}\p{N}]{64}/u.test(text)) expect(count(text)).toBe(exact);
      }),
      { seed: 1, numRuns: runs(300) },
    );
  });

  it("take special tokens as the text they are", () => {
    expect(count("<|endoftext|>")).toBeGreaterThan(1);
    expect(count("a <|endoftext|> b <|im_start|>")).toBeGreaterThan(8);
  });

  it.each([
    ["letters", "ab"],
    ["one letter", "a"],
    ["spaces", " "],
    ["marks", "\u0301"],
    ["signs and line ends", ".\n/"],
    ["ideographs", "汉字"],
    ["unpaired surrogates", "\ud800"],
    ["capitals and small letters", "aB"],
    ["digits", "1"],
  ])("stay fast on a million characters of %s", (_, unit) => {
    // A count that is quadratic in the length would take an hour.
    expect(count(unit.repeat(1_000_000 / unit.length))).toBeGreaterThan(10_000);
  });
});

describe("ratios", () => {
  it("sum the weights of the characters, by hand", () => {
    const ones: Ratio = {
      ...{ letter: 0, word: 1, digit: 10, sign: 100, blank: 1000 },
      ...{ accented: 1e4, script: 1e5, ideograph: 1e6, error: { median: 0, ninth: 0 } },
    };
    expect(estimateTokens("Two words", ones)).toBe(2);
    expect(estimateTokens("a1, b22", ones)).toBe(2 + 30 + 100);
    expect(estimateTokens("a  b\n", ones)).toBe(2 + 2000);
    expect(estimateTokens("éa", ones)).toBe(10_000);
    expect(estimateTokens("и汉", ones)).toBe(1_100_000);
    expect(estimateTokens("", ones)).toBe(0);
    expect(estimateTokens(" ", ones)).toBe(1);
  });

  it.each(FAMILIES)("of %s are near OpenAI's counts, as all vocabularies of their size are", (family) => {
    for (const name of ["lab/algorithm", "lab/boundary", "guide/files", "lab/indicators", "lab/references"]) {
      const url = new URL(`../../../docs/${name}.md`, import.meta.url);
      const page = readFileSync(fileURLToPath(url), "utf8");
      const quotient = estimateTokens(page, RATIOS[family]) / encode(page).length;
      expect(quotient, name).toBeGreaterThan(0.85);
      expect(quotient, name).toBeLessThan(1.4);
    }
  });
});

it.each([
  ["gpt-4o-mini", "o200k_base"],
  ["openai/gpt-5.4", "o200k_base"],
  ["openai:chat:o3-mini", "o200k_base"],
  ["openai/gpt-oss-120b", "o200k_base"],
  ["azure/gpt-4-turbo", "cl100k_base"],
  ["gpt-3.5-turbo", "cl100k_base"],
  ["gpt-35-turbo", "cl100k_base"],
  ["anthropic/claude-sonnet-4-5@batch", "claude"],
  ["gemini-2.5-pro", "gemma-3"],
  ["meta-llama/Llama-3.3-70B-Instruct", "llama-3"],
  ["Qwen/QwQ-32B", "qwen-3"],
  ["deepseek-chat", "deepseek-3"],
  ["mistral-large", "other"],
  ["", "other"],
])("counts %s with %s", (model, tokenizer) => {
  expect(tokenizerOf(model)).toBe(tokenizer);
});

describe("chats", () => {
  it("count each message with its overhead, by hand", () => {
    // "user" and "Hi" are a token each: 3 + 1 + 1 for the message, 3 for the answer.
    expect(countChat(gpt4o, [{ role: "user", content: "Hi" }])).toBe(8);
    expect(countChat(gpt4o, [{ role: "user", name: "Bob", content: "Hi" }])).toBe(10);
    expect(
      countChat(gpt4o, [
        { role: "system", content: [{ type: "text", text: "Hi" }] },
        { role: "user", content: "Hi" },
      ]),
    ).toBe(13);
    const chat = { messages: [{ role: "user", content: "Hi" }], system: "Hi" };
    expect(countRequest(gpt4o, chat)).toBe(9);
    expect(countRequest(gpt4o, { ...chat, tools: [{ a: 1 }] })).toBe(9 + count('[{"a":1}]'));
    expect(countRequest(gpt4o, { prompt: "Hi" })).toBe(1);
    expect(countRequest(gpt4o, { input: "Hi", instructions: "Hi" })).toBe(2);
    expect(countRequest(gpt4o, { input: ["Hi", "Hi"] })).toBe(2);
    expect(countRequest(gpt4o, { input: [{ role: "user", content: "Hi" }] })).toBe(8);
    expect(countChat(gpt4o, [{ role: "assistant", content: null, tool_calls: [1] }])).toBe(
      3 + 3 + 1 + count("[1]"),
    );
  });

  it("refuse what has no text", () => {
    const image = [{ role: "user", content: [{ type: "image_url", image_url: {} }] }];
    expect(() => countChat(gpt4o, image)).toThrow(InputError);
    expect(() => countChat(gpt4o, image)).toThrow("part of type image_url cannot be counted");
    expect(() => countChat(gpt4o, [null])).toThrow("message null is not an object");
    expect(() => countChat(gpt4o, [{ content: 5 }])).toThrow("content 5 is neither");
    expect(() => countRequest(gpt4o, {})).toThrow(InputError);
  });
});

it("counts any JSON as a body, or refuses it with an InputError", () => {
  const fields = fc.constantFrom("messages", "input", "prompt", "system", "instructions", "tools");
  const message = fc.record({ role: fc.jsonValue(), content: fc.jsonValue(), name: fc.jsonValue() });
  const body = fc.dictionary(fields, fc.oneof(fc.jsonValue(), fc.array(message)));
  fc.assert(
    fc.property(body, (body) => {
      try {
        expect(Number.isSafeInteger(countRequest(gpt4o, body))).toBe(true);
      } catch (error) {
        expect(error).toBeInstanceOf(InputError);
      }
    }),
    { seed: 2, numRuns: 800 },
  );
});
