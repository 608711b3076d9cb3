import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { readAllocation } from "../../src/rows/allocation.js";
import { run } from "./run.js";
import { workloadFolder } from "./workload.js";

const { at, fitted, readLines } = workloadFolder("constraints", { fitted: true });
const plan = (...more: string[]) => run("solve", at("work.jsonl"), ...fitted, "-q", ...more);
const solve = (...more: string[]) => plan("--budget", "1", ...more);
const limits = ["--limit", "model-02: 50 queries", "--share", "model-01 >= 30%"];

interface Summary {
  status: string;
  limits: { slack: number; name: string }[];
  conflict: { name: string; by: number }[];
  proof: string;
  notes: string[];
  withoutLimits: { front: object };
  whatIf: { before: { totalCost: number }; after: { totalCost: number } };
}
const summary = (out: string): Summary => JSON.parse(out) as Summary;

/** How many queries a model has in an allocation file. */
async function countIn(file: string, model: string): Promise<number> {
  const { models, allocation } = await readAllocation(at(file));
  return allocation.filter((m) => models[m] === model).length;
}

describe("solve under limits", () => {
  it("keeps a limit and a share to the last query, said the same in a file", async () => {
    const { code, out } = await solve(...limits, "-o", at("a.csv"), "--json");
    expect(code).toBe(0);
    const { limits: found, withoutLimits } = summary(out);
    expect(found).toHaveLength(3);
    expect(found.every(({ slack }) => slack >= 0)).toBe(true);
    expect(Object.keys(withoutLimits)).toEqual(["cheapest", "knee", "mostAccurate", "front"]);
    const chosen = readFileSync(at("a.csv"), "utf8");
    writeFileSync(at("c.yaml"), "limit:\n  - model-02: 50 queries\nshare: model-01 >= 30%\n");
    await solve("--constraints", at("c.yaml"), "-o", at("b.csv"));
    expect(readFileSync(at("b.csv"), "utf8")).toBe(chosen);
    writeFileSync(at("d.yaml"), "limit:\n  model-05: at least 0 queries\n");
    const both = await solve("--constraints", at("c.yaml"), "--constraints", at("d.yaml"), "--json");
    expect(summary(both.out).limits.map(({ name }) => name)).toContain("model-05: at least 0 queries");
    expect(summary(both.out).limits).toHaveLength(4);
  });

  it.each([
    [["--accuracy", "55%"], "a.jsonl"],
    [["--knee"], "b.parquet"],
    [["--match-best", "--only", "model-01,model-02,model-03"], "c.json"],
    [["--budget", "1", "--batch", "model-03=0.5"], "d.csv"],
    [["--knee", "--scale-cost", "model-03=0.5"], "e.csv"],
  ])("keeps them for %j", async (target, file) => {
    const cap = ["--limit", "model-02: 50 queries", "--limit", "model-05: 0 queries"];
    const { code, err } = await plan(...target, ...cap, "-o", at(file));
    expect([code, err]).toEqual([0, ""]);
    expect(await countIn(file, "model-02")).toBeLessThanOrEqual(50);
    expect(await countIn(file, "model-05")).toBe(0);
  });

  it("plans before and after a change under them, also where the change removes their model", async () => {
    const cap = ["--limit", "model-03: 20 queries", "--without", "model-03"];
    const { code, out } = await solve(...cap, "-o", at("f.csv"), "--json");
    expect(code).toBe(0);
    const { whatIf, notes } = summary(out);
    expect(whatIf.before.totalCost).toBeGreaterThan(0);
    expect(notes.join()).toContain("its models are gone");
  });

  it("writes the front under them, and a report whose slider moves along it", async () => {
    const files = ["-o", at("g.csv"), "--front", at("front.csv"), "--report", at("report.html")];
    const { code, out } = await solve("--limit", "model-03: 40 queries", ...files);
    expect(code).toBe(0);
    expect(out).toContain("without limits: most accurate allocation");
    const [header, ...rows] = readLines("front.csv").map((line) => line.split(","));
    const share = header.indexOf("share:model-03");
    expect(rows.length).toBeGreaterThan(5);
    expect(Math.max(...rows.map((row) => Number(row[share])))).toBeLessThanOrEqual(40 / 480);
    expect(Math.max(...rows.map((row) => Number(row[share])))).toBeGreaterThan(30 / 480);
    const page = readFileSync(at("report.html"), "utf8");
    expect(page).toContain("The front and the slider are under the limits");
  });

  it("of which one is impossible or some conflict ends with 3, the proof and no allocation", async () => {
    const impossible = await solve("--limit", "model-05: at least 500 queries", "-o", at("none.csv"));
    expect([impossible.code, existsSync(at("none.csv"))]).toEqual([3, false]);
    expect(impossible.err).toContain(
      'No allocation keeps "model-05: at least 500 queries", even alone: proven; it would have to be at\n  most 480 queries.',
    );
    const { code, out } = await solve("--share", "model-01 <= 40%", "--share", "model-0* <= 50%", "--json");
    expect(code).toBe(3);
    const { status, conflict, proof } = summary(out);
    expect([status, proof]).toEqual(["infeasible", "relaxation"]);
    expect(conflict.map(({ name }) => name)).toEqual(["model-0* <= 50% of queries"]);
    const pair = ["--limit", "model-05: 20 queries", "--limit", "model-05: at least 30 queries"];
    const both = await solve(...pair, "--front", at("none.csv"), "--json");
    expect([both.code, summary(both.out).conflict.length, existsSync(at("none.csv"))]).toEqual([3, 2, false]);
    expect(JSON.parse(both.out)).toMatchObject({ files: {} });
  });

  it("names the models and columns that there are", async () => {
    const unknown = await solve("--limit", "gpt-4o: 5 queries");
    expect(unknown.code).toBe(2);
    expect(unknown.err).toContain("no model gpt-4o; there are model-01, model-02");
    const none = await solve("--group-floor", "language: 80%");
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("language")]);
    const wrong = await solve("--limit", "model-01: 5 querys");
    expect(wrong.err).toContain('at "querys" (character 13): expected queries, tokens');
    const idle = await solve("--latency-of", "*=1s");
    expect([idle.code, idle.err]).toEqual([2, expect.stringContaining("--latency-of limits nothing")]);
  });
});

describe("backtest under limits", () => {
  it("keeps them by the predictions in every repeat, and says whether the records do", async () => {
    const cap = [
      "--limit",
      "model-05: 20 queries",
      "--limit",
      "model-03: $0.30",
      "--share",
      "model-01 >= 30%",
    ];
    const split = ["--train", "20%", "--validation", "20%", "--repeats", "2", "--predictor", "base-rate"];
    const args = [at("labelled.csv"), ...split, "--budget", "1", "--knee", ...cap, "-q"];
    const { code, out } = await run("backtest", ...args, "--predict-cost", "--json");
    expect(code).toBe(0);
    const { plans } = JSON.parse(out) as {
      plans: {
        limits: { name: string; promised: number; recorded: number; kept: number; repeats: number }[];
      }[];
    };
    for (const { limits: judged } of plans) {
      expect(judged.map(({ name }) => name)).toEqual([
        "model-05: at most 20 queries",
        "model-03: at most $0.3",
        "model-01 >= 30% of queries",
      ]);
      expect(judged.every(({ repeats }) => repeats === 2)).toBe(true);
      // Counts are the same by the records; predicted dollars are not.
      expect([judged[0].recorded, judged[0].kept, judged[2].kept]).toEqual([judged[0].promised, 1, 1]);
      expect(judged[1].promised).toBeLessThanOrEqual(0.3);
      expect(judged[1].recorded).not.toBe(judged[1].promised);
      expect(judged[2].promised).toBeGreaterThanOrEqual(0.3);
    }
    const text = await run("backtest", ...args);
    expect(text.out).toContain("Limits by the records");
    const none = await run(
      "backtest",
      at("labelled.csv"),
      ...split,
      "--knee",
      "--limit",
      "gpt: 1 queries",
      "-q",
    );
    expect([none.code, none.err]).toEqual([2, expect.stringContaining("no model gpt")]);
  });
});

describe("backtest under limits of groups", () => {
  it("leaves a limit out of the repeats whose test rows have none of its group", async () => {
    const rows = Array.from({ length: 60 }, (_, q) => {
      const language = q === 0 ? "fr" : "en";
      return `s${q},asked ${q},${language},${q % 3 === 0 ? 1 : 0},${q % 10 > 0 ? 1 : 0},0.01,0.02\n`;
    });
    const header = "id,query,language,small__score,large__score,small__cost,large__cost";
    writeFileSync(at("rare.csv"), `${header}\n${rows.join("")}`);
    const split = ["--train", "40%", "--validation", "20%", "--repeats", "4", "--predictor", "base-rate"];
    const backtest = (floor: string) =>
      run("backtest", at("rare.csv"), ...split, "--knee", "--group-floor", floor, "--json", "-q");
    const { code, out } = await backtest("language=fr: 10%");
    expect(code).toBe(0);
    const [{ limits: judged }] = (JSON.parse(out) as { plans: { limits: { repeats: number }[] }[] }).plans;
    expect(judged).toHaveLength(1);
    expect(judged[0].repeats).toBeLessThan(4);
    const none = await backtest("language=de: 10%");
    expect([none.code, none.out + none.err]).toEqual([2, expect.stringContaining("no row has de")]);
  });
});

describe("solve under limits of groups", () => {
  const rows = Array.from({ length: 100 }, (_, q) => q);
  beforeAll(() => {
    const work = rows.map((q) => `w${q},question ${q},${q % 2 === 0 ? "acme" : "beta"},0.01,0.02\n`);
    writeFileSync(at("tenants.csv"), `id,query,tenant,small__cost,large__cost\n${work.join("")}`);
    const labels = rows.map(
      (q) => `s${q},asked ${q},${q % 3 === 0 ? 1 : 0},${q % 10 > 0 ? 1 : 0},0.01,0.02\n`,
    );
    const header = "id,query,small__score,large__score,small__cost,large__cost";
    writeFileSync(at("labels.csv"), `${header}\n${labels.join("")}`);
    writeFileSync(at("budgets.csv"), "tenant,dollars\nacme,$0.60\ngone,1\n");
  });
  const tenants = (file: string, ...more: string[]) =>
    run("solve", at(file), "--labels", at("labels.csv"), "--predictor", "base-rate", ...more);

  it("keeps the budget of each tenant to the cent, and says which have none", async () => {
    const { code, out } = await tenants(
      "tenants.csv",
      "--budget",
      "5",
      "--group-budget",
      at("budgets.csv"),
      "--json",
    );
    expect(code).toBe(0);
    const { allocation, notes } = JSON.parse(out) as Summary & {
      allocation: { id: string; model: string }[];
    };
    const large = allocation.filter(({ model }) => model === "large").map(({ id }) => Number(id.slice(1)));
    expect([large.filter((q) => q % 2 === 0).length, large.filter((q) => q % 2 === 1).length]).toEqual([
      10, 50,
    ]);
    expect(notes.join()).toContain("1 value of column tenant has no budget of its own: beta");
    expect(notes.join()).toContain('"tenant=gone: at most $1"');
  });

  it("ends with 3 where whole queries keep no plan, which only a search proves", async () => {
    const half = ["--spend", "large: at least $0.03", "--limit", "large: $0.03"];
    const { code } = await tenants("tenants.csv", "--budget", "5", ...half, "-o", at("half.csv"));
    expect([code, existsSync(at("half.csv"))]).toEqual([3, false]);
  });

  it("ends with 4 where no plan is found and none is proven to be missing", async () => {
    // Sums of even micro-dollars are never odd: no relaxation shows it.
    const even = rows.map((q) => `w${q},question ${q},acme,0.01,${(20_000 + 2 * ((q * q) % 997)) / 1e6}\n`);
    writeFileSync(at("even.csv"), `id,query,tenant,small__cost,large__cost\n${even.join("")}`);
    const odd = ["--spend", "large: at least $0.900001", "--limit", "large: $0.900001"];
    const { code, err } = await tenants("even.csv", "--budget", "5", ...odd, "-o", at("half.csv"));
    expect([code, existsSync(at("half.csv"))]).toEqual([4, false]);
    expect(err).toContain("No plan was found that keeps every limit and meets the target, and no proof");
    const json = await tenants("even.csv", "--accuracy", "30%", ...odd, "--json", "-q");
    expect([json.code, summary(json.out).status]).toEqual([4, "notFound"]);
  });
});
