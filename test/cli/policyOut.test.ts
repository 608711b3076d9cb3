import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { createHash } from "node:crypto";
import { describe, expect, it } from "vitest";
import { createRouter } from "../../src/online/router.js";
import { checkPolicy, type Policy } from "../../src/online/policy.js";
import type { Scorer } from "../../src/online/scorer.js";
import { readPredictor } from "../../src/plan/savedPredictor.js";
import { readDataset } from "../../src/rows/dataset.js";
import { readAllocation } from "../../src/rows/allocation.js";
import { workloadFolder } from "./workload.js";
import { run } from "./run.js";

const { at, fitted } = workloadFolder("policy", { fitted: true });
const policyAt = (file: string): Policy => JSON.parse(readFileSync(at(file), "utf8")) as Policy;

/** A scorer of the saved predictor that knows the costs of the work. */
async function scorerOf(predictorFile: string, workFile: string) {
  const predictor = await readPredictor(predictorFile);
  const work = await readDataset(workFile, { blankCosts: true });
  const { models } = predictor;
  const probability = await predictor.predict(work.queries);
  const rowOf = new Map(work.queries.map((text, q) => [text, q]));
  const copyRow = (matrix: Float32Array | Float64Array, text: string, out: Float64Array): Float64Array => {
    const q = rowOf.get(text)!;
    out.set(matrix.subarray(q * models.length, (q + 1) * models.length));
    return out;
  };
  const scorer: Scorer = {
    models,
    digest: createHash("sha256").update(readFileSync(predictorFile)).digest("hex"),
    score: (text, out) => copyRow(probability, text as string, out!),
    costs: (text, _, out) => copyRow(work.cost, text, out!),
    promptTokens: () => 10,
  };
  return { scorer, work };
}

const price = { input: 1, output: 1 };

describe("a policy", () => {
  it.each([["--budget", "1.2"], ["--accuracy", "0.6"], ["--knee"]])(
    "of a plan by %s %s routes its work one by one as the plan allocates it, boundary queries apart",
    async (...target) => {
      const outputs = ["-o", at("allocation.jsonl"), "--policy-out", at("policy.json"), "-q"];
      const { code, out } = await run("solve", at("work.jsonl"), ...fitted, ...target, ...outputs);
      expect([code, out]).toEqual([0, expect.stringContaining(`policy written to ${at("policy.json")}`)]);
      const { scorer, work } = await scorerOf(at("fitted.optllm"), at("work.jsonl"));
      const models = Object.fromEntries(scorer.models.map((name) => [name, { price }]));
      const policy = policyAt("policy.json");
      const router = createRouter({ scorer, models, policy });
      const plan = await readAllocation(at("allocation.jsonl"));
      let different = 0;
      work.queries.forEach((text, q) => {
        const decision = router.route({ text });
        if (decision.status === "refused") throw new Error(decision.cause);
        const planned = plan.models[plan.allocation[q]];
        if (decision.model === planned) return;
        different++;
        // Only where the plan is as good at this λ, to within the step at its boundary.
        const { model, loss } = decision.runnerUp!;
        expect(model, work.ids[q]).toBe(planned);
        expect(loss).toBeLessThan(0.02);
      });
      expect(different).toBeLessThanOrEqual(4);
      expect(policy.plan.queries).toBe(work.ids.length);
    },
  );

  it("of a plan with limits holds them, and a router that follows it keeps them", async () => {
    const limits = ["--limit", "model-02: 12 queries", "--share", "model-01 >= 20%"];
    const outputs = ["-o", at("limited.jsonl"), "--policy-out", at("limited.json"), "-q"];
    const { code, err } = await run(
      "solve",
      at("work.jsonl"),
      ...fitted,
      "--budget",
      "1.2",
      ...limits,
      ...outputs,
    );
    expect([code, err]).toEqual([0, ""]);
    const policy = checkPolicy(policyAt("limited.json"));
    expect(policy.version).toBe(2);
    expect(policy.limits).toContainEqual(
      expect.objectContaining({ name: "model-02: at most 12 queries", capacity: 12 }),
    );
    const { scorer, work } = await scorerOf(at("fitted.optllm"), at("work.jsonl"));
    const models = Object.fromEntries(scorer.models.map((name) => [name, { price }]));
    const router = createRouter({ scorer, models, policy });
    for (const text of work.queries) expect(router.route({ text }).status).toBe("routed");
    const [{ used, reserved }] = router.limits();
    expect(used + reserved).toBeLessThanOrEqual(12);
    expect(used + reserved).toBeGreaterThan(6);
  });

  it("of a plan with limits on groups names their values", async () => {
    const lines = readFileSync(at("work.jsonl"), "utf8").trimEnd().split("\n");
    const withTenant = lines.map((line, q) => ({ ...(JSON.parse(line) as object), tenant: "abc"[q % 3] }));
    writeFileSync(at("tenants.jsonl"), withTenant.map((row) => `${JSON.stringify(row)}\n`).join(""));
    writeFileSync(at("tenants.csv"), "tenant,dollars\na,0.35\nb,0.4\n");
    const { code, err } = await run(
      ...["solve", at("tenants.jsonl"), ...fitted, "--budget", "1.2", "--group-budget", at("tenants.csv")],
      ...["-o", at("groups.jsonl"), "--policy-out", at("groups.json"), "-q"],
    );
    expect([code, err]).toEqual([0, ""]);
    const policy = checkPolicy(policyAt("groups.json"));
    expect(policy.version).toBe(3);
    expect(policy.limits!.map(({ capacity, group }) => [capacity, group])).toEqual([
      [0.35, { column: "tenant", values: ["a"] }],
      [0.4, { column: "tenant", values: ["b"] }],
    ]);
  });

  it("is that of an infinite λ where every query has its cheapest model", async () => {
    const all = ["--policy-out", at("cheapest.json"), "-o", at("cheapest.jsonl"), "-q"];
    await run("solve", at("work.jsonl"), ...fitted, "--accuracy", "0.01", ...all);
    expect(checkPolicy(policyAt("cheapest.json")).lambda).toBe("Infinity");
  });

  it("is not written where the target cannot be met, and needs the predictor's file", async () => {
    const { code } = await run(
      ...["solve", at("work.jsonl"), ...fitted, "--budget", "0", "--policy-out", at("none.json"), "-q"],
    );
    expect([code, existsSync(at("none.json"))]).toEqual([3, false]);
    const asked = ["--knee", "--policy-out", at("none.json")];
    const refused = async (...argv: string[]): Promise<string> =>
      (await run("solve", at("work.jsonl"), ...argv)).err;
    expect(await refused("--labels", at("sample.jsonl"), ...asked)).toContain(
      "--policy-out needs --predictor-file",
    );
    expect(await refused(...fitted, ...asked, "--batch", "model-01=0.5")).toContain(
      "does not go with --batch",
    );
    expect(await refused(...fitted, ...asked, "--export", "batch", "-o", at("none"))).toContain(
      "nor with --export without --live-prices",
    );
    expect(await refused(...fitted, ...asked, "--scale-cost", "model-01=2")).toContain("--scale-cost");
  });

  it("is refused with another predictor, or damaged", async () => {
    const { scorer } = await scorerOf(at("fitted.optllm"), at("work.jsonl"));
    const models = Object.fromEntries(scorer.models.map((name) => [name, { price }]));
    const policy = policyAt("policy.json");
    const other = { ...scorer, digest: "f".repeat(64) };
    expect(() => createRouter({ scorer: other, models, policy })).toThrow("made with another predictor");
    const wrong: [Partial<Policy>, string][] = [
      [{ version: 9 }, "policy: version is 9; expected 1"],
      [{ lambda: -1 }, "policy: lambda is -1"],
      [{ lambda: null as never }, "policy: lambda is null"],
      [{ models: [] }, "policy: models is []"],
      [{ predictor: "x" }, "policy: predictor is x; expected 64 hexadecimal digits"],
      [{ optllm: "plan" as never }, "policy: optllm is plan"],
    ];
    for (const [change, message] of wrong) {
      expect(() => createRouter({ scorer, models, policy: { ...policy, ...change } })).toThrow(message);
    }
  });
});
