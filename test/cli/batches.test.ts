import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, describe, expect, it } from "vitest";
import type { Manifest } from "../../src/write/batches/writeBatches.js";
import { idsOf } from "../write/batches/schemas.js";
import { answersTo } from "../write/collect/mock.js";
import { run, testFolder } from "./run.js";

const { at } = testFolder("batches");
const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Recorded answers of six models to easy and hard questions, as promptfoo writes them. */
const SERVED = [
  "openai:gpt-4o-mini",
  "anthropic:messages:claude-sonnet-4-20250514",
  "google:gemini-2.0-flash",
];
const PRICES = new Map([
  ["openai:gpt-4o-mini", 1e-4],
  ["anthropic:messages:claude-sonnet-4-20250514", 4e-3],
  ["google:gemini-2.0-flash", 2e-4],
  ["ollama:chat:qwen3:8b", 1e-6],
]);
function results(models: readonly string[]): string {
  return lines(
    Array.from({ length: 24 }, (_, testIdx) =>
      models.map((model, k) => ({
        ...{ provider: { id: model }, promptIdx: k, testIdx, cost: PRICES.get(model) },
        vars: { q: testIdx % 2 ? `Prove lemma ${testIdx}` : `Spell word ${testIdx}` },
        score: testIdx % 2 === 0 || k === 1 ? 1 : 0,
      })),
    ).flat(),
  );
}
const body = (content: string) => ({
  model: "gpt-4o",
  messages: [{ role: "user", content }],
  max_tokens: 90,
});
writeFileSync(at("results.jsonl"), results(SERVED));
writeFileSync(at("local.jsonl"), results([...SERVED, "ollama:chat:qwen3:8b"]));
writeFileSync(
  at("work.jsonl"),
  lines(
    Array.from({ length: 40 }, (_, k) => ({
      ...{ custom_id: `ask-${k}`, method: "POST", url: "/v1/chat/completions" },
      body: body(k % 2 ? `Prove lemma ${100 + k}` : `Spell word ${100 + k}`),
    })),
  ),
);
/** Fitted once: what is tested comes after. */
beforeAll(async () => {
  for (const name of ["results", "local"]) {
    const fit = ["fit", at(`${name}.jsonl`), "--predictor", "knn", "--threads", "1", "-q"];
    expect((await run(...fit, "-o", at(`${name}.optllm`))).code).toBe(0);
  }
});
const solve = (predictor: string, ...more: string[]) =>
  run("solve", at("work.jsonl"), "--predictor-file", at(predictor), "--threads", "1", ...more);

describe("a plan sent in batches", () => {
  it("goes to every vendor, and its answers come back in the order of the work", async () => {
    const planned = await solve("results.optllm", "--knee", "--export", "batch", "-o", at("out"), "--json");
    expect(planned.code).toBe(0);
    expect(planned.err).toContain(`note: planned at batch prices: live costs × 0.5 (${SERVED.join(", ")})`);
    const { exported } = JSON.parse(planned.out) as { exported: Manifest };
    const vendors = new Set(exported.files.map(({ vendor }) => vendor));
    expect(vendors.size).toBeGreaterThan(1);
    const answers = exported.files.map((file, k) => {
      expect(idsOf(file.vendor, readFileSync(join(at("out"), file.file), "utf8"))).toHaveLength(
        file.requests,
      );
      writeFileSync(
        at(`a${k}.jsonl`),
        answersTo(at("out"), file, (id) => ({ text: `to ${id}` })).output.join(""),
      );
      return at(`a${k}.jsonl`);
    });
    const collected = await run("collect", at("out"), ...answers, "-o", at("answers.jsonl"));
    expect(collected.code).toBe(0);
    expect(collected.out).toMatch(
      /^40 of 40 requests answered for \$[\d.]+; the plan expected \$[\d.]+\nanswers written to /,
    );
    const rows = readFileSync(at("answers.jsonl"), "utf8").trimEnd().split("\n");
    expect(rows.map((row) => (JSON.parse(row) as { id: string; text: string }).text)).toEqual(
      Array.from({ length: 40 }, (_, k) => `to ask-${k}`),
    );
    const index = await run("collect", at("out"), ...answers, "-o", at("out/requests.jsonl"));
    expect([index.code, index.err]).toEqual([2, expect.stringContaining("is also an input")]);
    const again = await run("collect", at("out"), ...answers.slice(1), "-o", at("less.jsonl"), "--json");
    const { missing } = JSON.parse(again.out) as { missing: { count: number } };
    expect(missing.count).toBe(exported.files[0].requests);
  });

  it("costs half of the live plan, which --live-prices asks for", async () => {
    const cost = async (...more: string[]) => {
      const { code, out, err } = await solve("results.optllm", "--match-best", "--json", ...more);
      expect(code).toBe(0);
      return { cost: (JSON.parse(out) as { totalCost: number }).totalCost, err };
    };
    const live = await cost("--export", "batch", "--live-prices", "-o", at("live"));
    expect(live.err).not.toContain("batch prices");
    const batch = await cost("--export", "batch", "-o", at("half"));
    const alone = await cost("--batch");
    const given = await cost("--batch", "openai:gpt-4o-mini=0.5", "--batch");
    expect(batch.cost).toBeCloseTo(live.cost / 2, 6);
    expect([alone.cost, given.cost]).toEqual([batch.cost, batch.cost]);
  });

  it("refuses models that no vendor serves, before planning, and takes the remedy", async () => {
    const refused = await solve("local.optllm", "--knee", "--export", "batch", "-o", at("none"));
    expect(refused.code).toBe(2);
    expect(refused.err).toMatch(/serve ollama:chat:qwen3:8b: leave out with --without ollama:chat:qwen3:8b/);
    expect(refused.err).not.toContain("planned");
    const taken = await solve(
      ...(["local.optllm", "--knee", "--export", "batch", "-o", at("some")] as const),
      ...["--without", "ollama:chat:qwen3:8b", "-q"],
    );
    expect([taken.code, taken.err]).toEqual([0, ""]);
    const single = await solve("results.optllm", "--knee", "--export", "openai-batch", "-o", at("one"));
    expect(single.code).toBe(2);
    expect(single.err).toContain(`the API of openai-batch does not serve ${SERVED.slice(1).join(",")}`);
  });

  it.each([
    [["--live-prices"], "--live-prices needs --export"],
    [["--batch", "nobody"], "no model nobody"],
    [["--batch", "nobody=0.4", "--batch"], "no model nobody; nearest:"],
  ])("refuses %j", async (options, message) => {
    const { code, err } = await solve("results.optllm", "--knee", ...options);
    expect(code).toBe(2);
    expect(err).toContain(message);
  });

  it("leaves out what can be removed because it takes no part anyway", async () => {
    const without = results(["openai:gpt-4o-mini", "google:gemini-2.0-flash"]);
    const unpriced = {
      provider: { id: "ollama:x" },
      promptIdx: 9,
      testIdx: 0,
      vars: { q: "Spell word 0" },
      score: 1,
    };
    writeFileSync(at("unpriced.jsonl"), without + lines([unpriced]));
    const sample = ["--labels", at("unpriced.jsonl"), "--predictor", "base-rate", "--threads", "1"];
    const { code, err } = await run(
      ...["solve", at("work.jsonl"), ...sample, "--knee", "--without", "ollama:x", "-o", at("p.jsonl")],
    );
    expect([code, err]).toEqual([0, expect.stringContaining("ollama:x")]);
  });
});
