import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { loadScorer } from "../../src/online/scorer.js";
import { createRouter } from "../../src/online/router.js";
import { fitPredictor, predictProblem } from "../../src/plan/predictProblem.js";
import { cellRows, fitColumns } from "../../src/predict/features/columnCells.js";
import { fitSample } from "../../src/predict/fit.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import { Random } from "../../src/random.js";
import type { Dataset } from "../../src/types.js";

const TASKS = ["sums", "verse", "code", "law"];

/** The task alone decides which model is right; the texts are noise. */
function sampleOf(
  rows: number,
  seed: number,
  isTelling = true,
): Dataset & { columns: Map<string, string[]> } {
  const random = new Random(seed);
  const task = Array.from({ length: rows }, () => TASKS[random.below(TASKS.length)]);
  const outcome = new Float32Array(2 * rows);
  for (let q = 0; q < rows; q++) {
    const kind = isTelling ? TASKS.indexOf(task[q]) : random.below(4);
    outcome[2 * q] = Number(random.uniform() < (kind < 2 ? 0.9 : 0.2));
    outcome[2 * q + 1] = Number(random.uniform() < (kind % 2 === 0 ? 0.85 : 0.15));
  }
  return {
    ids: task.map((_, q) => String(q)),
    models: ["a", "b"],
    queries: task.map(() => `${random.below(1e6)} ${random.below(1e6)}`),
    outcome,
    cost: new Float32Array(2 * rows).fill(0.001),
    columns: new Map([["task", task]]),
  };
}

const sample = sampleOf(120, 1);
/** Of a cheap method, beside which the columns stand. */
const fitted = fitSample(sample, { kind: "logistic" });
const predictor = fitted.then((one) => loadPredictor(savePredictor(one)));

describe("feature columns", () => {
  it("tell models apart where texts cannot, and an unseen value gives the base rate", async () => {
    const one = await fitted;
    expect(one.featureColumns).toEqual(["task"]);
    expect(one.settings.join()).toContain("columns");
    const columns = new Map([["task", [...TASKS, "never seen", ""]]]);
    const p = await one.predict(new Array<string>(6).fill(""), { columns });
    expect(p[0]).toBeGreaterThan(0.7);
    expect(p[4]).toBeLessThan(0.4);
    expect(p[3]).toBeLessThan(0.4);
    expect([...p.subarray(8, 10)]).toEqual([...p.subarray(10, 12)]);
    const rates = [0, 1].map((m) => {
      const labels = sample.outcome.filter((_, i) => i % 2 === m);
      return labels.reduce((sum, y) => sum + y, 0) / labels.length;
    });
    rates.forEach((rate, m) => expect(Math.abs(p[8 + m] - rate)).toBeLessThan(0.1));
  });

  it("are dropped, with a note, where held-out rows say so", async () => {
    const one = await fitSample(sampleOf(40, 3, false));
    const bare = await one.predict(["any text"]);
    expect(bare.every((x) => x > 0 && x < 1)).toBe(true);
    expect(one.featureColumns).toEqual([]);
    expect(one.notes.join()).toMatch(/feature columns "?task"? are not used/);
  });

  it("are saved, and predict the same bytes on any thread of blocks", async () => {
    const columns = sampleOf(3, 5).columns;
    const texts = ["x 1", "y 2", ""];
    expect(await (await predictor).predict(texts, { columns })).toEqual(
      await (await fitted).predict(texts, { columns }),
    );
  });

  it("are missed by name", async () => {
    const one = await predictor;
    await expect(one.predict(["x"])).rejects.toThrow(/no column "?task"?, which the predictor was fitted to/);
    await expect(one.predict(["x"], { columns: new Map([["task", []]]) })).rejects.toThrow(
      /0 texts; expected 1/,
    );
    const work = { ...sampleOf(4, 6), columns: undefined };
    await expect(predictProblem(work, one)).rejects.toThrow(/feature column "?task"?/);
    await expect(fitPredictor(sample, [], { featureColumns: ["tenant"] })).rejects.toThrow(/"?tenant"?/);
  });

  it("are planned with, from a sample or a saved predictor", async () => {
    const work = sampleOf(20, 7);
    const options = { predictor: "logistic", featureColumns: ["task"] } as const;
    const told = await predictProblem(work, sample, options);
    const saved = await predictProblem(work, await fitPredictor(sample, work.queries, options));
    expect(told.predictor.featureColumns).toEqual(["task"]);
    expect(saved.problem.successProbability).toEqual(told.problem.successProbability);
  });

  it("are given to a scorer and a router as features", async () => {
    const options = { predictor: "logistic", featureColumns: ["task"] } as const;
    const one = await fitPredictor(sample, [], options);
    const scorer = await loadScorer(one);
    expect(scorer.featureColumns).toEqual(["task"]);
    const columns = new Map([["task", ["code"]]]);
    const [expected] = [await one.predict(["x y"], { columns })];
    expect([...scorer.score("x y", undefined, { task: "code" })]).toEqual([...expected]);
    expect(() => scorer.score("x y")).toThrow(InputError);
    const price = { input: 1, output: 1 };
    const router = createRouter({ scorer, models: { a: { price }, b: { price } }, lambda: 0 });
    const chosen = (task: string) => router.route({ text: "x y", maxTokens: 5, features: { task } });
    expect(chosen("code")).toMatchObject({ model: "b" });
    expect(chosen("verse")).toMatchObject({ model: "a" });
    expect(() => router.route({ text: "x" })).toThrow(/no feature "?task"?/);
    expect(() => router.route({ text: "x", features: { task: {} as string } })).toThrow(/features/);
  });

  it("of numbers become bins, and several make pairs", () => {
    const numbers = Array.from({ length: 100 }, (_, k) => String(k / 10));
    const fit = fitColumns(
      new Map([
        ["size", numbers],
        ["task", numbers.map((_, k) => TASKS[k % 4])],
      ]),
    );
    expect(fit.edges.map(({ length }) => length)).toEqual([7, 0]);
    const told = new Map([
      ["size", ["0", "0.3", "9.9", "", "1e9"]],
      ["task", ["law", "law", "law", "law", ""]],
    ]);
    const { start, column, value } = cellRows(fit, told, 0, 5);
    expect([...start]).toEqual([0, 3, 6, 9, 10, 11]);
    expect(column.slice(0, 3)).toEqual(column.slice(3, 6));
    expect(column[6]).toBe(column[10]);
    expect(value[0]).toBeCloseTo(1 / Math.sqrt(3), 6);
    expect(() => fitColumns(new Map(Array.from({ length: 17 }, (_, k) => [`c${k}`, []])))).toThrow(/17/);
  });
});
