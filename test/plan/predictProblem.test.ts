import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { extendPredictor, fitPredictor, predictProblem } from "../../src/plan/predictProblem.js";
import { Pool } from "../../src/pool/pool.js";
import type { Predictor } from "../../src/predict/predictor.js";
import { loadPredictor, savePredictor } from "../../src/predict/saved.js";
import type { Dataset, Problem, QueryVectors } from "../../src/types.js";
import { golden, problemOf } from "../problems.js";
import { toySample } from "../predict/toy.js";
import { simulated } from "../simulated.js";
import { frozen, tablePredictor, workOf } from "./table.js";

const blank = Infinity;
const baseRate = { predictor: "base-rate" } as const;

function rowsOf(models: string[], cost: number[][], outcome: number[][], name = "q"): Dataset {
  return {
    ids: cost.map((_, q) => `${name}${q}`),
    queries: cost.map((_, q) => `text ${q}`),
    models,
    cost: Float32Array.from(cost.flat()),
    outcome: Float32Array.from(outcome.flat()),
  };
}

/** Labels of a, b and c: three of four right, one of four, two of two. */
const sample = rowsOf(
  ["a", "b", "c"],
  [
    [1, 2, 4],
    [1, 2, 4],
    [1, 2, 4],
    [1, 2, 4],
  ],
  [
    [1, 0, 1],
    [1, 0, NaN],
    [1, 1, 1],
    [0, 0, NaN],
  ],
  "s",
);
/** The shrunk rate of some right labels among some. */
const rate = (right: number, labels: number): number => Math.fround((right + 0.5) / (labels + 1));

const refusal = async (predicted: Promise<unknown>): Promise<InputError> => {
  const error: unknown = await predicted.then(
    () => "no error",
    (reason: unknown) => reason,
  );
  expect(error).toBeInstanceOf(InputError);
  return error as InputError;
};

describe.each(golden("tiny-"))("predictProblem of $name", ({ problem }) => {
  it("gives back its costs and the predictor's probabilities, in the work's order of models", async () => {
    const order = problem.models.map((_, m) => m).reverse();
    const backwards = (matrix: ArrayLike<number>): Float32Array =>
      Float32Array.from(matrix, (_, i) => matrix[i - (i % order.length) + order[i % order.length]]);
    const work = workOf(problem);
    const turned: Dataset = {
      ...work,
      models: problem.models.toReversed(),
      cost: backwards(problem.cost),
    };
    const { problem: found, notes } = await predictProblem(turned, tablePredictor(problem));
    expect(found.models).toEqual(turned.models);
    expect(found.ids).toEqual(work.ids);
    expect([...found.cost]).toEqual([...turned.cost]);
    expect([...found.successProbability]).toEqual([...backwards(problem.successProbability)]);
    expect(notes).toEqual([]);
  });
});

describe("predictProblem from a labelled sample", () => {
  const work = rowsOf(
    ["c", "unlabelled", "a"],
    [
      [4, 9, 1],
      [blank, 9, 2],
    ],
    [
      [NaN, NaN, NaN],
      [NaN, NaN, NaN],
    ],
  );

  it("takes the models that have labels and costs, at their recorded costs and base rates", async () => {
    const { problem, predictor, predictedCosts, notes } = await predictProblem(work, sample, {
      ...baseRate,
      models: ["a", "c", "unlabelled"],
    });
    expect(problem.models).toEqual(["c", "a"]);
    expect([...problem.cost]).toEqual([4, 1, blank, 2]);
    const row = [rate(2, 2), rate(3, 4)];
    expect([...problem.successProbability]).toEqual([...row, ...row]);
    expect(predictor.models).toEqual(["c", "a"]);
    expect(predictedCosts).toEqual([]);
    expect(notes.some((note) => note.includes('"unlabelled"'))).toBe(true);
  });

  it("predicts the costs of a model that the work has none of, from its text", async () => {
    const { problem, predictedCosts, notes } = await predictProblem(work, sample, baseRate);
    expect(problem.models).toEqual(["c", "a", "b"]);
    // Every labelled row of b cost 2.
    expect([problem.cost[2], problem.cost[5]].map((dollars) => dollars.toFixed(3))).toEqual([
      "2.000",
      "2.000",
    ]);
    expect(predictedCosts.map(({ model, rows }) => [model, rows])).toEqual([["b", 4]]);
    expect(notes.some((note) => note.includes('"b"'))).toBe(true);
    expect(problem.cost[3]).toBe(blank);
  });

  it("fills blank costs among recorded ones when asked to", async () => {
    const { problem, predictedCosts } = await predictProblem(work, sample, {
      ...baseRate,
      predictCost: true,
    });
    expect(problem.cost[3]).toBeCloseTo(4, 3);
    expect([problem.cost[0], problem.cost[4]]).toEqual([4, 2]);
    expect(predictedCosts.map(({ model }) => model)).toEqual(expect.arrayContaining(["b", "c"]));
  });

  it("predicts no cost for a model that a row does not allow", async () => {
    const allowedModels = [["a", "b"], undefined];
    const { problem } = await predictProblem({ ...work, allowedModels }, sample, {
      ...baseRate,
      predictCost: true,
    });
    const [, , b] = [0, 1, 2];
    expect(problem.models[b]).toBe("b");
    expect(Array.from(problem.cost, Number.isFinite)).toEqual([true, true, true, true, true, true]);
    const without = [["a"], undefined];
    const limited = await predictProblem({ ...work, allowedModels: without }, sample, baseRate);
    expect([limited.problem.cost[2], Number.isFinite(limited.problem.cost[5])]).toEqual([blank, true]);
  });

  it("leaves work and sample as they were", async () => {
    const [rows, labels] = [structuredClone(work), structuredClone(sample)];
    const checks = [frozen(rows), frozen(labels)];
    await predictProblem(rows, labels, Object.freeze({ ...baseRate, predictCost: true }));
    expect(checks.map((isSame) => isSame())).toEqual([true, true]);
  });

  it("gives every probability of a new matrix: the caller may change it", async () => {
    const predict = () => predictProblem(work, sample, baseRate);
    const { problem } = await predict();
    problem.successProbability.fill(0);
    expect((await predict()).problem.successProbability[0]).toBe(rate(2, 2));
  });
});

describe("predictProblem from a predictor", () => {
  const problem = problemOf(
    [
      [1, 2, 4],
      [1, 2, 4],
    ],
    [
      [0.25, 0.5, 0.75],
      [0.125, 0.375, 1],
    ],
    ["a", "b", "c"],
  );
  const source = tablePredictor(problem);

  it("takes the columns of models that the work has, whatever else the predictor knows", async () => {
    const work = workOf(problemOf([[4, 1], [4, 1]], [[0, 0], [0, 0]], ["c", "a"])); // prettier-ignore
    const { problem: found, notes, predictor } = await predictProblem(work, source);
    expect([...found.successProbability]).toEqual([0.75, 0.25, 1, 0.125]);
    expect(predictor).toBe(source);
    expect(notes.some((note) => note.includes('"b"'))).toBe(true);
  });

  it("limits itself to the models that are asked for, and refuses one that the predictor lacks", async () => {
    const { problem: found } = await predictProblem(workOf(problem), source, { models: ["c", "b"] });
    expect(found.models).toEqual(["b", "c"]);
    expect([...found.successProbability]).toEqual([0.5, 0.75, 0.375, 1]);
    const error = await refusal(predictProblem(workOf(problem), source, { models: ["a", "d"] }));
    expect(error.details).toEqual({ field: "models", model: "d" });
  });

  it("hands its options to the predictor", async () => {
    const seen: unknown[] = [];
    const watching: Predictor = {
      ...source,
      predict: (queries, options) => (seen.push(options), source.predict(queries)),
    };
    const vectors: QueryVectors = { columns: 1, value: Float32Array.of(1, 2) };
    const { signal } = new AbortController();
    await predictProblem({ ...workOf(problem), vectors }, watching, { signal });
    expect(seen).toEqual([expect.objectContaining({ signal, vectors })]);
  });
});

describe("predictProblem refuses", () => {
  const work = rowsOf(
    ["a", "b", "c"],
    [
      [1, 2, 4],
      [blank, blank, blank],
    ],
    [
      [NaN, NaN, NaN],
      [NaN, NaN, NaN],
    ],
  );

  it("a row that no model may answer, by its id", async () => {
    const error = await refusal(predictProblem(work, sample, baseRate));
    expect(error.details).toEqual({ query: 1, id: "q1" });
    expect(error.message).toContain('"q1"');
  });

  it("a sample without scores, one without costs, and models that are in one of the two only", async () => {
    const unlabelled = { ...sample, outcome: sample.outcome.map(() => NaN) };
    expect((await refusal(predictProblem(work, unlabelled))).message).toContain("__score");
    const free = { ...sample, cost: sample.cost.map(() => blank) };
    const bare = { ...work, cost: work.cost.map(() => blank) };
    expect((await refusal(predictProblem(bare, free))).message).toContain("__cost");
    const others = { ...free, models: ["x", "y", "z"] };
    expect((await refusal(predictProblem(work, others))).message).toMatch(/a, b, c.*x, y, z/);
  });

  it("vectors of one side alone, of other columns, or of other names", async () => {
    const vectors = (columns: number, names?: string[]) => (rows: Dataset) => ({
      ...rows,
      vectors: { columns, value: new Float32Array(columns * rows.ids.length), names },
    });
    const answerable = { ...work, cost: work.cost.map((c) => (c === blank ? 1 : c)) };
    const [wide, narrow] = [vectors(3, ["x", "y", "z"]), vectors(2)];
    for (const [left, right] of [
      [wide(answerable), sample],
      [answerable, wide(sample)],
      [wide(answerable), narrow(sample)],
      [wide(answerable), vectors(3, ["x", "u", "z"])(sample)],
    ] as const) {
      expect((await refusal(predictProblem(left, right, baseRate))).details).toEqual({ field: "vectors" });
    }
    const { problem } = await predictProblem(wide(answerable), wide(sample), baseRate);
    expect(problem.models.length).toBe(3);
  });

  it("a row that allows a model that neither file knows", async () => {
    const misspelt = { ...work, allowedModels: [["a", "bb"], ["a"]] };
    const error = await refusal(predictProblem(misspelt, sample, baseRate));
    expect(error.details).toMatchObject({ query: 0, model: "bb" });
  });
});

describe("a prediction of texts", () => {
  const { queries, outcome, models } = toySample(40);
  const labelled: Dataset = {
    ids: queries.map((_, q) => `s${q}`),
    queries,
    models,
    outcome,
    cost: Float32Array.from({ length: 80 }, (_, i) => (i % 2 ? 3 : 1)),
  };
  const texts = toySample(30, 2).queries;
  const work: Dataset = {
    ids: texts.map((_, q) => `w${q}`),
    queries: texts,
    models,
    cost: new Float32Array(60).fill(1),
    outcome: new Float32Array(60).fill(NaN),
  };
  const options = { predictor: "knn", seed: 7 } as const;
  const pool = new Pool({ threads: 2 });
  afterAll(() => pool.close());
  let problem: Problem;
  beforeAll(async () => {
    problem = (await predictProblem(work, labelled, options)).problem;
  });

  it("learns from them which model answers well", () => {
    const isSum = (q: number): boolean => texts[q].startsWith("sum");
    const better = texts.map(
      (_, q) => problem.successProbability[2 * q] > problem.successProbability[2 * q + 1],
    );
    const agreed = better.filter((isMaths, q) => isMaths === isSum(q)).length;
    expect(agreed).toBeGreaterThan(27);
  });

  it("is the same bytes on threads, from a predictor fitted before, and from one saved", async () => {
    const fitted = await fitPredictor(labelled, texts, options);
    const sources: [Dataset | Predictor, object][] = [
      [labelled, { ...options, pool }],
      [fitted, {}],
      [fitted, { pool }],
      [loadPredictor(savePredictor(fitted)), {}],
    ];
    for (const [source, more] of sources) {
      const again = await predictProblem(work, source, more);
      expect(again.problem).toEqual(problem);
    }
  });

  it("stops with the signal's reason", async () => {
    const reason = new Error("enough");
    const controller = new AbortController();
    const onProgress = (): void => controller.abort(reason);
    const { signal } = controller;
    await expect(predictProblem(work, labelled, { ...options, signal, onProgress })).rejects.toBe(reason);
    await expect(fitPredictor(labelled, texts, { ...options, signal })).rejects.toBe(reason);
  });
});

describe("fitPredictor and extendPredictor", () => {
  it("fit the models that have labels, and what each costs", async () => {
    const outcome = sample.outcome.map((y, i) => (i % 3 === 1 ? NaN : y));
    const fitted = await fitPredictor({ ...sample, outcome }, [], baseRate);
    expect(fitted.models).toEqual(["a", "c"]);
    expect(fitted.costs.flatMap(({ models }) => models)).toEqual(["a", "c"]);
  });

  it("add the models that the predictor lacks, with their costs, and keep the others to the byte", async () => {
    const first = simulated({ queries: 30, models: 2, seed: 1 });
    const second = { ...simulated({ queries: 30, models: 2, seed: 2 }), models: ["model-02", "late"] };
    const known = await fitPredictor(first, [], baseRate);
    const larger = await extendPredictor(known, second, [], baseRate);
    expect(larger.models).toEqual(["model-01", "model-02", "late"]);
    expect(larger.costs.flatMap(({ models }) => models)).toEqual(larger.models);
    const [before, after] = [await known.predict(["x"]), await larger.predict(["x"])];
    expect([...after.subarray(0, 2)]).toEqual([...before]);
    await refusal(extendPredictor(larger, second, [], baseRate));
    await refusal(extendPredictor(known, { ...second, outcome: second.outcome.map(() => NaN) }, []));
  });
});

describe("arguments of another shape", () => {
  it.each<[string, unknown[]]>([
    ["sample", []],
    ["sample", [null, []]],
    ["sample", [[{ query: "x" }], []]],
    ["sample", [{ ...sample, outcome: [1] }, []]],
    ["unlabelled", [sample]],
    ["unlabelled", [sample, "x"]],
    ["unlabelled", [sample, [5]]],
    ["options", [sample, [], null]],
  ])("are refused by name: %s %#", async (field, given) => {
    const call = fitPredictor as (...given: unknown[]) => Promise<Predictor>;
    await expect(call(...given)).rejects.toMatchObject({ name: "InputError", details: { field } });
  });
});
