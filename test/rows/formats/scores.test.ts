import { describe, expect, it } from "vitest";
import { importDataset } from "../../../src/rows/dataset.js";
import type { DatasetOptions } from "../../../src/rows/reading.js";
import { InputError } from "../../../src/errors.js";
import { parseScale } from "../../../src/rows/formats/answers/scale.js";
import { temporaryFolder } from "../folder.js";

const folder = temporaryFolder();

const lines = (rows: object[]): string => rows.map((row) => `${JSON.stringify(row)}\n`).join("");

/** Scores of one model, as the file has them. */
async function scores(name: string, content: string, options: DatasetOptions = {}) {
  const { dataset, taken, skipped } = await importDataset(folder.write(name, content), options);
  const outcome = [...dataset.outcome].map((value) =>
    Number.isNaN(value) ? null : Number(value.toFixed(4)),
  );
  return { outcome, taken, skipped: Object.fromEntries(skipped) };
}

const sample = (id: number, metrics: Record<string, unknown>): object => ({
  doc_id: id,
  doc: { question: `How far is ${id}?` },
  doc_hash: `h${id}`,
  filter: "none",
  metrics: Object.keys(metrics),
  ...metrics,
});

const lmEval = (rows: Record<string, unknown>[], options?: DatasetOptions) =>
  scores("m/samples_far_2026-01-01T00-00-00.jsonl", lines(rows.map((row, i) => sample(i, row))), options);

function inspectLog(values: unknown[], more: object = {}): string {
  const samples = values.map((scored, id) => ({
    id,
    epoch: 1,
    input: `Question ${id}`,
    scores: typeof scored === "object" && scored !== null ? scored : { judge: { value: scored } },
  }));
  return JSON.stringify({ version: 2, status: "success", eval: { task: "t", model: "m" }, samples, ...more });
}

const asScore = (performance: unknown, i: number): object => ({
  task_name: "talk",
  query: `say ${i}`,
  model_name: "m",
  performance,
});

describe("the scale of a metric", () => {
  it.each<[string, unknown[], (number | null)[], string]>([
    ["1 … 10", [10, 1, 5.5], [1, 0, 0.5], "performance (1 … 10)"],
    ["0 … 10", [10, 0, 5], [1, 0, 0.5], "performance (0 … 10)"],
    ["0 … 100", [100, 1, 0, 50], [1, 0.01, 0, 0.5], "performance (0 … 100)"],
    ["0 … 1", [1, 0, 0.25], [1, 0, 0.25], "performance (0 … 1)"],
    ["0 … 1, of verdicts", [true, false], [1, 0], "performance (0 … 1)"],
  ])("is found over all of its values: %s", async (_, values, outcome, metric) => {
    const found = await scores("answers.jsonl", lines(values.map(asScore)));
    expect(found).toMatchObject({ outcome, taken: [`score: metric ${metric}`] });
  });

  it.each<[string, unknown[], string]>([
    ["1 … 5 or 1 … 10", [2, 5, 1], "has values 1 … 5: give its scale with --scale WORST..BEST"],
    ["above 100", [120, 3], "has values 3 … 120"],
    ["negative", [-1, 1], "has values -1 … 1"],
    ["successes and one wild value", [1, 1, 0, 1, 1, 40], "has values 0 … 40"],
    ["verdicts and grades", [true, 7, false], "has values 0 … 7"],
  ])("is not guessed where it is open: %s", async (_, values, problem) => {
    const path = folder.write("open.jsonl", lines(values.map(asScore)));
    const error = await importDataset(path).catch((reason: unknown) => reason);
    expect(error).toBeInstanceOf(InputError);
    expect((error as Error).message).toContain(problem);
  });

  it("leaves the labels of a task out whose scale is open, and keeps the others", async () => {
    const grades = [asScore(4, 1), asScore(2, 2)].map((row) => ({ ...row, task_name: "grades" }));
    // A task of nothing but 1 may hold the worst grade: the metric has grades above 1 elsewhere.
    const ones = { ...asScore(1, 3), task_name: "ones" };
    expect(await scores("tasks.jsonl", lines([asScore(0.5, 0), ...grades, ones]))).toEqual({
      outcome: [0.5, null, null, null],
      taken: ["score of talk: metric performance (0 … 1)"],
      skipped: {
        "no label: metric performance has values 2 … 4: give its scale with --scale WORST..BEST (grades)": 2,
        "no label: metric performance has values 1 … 1: give its scale with --scale WORST..BEST (ones)": 1,
      },
    });
  });

  it("is what --scale says, also reversed, in other tools' files and native rows", async () => {
    const scale = parseScale("1..5");
    expect((await scores("a.jsonl", lines([5, 1, 2].map(asScore)), { score: { scale } })).outcome).toEqual([
      1, 0, 0.25,
    ]);
    const native = "query,m__score\na,5\nb,2\nc,\nd,true\n";
    expect((await scores("a.csv", native, { score: { scale } })).outcome).toEqual([1, 0.25, null, 1]);
    const long = "query,model,score\na,m,5\nb,m,2\n";
    expect((await scores("long.csv", long, { score: { scale } })).outcome).toEqual([1, 0.25]);
    const rates = lines([0.1, 0.4].map(asScore));
    expect((await scores("wer.jsonl", rates, { score: { scale: parseScale("1..0") } })).outcome).toEqual([
      0.9, 0.6,
    ]);
  });

  it.each(["5", "1..1", "a..b", "1...5", "1..5..9"])("refuses the scale %s", (text) => {
    expect(() => parseScale(text)).toThrow("expected WORST..BEST, such as 1..10");
  });

  it.each<[string, string, string]>([
    ["native.csv", "query,m__score\na,7\n", "m__score is 7; expected 0 … 1, true, false, or blank where not labelled (another scale: --scale WORST..BEST)"],
    ["long.csv", "query,model,score\na,m,7\n", "score is 7; expected 0 … 1, true or false (another scale: --scale WORST..BEST)"],
  ])("of %s is 0 … 1 unless --scale says otherwise", async (name, text, problem) => {
    await expect(importDataset(folder.write(name, text))).rejects.toThrow(problem);
  }); // prettier-ignore

  it("refuses values outside the scale that was given", async () => {
    const score = { scale: parseScale("1..10") };
    await expect(scores("a.jsonl", lines([5, 11].map(asScore)), { score })).rejects.toThrow(
      "metric performance has values 5 … 11, outside the scale 1 … 10",
    );
    await expect(scores("a.csv", "query,m__score\na,11\n", { score })).rejects.toThrow(
      "m__score is 11; expected 1 … 10",
    );
  });
});

describe("the metric of a task", () => {
  it("is the same in every row: one that says whether the answer is right comes before one on another scale", async () => {
    const rows = [
      { chrf_max: 41.5, chrf_acc: 1, chrf_diff: 3 },
      { chrf_max: 0.3, chrf_acc: 0, chrf_diff: -1 },
      { chrf_max: 1, chrf_acc: 1, chrf_diff: 0.5 },
    ];
    expect(await lmEval(rows)).toEqual({
      outcome: [1, 0, 1],
      taken: ["score: metric chrf_acc (0 … 1); others: chrf_max, chrf_diff"],
      skipped: {},
    });
    // In which all values of the other happen to lie in 0 … 1.
    expect((await lmEval(rows.slice(1, 2))).outcome).toEqual([0]);
    expect((await lmEval(rows, { score: { metric: "chrf_max" } })).outcome).toEqual([0.415, 0.003, 0.01]);
  });

  it("is no perplexity, and no error rate, unless asked for", async () => {
    expect(
      (
        await lmEval([
          { word_perplexity: 0, acc: 1 },
          { word_perplexity: 0.5, acc: 0 },
        ])
      ).outcome,
    ).toEqual([1, 0]);
    await expect(lmEval([{ wer: 0.1 }, { wer: 0.9 }])).rejects.toThrow(
      "metric wer is no score; --metric takes it all the same",
    );
    const score = { metric: "wer", scale: parseScale("1..0") };
    expect((await lmEval([{ wer: 0.1 }, { wer: 0.9 }], { score })).outcome).toEqual([0.9, 0.1]);
  });

  it("is left out where a row lacks it", async () => {
    const { outcome, skipped } = await lmEval([
      { acc: 1, acc_norm: 0 },
      { acc: null, acc_norm: 1 },
    ]);
    expect(outcome).toEqual([1, null]);
    expect(skipped).toEqual({ "no label: no value of metric acc (far)": 1 });
  });

  it("of Inspect is a verdict before a number, or the scorer and key that are named", async () => {
    const values = [
      { words: { value: 0.2 }, rubric: { value: { right: "C", tone: 0.5 } } },
      { words: { value: 0.9 }, rubric: { value: { right: "I", tone: 0.75 } } },
    ];
    const read = (score?: DatasetOptions["score"]) => scores("log.json", inspectLog(values), { score });
    expect(await read()).toMatchObject({
      outcome: [1, 0],
      taken: ["score: metric rubric.right (0 … 1); others: words, rubric.tone"],
    });
    for (const score of [{ scorer: "words" }, { metric: "words" }])
      expect((await read(score)).outcome).toEqual([0.2, 0.9]);
    for (const score of [
      { scorer: "rubric", scoreKey: "tone" },
      { scoreKey: "tone" },
      { metric: "rubric.tone" },
    ])
      expect((await read(score)).outcome).toEqual([0.5, 0.75]);
    await expect(read({ scorer: "wrods" })).rejects.toThrow(
      "log.json has no scorer wrods; it has words, rubric.right, rubric.tone",
    );
  });

  it("of Inspect is also an element of a list, or a grade on its scale", async () => {
    const list = [[0, 1], [1, 0]].map((value) => ({ pair: { value } }));
    expect((await scores("list.json", inspectLog(list), { score: { scoreKey: "1" } })).outcome).toEqual([1, 0]);
    expect((await scores("grades.json", inspectLog([10, 1, "C"].slice(0, 2)))).outcome).toEqual([1, 0]);
  }); // prettier-ignore

  it("of promptfoo is the graded score, a named one, or pass", async () => {
    const result = (test: number, score: number, success: boolean, tone: number): object => ({
      ...{ testIdx: test, promptIdx: 0, provider: { id: "m" }, vars: { q: `q${test}` } },
      ...{ score, success, namedScores: { Tone: tone }, failureReason: 0 },
    });
    const text = lines([result(0, 0.75, true, 8), result(1, 0.25, false, 10)]);
    const read = (score?: DatasetOptions["score"]) => scores("results.jsonl", text, { score });
    expect(await read()).toMatchObject({
      outcome: [0.75, 0.25],
      taken: ["score: metric score (0 … 1); others: pass, namedScores.Tone"],
    });
    expect((await read({ pass: true })).outcome).toEqual([1, 0]);
    expect((await read({ metric: "Tone", scale: parseScale("0..10") })).outcome).toEqual([0.8, 1]);
    // Where the scale of the score is open, pass is taken.
    const open = lines([result(0, 4, true, 1), result(1, 2, false, 1)]);
    expect((await scores("open.jsonl", open)).outcome).toEqual([1, 0]);
  });

  it("of RouterBench has a scale of its own in each evaluation", async () => {
    const text =
      "sample_id,prompt,eval_name,m,m|total_cost\n1,a,chat,9,0.1\n2,b,chat,1,0.1\n3,c,quiz,1,0.1\n4,d,quiz,0,0.1\n";
    expect(await scores("rb.csv", text)).toMatchObject({
      outcome: [0.8889, 0, 1, 0],
      taken: ["score of chat: metric score (1 … 10)", "score of quiz: metric score (0 … 1)"],
    });
  });

  it("of a table in long form is one column, whichever a row has", async () => {
    const text = "query,model,passed,score\na,m,true,0.5\nb,m,false,0.25\nc,m,,0.75\n";
    expect((await scores("two.csv", text)).outcome).toEqual([0.5, 0.25, 0.75]);
    expect((await scores("two.csv", text, { score: { pass: true } })).outcome).toEqual([1, 0, null]);
  });
});
