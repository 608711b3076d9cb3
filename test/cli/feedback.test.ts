import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { logDecisions } from "../../src/online/log/writer.js";
import { createRouter } from "../../src/online/router.js";
import { loadScorer } from "../../src/online/scorer.js";
import { Random } from "../../src/random.js";
import { readDataset } from "../../src/rows/dataset.js";
import { workloadFolder } from "./workload.js";
import { run } from "./run.js";

const { at, fitted } = workloadFolder("feedback", { fitted: true });
const LAMBDA = 100;

/** Routes some of the work to random models of the first few; answers are worse than predicted. Returns what came of it. */
async function serve(log: string, options: { requests: number; width: number; texts: boolean }) {
  const scorer = await loadScorer(at("fitted.optllm"));
  const queries = (await readDataset(at("work.jsonl"), { blankCosts: true })).queries.slice(
    0,
    options.requests,
  );
  const writer = logDecisions(log, { texts: options.texts });
  const routed = scorer.models.slice(0, options.width);
  const models = Object.fromEntries(routed.map((name) => [name, { price: { input: 1, output: 4 } }]));
  const router = createRouter({ scorer, models, lambda: LAMBDA, explore: 1, calibrate: false, log: writer });
  const random = new Random(7, 7);
  const rows: { id: string; query: string }[] = [];
  let [score, spent] = [0, 0];
  for (let k = 0; k < queries.length; k++) {
    const query = queries[k];
    const decision = router.route({ text: query, maxTokens: 1_000 });
    if (decision.status === "refused") throw new Error(decision.cause);
    const cost = decision.uncorrectedCost * (0.5 + random.uniform());
    router.settle(decision, { cost });
    const good = random.uniform() < 0.3 * decision.probability ? 1 : 0;
    router.feedback(decision, good);
    rows.push({ id: decision.id, query });
    score += good;
    spent += cost;
  }
  await writer.close();
  return { rows, score: score / rows.length, spent, models: scorer.models };
}

let served: Awaited<ReturnType<typeof serve>>;
beforeAll(async () => {
  served = await serve(at("decisions.jsonl"), { requests: 480, width: 5, texts: true });
  // Short, so that fits are quick; two models, so that there is overlap.
  await serve(at("short.jsonl"), { requests: 180, width: 2, texts: true });
  const silent = await serve(at("silent.jsonl"), { requests: 180, width: 2, texts: false });
  writeFileSync(at("texts.jsonl"), silent.rows.map((row) => `${JSON.stringify(row)}\n`).join(""));
});

const json = async (...argv: string[]) => {
  const { out } = await run(...argv, "--json", "-q");
  return JSON.parse(out) as Record<string, never>;
};
interface Estimates {
  status: string;
  why?: string;
  doublyRobust: { estimate: number; low: number; high: number };
}
type Side = { requests: number; score: Estimates; cost: Estimates; differs: number };

describe("optllm replay", () => {
  it("tells what the logged policy reached and paid", async () => {
    const { logged } = (await json("replay", at("decisions.jsonl"))) as unknown as { logged: Side };
    expect(logged.requests).toBe(served.rows.length);
    expect(logged.score.doublyRobust.estimate).toBeCloseTo(served.score, 9);
    expect(logged.cost.doublyRobust.estimate * logged.requests).toBeCloseTo(served.spent, 9);
  });

  it("says that it does not follow the limits of a policy", async () => {
    const outputs = ["-o", at("limited.jsonl"), "--policy-out", at("limited.json"), "-q"];
    const limit = "model-05: at most 20 queries";
    await run("solve", at("work.jsonl"), ...fitted, "--knee", "--limit", limit, ...outputs);
    const replay = ["replay", at("decisions.jsonl"), "--policy", at("limited.json")];
    const { out, err } = await run(...replay);
    expect(out).toContain("limited.json without its limits");
    expect(err).toMatch(/limits of .*limited\.json are not followed.*"model-05: at most 20 queries"/);
    expect(await json(...replay)).toMatchObject({ target: { limitsLeftOut: [limit] } });
  });

  it("estimates another λ, a budget and a policy, with intervals", async () => {
    for (const target of [
      ["--lambda", "30"],
      ["--budget", String(0.9 * served.spent)],
    ]) {
      const { replayed } = (await json("replay", at("decisions.jsonl"), ...target)) as unknown as {
        replayed: Side;
      };
      expect(replayed.score.status).toBe("estimated");
      const { low, estimate, high } = replayed.cost.doublyRobust;
      expect(low < estimate && estimate < high).toBe(true);
    }
    const outputs = ["-o", at("allocation.jsonl"), "--policy-out", at("policy.json"), "-q"];
    await run("solve", at("work.jsonl"), ...fitted, "--knee", ...outputs);
    const { code, out } = await run("replay", at("decisions.jsonl"), "--policy", at("policy.json"));
    expect(code).toBe(0);
    expect(out).toContain("logged policy");
    expect(out).toContain("policy.json");
    expect(out).toMatch(/mean score .* … /);
    expect(out).toMatch(/doubly robust/);
  });

  it("refuses what does not go together, an unknown model, another predictor's policy, and no log", async () => {
    const log = at("decisions.jsonl");
    expect(await run("replay", log, "--lambda", "1", "--budget", "1")).toMatchObject({ code: 2 });
    const unknown = await run("replay", log, "--lambda", "1", "--models", "none");
    expect(unknown).toMatchObject({
      code: 2,
      err: expect.stringContaining("the log does not have model none"),
    });
    const other = {
      ...(JSON.parse(readFileSync(at("policy.json"), "utf8")) as object),
      predictor: "0".repeat(64),
    };
    writeFileSync(at("other.json"), JSON.stringify(other));
    expect((await run("replay", log, "--policy", at("other.json"))).err).toContain("another predictor");
    expect((await run("replay", log, "--budget", "0")).err).toContain(
      "the requests of the log cost at least",
    );
    expect((await run("replay", at("work.jsonl"))).err).toContain("not a decision log");
    expect((await run("replay", at("none.jsonl"))).err).toContain("no such file");
  });
});

describe("optllm refit", () => {
  const how = (log: string, predictor: string) => [
    ...[at("sample.jsonl"), at(log), "--predictor-file", at("fitted.optllm")],
    ...["--predictor", predictor, "-q", "-o"],
  ];

  it("writes a predictor that reads texts and is no worse, with the table that shows it", async () => {
    const { code, out } = await run("refit", ...how("short.jsonl", "logistic"), at("new.optllm"));
    expect(out).toMatch(/log-loss .*\n.*score − λ · dollars/);
    expect([code, out]).toEqual([0, expect.stringContaining("promoted: ")]);
    const scorer = await loadScorer(at("new.optllm"));
    expect(scorer.models).toEqual(served.models);
    // It has learned that answers are worse.
    const old = await loadScorer(at("fitted.optllm"));
    const { query } = served.rows[0];
    expect(scorer.score(query)[0]).toBeLessThan(old.score(query)[0]);
  });

  it("says what a log without texts needs, and takes the texts from a file", async () => {
    const silent = [...how("silent.jsonl", "base-rate"), at("silent.optllm")];
    const without = await run("refit", ...silent);
    expect(without).toMatchObject({ code: 2, err: expect.stringContaining("0 judged requests with texts") });
    expect(existsSync(at("silent.optllm"))).toBe(false);
    const joined = await run("refit", ...silent, "--texts", at("texts.jsonl"), "--force");
    expect(joined.out).toContain("predictor written to");
    expect(existsSync(at("silent.optllm"))).toBe(true);
  });

  it("writes nothing that is worse, unless forced", async () => {
    // Scores that contradict themselves: what the older part teaches is wrong in the latest.
    const lines = readFileSync(at("short.jsonl"), "utf8").split("\n").filter(Boolean);
    const judged = lines.filter((line) => line.includes('"feedback"')).length;
    let seen = 0;
    const turned = lines.map((line) => {
      if (!line.includes('"feedback"')) return line;
      const record = JSON.parse(line) as { score: number };
      return JSON.stringify({ ...record, score: seen++ < 0.7 * judged ? 0 : 1 });
    });
    writeFileSync(at("turned.jsonl"), `${turned.join("\n")}\n`);
    const worse = [...how("turned.jsonl", "base-rate"), at("worse.optllm")];
    const { code, out } = await run("refit", ...worse);
    expect([code, existsSync(at("worse.optllm"))]).toEqual([3, false]);
    expect(out).toContain("not promoted: the log-loss on the latest requests has become worse");
    const forced = await run("refit", ...worse, "--force");
    expect([forced.code, existsSync(at("worse.optllm"))]).toEqual([0, true]);
  });
});
