import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { exportAllocation } from "../../../src/write/targets/exportAllocation.js";
import { textOfQuery } from "../../../src/rows/builder/namedColumns.js";
import { temporaryFolder } from "../../rows/folder.js";

const folder = temporaryFolder();

describe("rows with messages", () => {
  const messages = [
    { role: "system", content: "In French." },
    { role: "user", content: "Good day" },
    { role: "assistant", content: "Bonjour" },
    { role: "user", content: "Thanks" },
  ];

  it("are exported as the chats they are, in each vendor's form", async () => {
    const work = folder.write(
      "work.jsonl",
      [
        { id: "1", messages },
        { id: "2", messages },
        { id: "3", messages: JSON.stringify(messages) },
        { id: "4", messages: [{ role: "user", content: "Hi" }] },
      ]
        .map((row) => JSON.stringify(row))
        .join("\n"),
    );
    const models = ["gpt-4o", "claude-sonnet-4-5", "gemini-2.5-flash"];
    const plan = {
      ids: ["1", "2", "3", "4"],
      models,
      allocation: Uint8Array.of(0, 1, 2, 0),
      cost: new Float64Array(4).fill(1),
    };
    const output = join(folder.path, "out");
    await exportAllocation("batch", plan, work, output);
    const read = (name: string): string => readFileSync(join(output, name), "utf8");
    const [first, last] = read("openai/gpt-4o-001.jsonl").trim().split("\n");
    expect(JSON.parse(first)).toMatchObject({ body: { messages } });
    expect(JSON.parse(last)).toMatchObject({ body: { messages: [{ role: "user", content: "Hi" }] } });
    expect(JSON.parse(read("anthropic/claude-sonnet-4-5-001.json"))).toMatchObject({
      requests: [{ params: { system: "In French.", messages: messages.slice(1) } }],
    });
    expect(JSON.parse(read("gemini/gemini-2.5-flash-001.jsonl"))).toMatchObject({
      request: {
        systemInstruction: { parts: [{ text: "In French." }] },
        contents: [{ role: "user" }, { role: "model", parts: [{ text: "Bonjour" }] }, { role: "user" }],
      },
    });
  });

  it("that are no list in any notation stay the text they are", () => {
    expect(textOfQuery("messages", "[{'role': 'user', 'content': 'it''s'}]")).toContain("it''s");
    expect(textOfQuery("messages", "[see above]")).toBe("[see above]");
  });
});

describe("a body in another vendor's form", () => {
  it("keeps the sampling of models that take it, and counts names and strict tools that are left out", async () => {
    const body = {
      ...{ model: "x", max_tokens: 9, temperature: 0.3 },
      messages: [{ role: "user", name: "Ada", content: "Hi" }],
      tools: [{ type: "function", function: { name: "look", strict: true, parameters: { type: "object" } } }],
    };
    const row = { custom_id: "1", method: "POST", url: "/v1/chat/completions", body };
    const work = folder.write("tools.jsonl", JSON.stringify(row));
    const model = "claude-3-5-haiku-20241022";
    const plan = { ids: ["1"], models: [model], allocation: Uint8Array.of(0), cost: Float64Array.of(1) };
    const output = join(folder.path, "tools");
    await exportAllocation("batch", plan, work, output);
    const read = (name: string): unknown => JSON.parse(readFileSync(join(output, name), "utf8"));
    expect(read(`anthropic/${model}-001.json`)).toMatchObject({
      requests: [{ params: { temperature: 0.3 } }],
    });
    expect(read("manifest.json")).toMatchObject({
      changes: [
        { change: `name of a message left out (${model})`, requests: 1 },
        { change: `strict of a tool left out (${model})`, requests: 1 },
      ],
    });
  });
});
