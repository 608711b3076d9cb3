import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import { run } from "./run.js";
import { workloadFolder } from "./workload.js";

const { at, fitted } = workloadFolder("constraints", { fitted: true });
const solve = (...more: string[]) =>
  run("solve", at("work.jsonl"), ...fitted, "--budget", "1", "-q", ...more);

describe("solve under limits", () => {
  it("keeps a limit and a share to the last query, said the same in a file", async () => {
    const limits = ["--limit", "model-02: 50 queries", "--share", "model-01 >= 30%"];
    const { code, out } = await solve(...limits, "-o", at("a.csv"), "--json");
    expect(code).toBe(0);
    const { limits: found } = JSON.parse(out) as { limits: { slack: number }[] };
    expect(found).toHaveLength(3);
    expect(found.every(({ slack }) => slack >= 0)).toBe(true);
    const chosen = readFileSync(at("a.csv"), "utf8");
    expect(chosen.match(/model-02/g)?.length ?? 0).toBeLessThanOrEqual(50);
    expect(chosen.match(/model-01/g)!.length).toBeGreaterThanOrEqual(0.3 * 480);
    writeFileSync(at("c.yaml"), "limit:\n  - model-02: 50 queries\nshare: model-01 >= 30%\n");
    await solve("--constraints", at("c.yaml"), "-o", at("b.csv"));
    expect(readFileSync(at("b.csv"), "utf8")).toBe(chosen);
  });

  it("names the limits that conflict, and the models that there are", async () => {
    const { code, err } = await solve("--share", "model-01 <= 40%", "--share", "model-0* <= 50%");
    expect([code, err]).toEqual([2, expect.stringContaining("no allocation")]);
    const unknown = await solve("--limit", "gpt-4o: 5 queries");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("no model gpt-4o; there are model-01, model-02");
  });
});
