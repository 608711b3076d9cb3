import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run, testFolder } from "../run.js";

const { at } = testFolder("cli-export");

describe("export", () => {
  const row = (id: string, model: string) => `${JSON.stringify({ id, model, cost: 1 })}\n`;
  const work = (id: string) => `${JSON.stringify({ id, query: `Q ${id}` })}\n`;

  it("writes batch files and tells of them as JSON", async () => {
    writeFileSync(at("allocation.jsonl"), row("a", "x=y") + row("b", "z"));
    writeFileSync(at("work.jsonl"), work("b") + work("a"));
    const args = ["export", "--allocation", at("allocation.jsonl"), "--work", at("work.jsonl")];
    const { code, out } = await run(
      ...args,
      ...["--to", "openai-batch", "-o", at("out"), "--as", "x=y=gpt-4o", "--as", "z=o3", "--json", "--quiet"],
    );
    expect(code).toBe(0);
    const { files } = JSON.parse(out) as { files: { sentAs: string; expectedCost: number }[] };
    expect(files.map(({ sentAs, expectedCost }) => [sentAs, expectedCost])).toEqual([
      ["gpt-4o", 1],
      ["o3", 1],
    ]);
    const again = await run(...args, "--to", "openai-batch", "-o", at("out"));
    expect([again.code, again.err]).toEqual([2, expect.stringMatching(/out exists already/)]);
    expect((await run(...args, "--to", "elsewhere")).code).toBe(2);
    expect((await run(...args, "--to", "litellm", "--as", "x")).err).toMatch(/expected MODEL=NAME/);
    const litellm = await run(...args, "--to", "litellm", "-o", at("config.json"));
    expect([litellm.code, litellm.out]).toEqual([0, `2 requests written to ${at("config.json")}\n`]);
    expect(readFileSync(at("config.json"), "utf8")).toContain('"weight": 1');
  });
});
