import { readFileSync, writeFileSync } from "node:fs";
import { describe, expect, it } from "vitest";
import type { NextLabels } from "../../../src/backtest/nextLabels/nextLabels.js";
import { describeNextLabels } from "../../../src/report/terminal/nextLabels.js";
import { run } from "../run.js";
import { workloadFolder } from "../workload.js";

const { at, readRows, fitted } = workloadFolder("labels", { fitted: true });

interface Result {
  queries: number;
  differing: number;
  estimate: number;
  heldOut: number;
  halfWidth: number | null;
  halfWidthAfter: number;
  labelsToSettle: number | null;
  standard: Record<string, number>;
  curve: { labels: number; halfWidth: number; random: number }[];
  strata: { queries: number; variance: number }[];
  ask: { id: string; query: string; ask: string[]; stratum: number; inclusion_probability: number }[];
  answered?: {
    asked: number;
    answered: number;
    estimate: number;
    halfWidth: number;
    together: { estimate: number; halfWidth: number } | null;
  };
}

const labels = async (...argv: string[]) => {
  const { code, out, err } = await run("labels", at("work.jsonl"), ...argv);
  expect([code, code === 0 ? "" : err]).toEqual([0, ""]);
  return { out, err };
};
const resultOf = async (...argv: string[]) =>
  JSON.parse((await labels(...argv, "--json", "-q")).out) as Result;
const plain = (text: string): string => text.replaceAll(/\s+/g, " ");
const sample = [
  ...["--labels", at("sample.jsonl"), "--predictor", "knn"],
  ...["--models", "model-02,model-03,model-04"],
];

describe("labels", () => {
  it("writes the queries to ask, with their models and how likely each was drawn", async () => {
    const { out } = await labels(...sample, "--budget-labels", "60", "-o", at("ask.jsonl"), "-q");
    expect(out).toMatch(/more labelled quer|beyond doubt|too close/);
    expect(out).toContain("queries to label written to");
    const rows = readRows("ask.jsonl") as unknown as Result["ask"];
    const work = new Map(readRows("work.jsonl").map(({ id, query }) => [id, query]));
    expect(new Set(rows.map(({ id }) => id)).size).toBe(60);
    for (const { id, query, ask, inclusion_probability: chance } of rows) {
      expect(query).toBe(work.get(id));
      expect(ask.length).toBeGreaterThanOrEqual(2);
      expect(chance).toBeGreaterThan(0);
      expect(chance).toBeLessThanOrEqual(1);
    }
    const other = await labels(
      ...sample,
      "--budget-labels",
      "60",
      "-o",
      at("again.jsonl"),
      "-q",
      "--threads",
      "2",
    );
    expect(other.out).toBe(out.replace("ask.jsonl", "again.jsonl"));
    expect(readFileSync(at("again.jsonl"))).toEqual(readFileSync(at("ask.jsonl")));
  });

  it("writes CSV that names models as --models takes them", async () => {
    await labels(...fitted, "--budget-labels", "30", "-o", at("ask.csv"), "-q");
    const [header, first] = readFileSync(at("ask.csv"), "utf8").split("\n");
    expect(header).toBe("id,query,ask,stratum,inclusion_probability");
    expect(first).toMatch(/,"[^",]+(,[^",]+)+",\d+,[\d.]+$/);
  });

  it("expects a narrower interval with more labels, and judges the answers about as narrow as promised", async () => {
    const asked = ["--budget-labels", "60", ...sample];
    const { curve, ...result } = await resultOf(...asked);
    expect(result.heldOut).toBeGreaterThan(50);
    expect(Object.values(result.standard).reduce((a, b) => a + b)).toBeCloseTo(1, 9);
    expect(result.halfWidthAfter).toBeLessThan(result.halfWidth!);
    expect(result.ask.length).toBe(60);
    curve.forEach(({ halfWidth, random }, k) => {
      // Equal where every row is labelled.
      expect(halfWidth).toBeLessThanOrEqual(random + 1e-9);
      if (k > 0) expect(halfWidth).toBeLessThan(curve[k - 1].halfWidth);
    });
    const widthAt = (n: number) => curve.find((one) => one.labels === n)!.halfWidth;
    expect(widthAt(60)).toBe(result.halfWidthAfter);
    if (result.labelsToSettle === null)
      expect(widthAt(result.differing)).toBeGreaterThan(Math.abs(result.estimate));
    else if (result.labelsToSettle > 0) expect(result.halfWidth).toBeGreaterThan(Math.abs(result.estimate));
    const judged = await resultOf(...asked, "--answers", at("labelled.csv"));
    const { asked: rows, answered: complete, together } = judged.answered!;
    expect([rows, complete, judged.ask]).toEqual([60, 60, result.ask]);
    expect(together!.halfWidth).toBeLessThan(judged.answered!.halfWidth);
    expect(together!.halfWidth / result.halfWidthAfter).toBeGreaterThan(0.7);
    expect(together!.halfWidth / result.halfWidthAfter).toBeLessThan(1.3);
    const text = describeNextLabels(judged as unknown as NextLabels);
    expect(plain(text)).toContain("By 60 of the 60 labelled queries asked for");
  });

  it("asks nothing where the plan is the best single model", async () => {
    const target = ["--accuracy", "0", "--against", "best", "--models", "model-03"];
    const result = await resultOf(...fitted, ...target);
    expect([result.differing, result.ask, result.labelsToSettle]).toEqual([0, [], null]);
    const text = describeNextLabels(result as unknown as NextLabels);
    expect(plain(text)).toContain("No label can tell them apart");
  });

  it("leaves out rows that the sample has, and says so", async () => {
    const files = [at("labelled.csv"), "--labels", at("sample.jsonl"), "--predictor", "base-rate"];
    const { code, out } = await run("labels", ...files, "-o", at("left.jsonl"), "-q");
    expect([code, plain(out)]).toEqual([
      0,
      expect.stringMatching(/ of 480 queries, without 120 that the sample has/),
    ]);
    const known = new Set(readRows("sample.jsonl").map(({ id }) => id));
    expect(readRows("left.jsonl").filter(({ id }) => known.has(id))).toEqual([]);
  });

  it("knows no interval from a saved predictor, and says so", async () => {
    const result = await resultOf(...fitted);
    expect([result.halfWidth, result.heldOut]).toEqual([null, 0]);
    expect((await labels(...fitted, "-o", at("saved.csv"))).out).toContain("as predicted only");
  });

  it("refuses answers that are too few, and a target that nothing meets", async () => {
    const lines = readFileSync(at("labelled.csv"), "utf8").split("\n");
    writeFileSync(at("few.csv"), lines.slice(0, 4).join("\n"));
    const few = await run("labels", at("work.jsonl"), ...sample, "--answers", at("few.csv"), "-q");
    expect([few.code, few.err]).toEqual([
      2,
      expect.stringMatching(/of \d+ asked rows are answered, and in stratum 1/),
    ]);
    const none = await run("labels", at("work.jsonl"), ...fitted, "--budget", "0", "-q");
    expect([none.code, none.out]).toEqual([3, ""]);
  });

  it.each([
    [["--budget-labels", "0"], /whole number from 1/],
    [["--against", "all"], /Allowed choices are blind, best/],
    [["--knee", "--match-best"], /give one of/],
  ])("refuses %j", async (argv, message) => {
    const { code, err } = await run("labels", at("work.jsonl"), ...fitted, ...argv);
    expect([code, err]).toEqual([2, expect.stringMatching(message)]);
  });
});
