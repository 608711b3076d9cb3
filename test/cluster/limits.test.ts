import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { beforeAll, describe, expect, it } from "vitest";
import { inline } from "../../src/cluster/dispatch.js";
import { finishRun } from "../../src/cluster/plan.js";
import { createRun } from "../../src/cluster/run.js";
import { statusOf } from "../../src/cluster/status.js";
import { parseLimit } from "../../src/plan/limits/grammar.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import { run } from "../cli/run.js";
import { isLong } from "../runs.js";
import { madeProblem, recordedOf, scoresOf, testFolder, writeParts } from "./made.js";

const at = testFolder("limits");
const ROWS = 240;
/** Rows of the first of the two files. */
const FIRST = 100;

beforeAll(async () => {
  const rows = Array.from({ length: ROWS }, (_, q) => ({
    id: `q${q}`,
    query: `Question ${q}`,
    ...recordedOf(q),
    // The second file begins with another kind than the first, and only it has the third.
    kind: q < FIRST ? ["fr", "de"][q % 2] : ["it", "de", "fr"][q % 3],
    // Blank in all of the first file.
    team: q < FIRST ? "" : ["a", "b"][q % 2],
  }));
  const write = (name: string, lines: readonly object[]): void =>
    writeFileSync(at(name), lines.map((line) => `${JSON.stringify(line)}\n`).join(""));
  write("sample.jsonl", rows.slice(0, 120).map((row, q) => ({ ...row, ...scoresOf(q) }))); // prettier-ignore
  mkdirSync(at("work"));
  write("work/0.jsonl", rows.slice(0, FIRST));
  write("work/1.jsonl", rows.slice(FIRST));
  write("work.jsonl", rows);
  writeFileSync(at("budgets.csv"), "team,dollars\na,0.05\nb,0.2\n");
  const fit = await run("fit", at("sample.jsonl"), "--predictor", "base-rate", "-o", at("p.optllm"), "-q");
  expect([fit.code, fit.err]).toEqual([0, ""]);
});

const saved = (): string[] => ["--predictor-file", at("p.optllm"), "--threads", "1", "-q", "--json"];
const planned = (output: string, ...options: string[]) =>
  run("cluster", "plan", at("work"), ...saved(), ...options, "-o", at(output));

describe("rows under limits", () => {
  const CASES: [string, string[]][] = [
    ["of queries and tokens", ["--limit", "gpt-4o: 60 queries", "--limit", "gpt-4o: 13000 tokens", "--budget", "0.6"]], // prettier-ignore
    ["of groups", ["--group-floor", "kind: 62%", "--accuracy", "0.6"]],
    ["of budgets that one file knows no group of", ["--group-budget", "budgets.csv", "--knee"]],
    ["of shares of what is spent, after a change", ["--share", "gpt-4o-mini >= 5% of spend", "--scale-cost", "gpt-4o=0.5", "--accuracy", "0.6"]], // prettier-ignore
  ];
  it.each(CASES)("%s are planned as one file is", async (title, options) => {
    const given = options.map((word) => (word === "budgets.csv" ? at(word) : word));
    const one = await run("solve", at("work.jsonl"), ...saved(), ...given, "-o", at(`${title}.jsonl`));
    const parts = await planned(title, ...given);
    expect([one.code, parts.code, parts.err]).toEqual([0, 0, ""]);
    const solved = JSON.parse(one.out);
    const { certificate, limits, sentences } = JSON.parse(parts.out);
    for (const key of Object.keys(certificate)) expect([key, certificate[key]]).toEqual([key, solved[key]]);
    expect(limits).toEqual(solved.limits);
    expect(sentences[0]).toMatch(/^The plan keeps /);
    const rows = readdirSync(at(title, "allocation")).map((part) => readFileSync(at(title, "allocation", part), "utf8")); // prettier-ignore
    expect(rows.join("")).toBe(readFileSync(at(`${title}.jsonl`), "utf8"));
    expect(readFileSync(at(title, "report.html"), "utf8")).toContain('"heading":"Limits"');
  });

  it.each([
    ["all rows", ["--limit", "gpt-4o: 60 queries", "--budget", "0.6"]],
    ["groups", ["--group-floor", "kind: 62%", "--group-budget", at("budgets.csv"), "--accuracy", "0.6"]], // prettier-ignore
  ])("on %s give the policy of one machine", async (name, options) => {
    const [one, parts] = [at(`one-${name}.json`), at(`parts-${name}.json`)];
    await run("solve", at("work.jsonl"), ...saved(), ...options, "--policy-out", one, "-o", at("one.jsonl"));
    const { code, err } = await planned(`policy-${name}`, ...options, "--policy-out", parts);
    expect([code, err]).toEqual([0, ""]);
    expect(readFileSync(parts, "utf8")).toBe(readFileSync(one, "utf8"));
    expect(JSON.parse(readFileSync(parts, "utf8")).limits.length).toBeGreaterThan(0);
  });

  it("that conflict are named, with exit code 3", async () => {
    const options = ["--limit", "*: 100 queries", "--budget", "1"];
    const { code, out } = await planned("conflict", ...options);
    expect(code).toBe(3);
    expect(JSON.parse(out).sentences.join(" ")).toMatch(/No allocation keeps .*100 queries.*proven/);
    const text = await run("cluster", "resume", at("conflict"), "-q");
    expect([text.code, text.out]).toEqual([3, expect.stringMatching(/No allocation\s+keeps/)]);
  });

  it("of what is not there are refused", async () => {
    const refused = async (pattern: RegExp, ...options: string[]): Promise<void> => {
      const { code, err } = await planned(
        `refused-${options[1]}`.replaceAll(/\W+/g, "-"),
        "--knee",
        ...options,
      );
      expect([code, err]).toEqual([2, expect.stringMatching(pattern)]);
    };
    await refused(/no row has a value in column "?nobody"? to group by/, "--group-floor", "nobody: 50%");
    await refused(
      /no row has "?es"? in column "?kind"?; it holds fr, de, it/,
      "--group-floor",
      "kind=es: 50%",
    );
    await refused(/"gpt-5/, "--limit", "gpt-5: 5 queries");
  });
});

it("matrices under limits are planned as one problem is, whatever their parts", async () => {
  const [rows, models] = isLong ? [20_000, 255] : [2_000, 6];
  const problem = madeProblem(rows, models, true);
  mkdirSync(at("matrices"));
  const inputs = writeParts(problem, [1_111, 1_500], (file) => at("matrices", file));
  const target = { budget: 0.2 * rows };
  const limits = { specs: [parseLimit(`m1: at most ${rows / 20} queries`)], latencyOf: [] };
  const constraints = [{ name: "m1", models: ["m1"], atMost: rows / 20 }];
  const choice = await chooseUnder(problem, constraints, target);
  expect(choice.status).toBe("chosen");
  const options = { inputs, models: problem.models, target, limits, shardRows: 700, fewOptions: 0 };
  await createRun(at("matrices-run"), options);
  const { certificate, limits: kept } = await finishRun(at("matrices-run"), inline, { threads: 1 });
  expect(readFileSync(at("matrices-run", "allocation.u8")).equals(choice.allocation)).toBe(true);
  expect(certificate).toMatchObject({ totalCost: (choice as { totalCost: number }).totalCost });
  expect(kept![0].slack).toBeGreaterThanOrEqual(0);
  const { done } = (await statusOf(at("matrices-run"))).steps.find(({ step }) => step === "limits")!;
  expect([done > 0, done % rows]).toEqual([true, 0]);
  const tokens = { ...options, limits: { specs: [parseLimit("m1: at most 5 tokens")], latencyOf: [] } };
  await expect(createRun(at("refused"), tokens)).rejects.toThrow("no groups and no tokens to limit");
});
