import { execFile } from "node:child_process";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { describe, expect, it } from "vitest";
import { isLong } from "../../runs.js";
import { run } from "../run.js";
import { workloadFolder } from "../workload.js";

const bin = fileURLToPath(new URL("../../../dist/src/cli/bin.js", import.meta.url));
const { at, readLines, readRows, fitted } = workloadFolder("solve", { fitted: true });

describe("solve", () => {
  const solve = (...more: string[]) => run("solve", at("work.jsonl"), ...fitted, ...more);
  const learnAndSolve = (...more: string[]) =>
    run("solve", at("work.jsonl"), "--labels", at("sample.jsonl"), ...more);

  it.each(["jsonl", "csv", "json"])("writes an allocation within the budget as %s", async (format) => {
    const { code, out } = await solve("--budget", "1.5", "-o", at(`allocation.${format}`), "--quiet");
    expect(code).toBe(0);
    expect(out).toMatch(/chosen: budget \$1\.50/);
    const text = readFileSync(at(`allocation.${format}`), "utf8");
    const rows =
      format === "json"
        ? (JSON.parse(text) as { cost: number }[])
        : format === "jsonl"
          ? readRows("allocation.jsonl")
          : readLines("allocation.csv")
              .slice(1)
              .map((line) => ({ cost: Number(line.split(",")[2]) }));
    expect(rows.length).toBe(480);
    expect(rows.reduce((sum, { cost }) => sum + (cost as number), 0)).toBeLessThanOrEqual(1.5);
  });

  it.each([["--accuracy", "80%"], ["--knee"], ["--match-best"]])(
    "prints the plan as JSON for %s",
    async (...target) => {
      const { code, out } = await solve(...target, "--json", "-o", at("allocation.jsonl"), "-q");
      expect(code).toBe(0);
      const plan = JSON.parse(out) as Record<string, number>;
      expect(plan).toMatchObject({ status: "chosen", queries: 480 });
      expect(plan.bound).toBeGreaterThanOrEqual(plan.expectedAccuracy);
      expect(plan.totalCost).toBeGreaterThanOrEqual(plan.costBound);
    },
  );

  it("writes the allocation to stdout and the summary to stderr without -o", async () => {
    const argv = [bin, "solve", at("work.jsonl"), ...fitted, "--knee"];
    const { stdout, stderr } = await promisify(execFile)("node", argv);
    const rows = stdout.trimEnd().split("\n");
    expect(rows.length).toBe(480);
    expect(Object.keys(JSON.parse(rows[0]) as object)).toEqual(["id", "model", "cost", "probability"]);
    expect(stderr).toMatch(/chosen: knee of the front/);
  });

  it("learns as by default and gives the same bytes every time", async () => {
    const [queries, models, labelled] = isLong ? ["120", "3", "30%"] : ["100", "2", "20%"];
    const sizes = ["--queries", queries, "--models", models, "--labelled", labelled, "-q"];
    await run("simulate", ...sizes, "--labels", at("few-sample.jsonl"), "-o", at("few-work.jsonl"));
    const few = ["solve", at("few-work.jsonl"), "--labels", at("few-sample.jsonl")];
    const bytes = async () => {
      await run(...few, "--knee", "-o", at("again.jsonl"), "--front", at("again.csv"), "-q");
      return readFileSync(at("again.jsonl"), "utf8") + readFileSync(at("again.csv"), "utf8");
    };
    expect(await bytes()).toBe(await bytes());
  });

  it("prints names from outside on one line, without control characters", async () => {
    const { code, err } = await solve("--knee", "--without", "evil\u001b[2J\u202e\n", "-q");
    expect(code).toBe(2);
    expect(err).toMatch(/^error: .*evil\\u001b\[2J\\u202e.*\n$/);
    expect(err).not.toMatch(/[\u0000-\u0009\u000b-\u001f\u202e]/);
  });

  it("exits with 3 and writes nothing when the budget is infeasible", async () => {
    const { code, err } = await solve("--budget", "0.0001", "-o", at("never.jsonl"), "-q");
    expect(code).toBe(3);
    expect(err).toMatch(/No allocation meets the target \(budget .*\): the cheapest allocation costs \$\d/);
    expect(existsSync(at("never.jsonl"))).toBe(false);
  });

  it("limits itself to the models asked for", async () => {
    const two = ["--models", "model-02,model-04", "--predictor", "knn"];
    const { code } = await learnAndSolve("--knee", ...two, "-o", at("two.jsonl"), "-q");
    expect(code).toBe(0);
    expect(new Set(readRows("two.jsonl").map(({ model }) => model))).toEqual(
      new Set(["model-02", "model-04"]),
    );
  });

  it("leaves out a model that the sample does not label, and says so", async () => {
    const rows = readRows("work.jsonl").map((row) => ({ ...row, new__cost: 0 }));
    writeFileSync(at("wider.jsonl"), rows.map((row) => JSON.stringify(row)).join("\n"));
    const { code, err } = await run(
      ...[
        "solve",
        at("wider.jsonl"),
        "--labels",
        at("sample.jsonl"),
        "--predictor",
        isLong ? "knn" : "base-rate",
      ],
      ...["--knee", "-o", at("wider.out.jsonl")],
    );
    expect(code).toBe(0);
    expect(err).toMatch(/model "new" has no labels and is left out/);
  });

  it("plans for a changed world and puts the old one beside it", async () => {
    const what = ["--match-best", "--scale-cost", "model-03=0.5", "--without", "model-01", "-q"];
    const { code, out } = await solve(...what, "--json", "-o", at("what.jsonl"));
    expect(code).toBe(0);
    const { models, whatIf, breakEven, totalCost, dollarsPerRightAnswer, lambda } = JSON.parse(out) as {
      models: string[];
      whatIf: Record<"before" | "after", { hypervolume: number; totalCost: number }>;
      breakEven: { model: string; costFactor: number | null }[];
      totalCost: number;
      dollarsPerRightAnswer: number;
      lambda: number;
    };
    expect(models).not.toContain("model-01");
    expect(breakEven.map(({ model }) => model)).toEqual(models);
    expect(whatIf.after.totalCost).toBe(totalCost);
    expect(whatIf.before.hypervolume).not.toBe(whatIf.after.hypervolume);
    expect(dollarsPerRightAnswer * lambda).toBeCloseTo(1, 12);
    expect(new Set(readRows("what.jsonl").map(({ model }) => model))).not.toContain("model-01");
    const { out: shown } = await solve(...what, "-o", at("what.jsonl"));
    expect(shown).toMatch(/^before the change .*\$/m);
    expect(shown).toMatch(/^model .* used until its price is .* at double price$/m);
    expect((await solve("--knee", "--json", "-o", at("what.jsonl"), "-q")).out).not.toMatch(/whatIf/);
  });

  it.each([
    [["--knee", "--without", "model-3"], /no model "model-3" to change; there are model-01/],
    [["--knee", "--scale-cost", "model-01=-1"], /expected MODEL=FACTOR/],
    [["--knee", "--scale-cost", "model-01"], /expected MODEL=FACTOR/],
    [["--budget", "1", "--knee"], /give one of --budget, --accuracy, --knee and --match-best/],
    [[], /give one of --budget/],
    [["--budget", "-1"], /expected a number ≥ 0/],
    [["--budget", "ten"], /expected a number ≥ 0/],
    [["--accuracy", "85"], /expected 0 … 1, or a percentage/],
    [["--knee", "--predictor", "magic"], /Allowed choices are auto, base-rate, logistic/],
    [["--knee", "--models", "model-02,modle-03"], /modle-03/],
    [["--knee", "-o", "out.txt"], /\.jsonl, \.csv, \.json/],
    [["--knee", "-o", "/nowhere/out.jsonl"], /\/nowhere/],
    [["--knee", "--frobnicate"], /unknown option/],
  ])("refuses %j with exit code 2 and says why", async (argv, message) => {
    const { code, err, out } = await learnAndSolve("--predictor", "base-rate", ...argv);
    expect(code).toBe(2);
    expect(err).toMatch(message);
    expect(out).toBe("");
  });
});

describe("solve of work that has ids and texts only", () => {
  it("predicts the costs from the sample, and says so", async () => {
    const bare = readRows("work.jsonl")
      .slice(0, 100)
      .map(({ id, query }) => JSON.stringify({ id, query }));
    writeFileSync(at("bare.jsonl"), bare.join("\n"));
    const labels = ["--labels", at("sample.jsonl"), "--budget", "1", "--predictor", "base-rate"];
    const { code, err } = await run("solve", at("bare.jsonl"), ...labels, "-o", at("bare.csv"));
    expect(code).toBe(0);
    expect(err).toMatch(/note: costs of model "model-01" are predicted from 120 recorded ones by/);
    expect(readLines("bare.csv").length).toBe(101);
    const json = await run("solve", at("bare.jsonl"), ...labels, "--json");
    const { predictedCosts } = JSON.parse(json.out) as { predictedCosts: { model: string; rows: number }[] };
    expect(predictedCosts.length).toBe(5);
    expect(predictedCosts[0]).toMatchObject({ model: "model-01", rows: 120 });
  });
});
