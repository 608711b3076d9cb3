import { describe, expect, it } from "vitest";
import { simulate, simulateProblem } from "../../src/simulate/simulate.js";
import { InputError } from "../../src/errors.js";

const SIZE = { queries: 20_000, models: 12, seed: 1 };

function mean(values: ArrayLike<number>): number {
  return Array.from(values).reduce((sum, value) => sum + value, 0) / values.length;
}

/** Pearson's correlation. */
function correlation(x: ArrayLike<number>, y: ArrayLike<number>): number {
  const [mx, my] = [mean(x), mean(y)];
  const [a, b] = [Array.from(x, (value) => value - mx), Array.from(y, (value) => value - my)];
  const dot = (u: number[], v: number[]): number => u.reduce((sum, value, i) => sum + value * v[i], 0);
  return dot(a, b) / Math.sqrt(dot(a, a) * dot(b, b));
}

function column(matrix: Float32Array, m: number): Float32Array {
  return matrix.filter((_, i) => i % SIZE.models === m);
}

const bytes = ({ buffer }: Float32Array): Buffer => Buffer.from(buffer);

describe("simulateProblem", () => {
  const problem = simulateProblem(SIZE);

  it("gives finite costs above 0 and probabilities in 0 … 1, in shared memory", () => {
    expect(problem.models).toEqual(
      Array.from({ length: 12 }, (_, m) => `model-${String(m + 1).padStart(2, "0")}`),
    );
    expect(problem.cost.length).toBe(SIZE.queries * SIZE.models);
    expect(problem.cost.every((dollars) => dollars > 0 && dollars < Infinity)).toBe(true);
    expect(problem.successProbability.every((p) => p >= 0 && p <= 1)).toBe(true);
    expect(problem.cost.buffer).toBeInstanceOf(SharedArrayBuffer);
    expect(problem.successProbability.buffer).toBeInstanceOf(SharedArrayBuffer);
  });

  it("is the same for the same seed and another for another", () => {
    const again = simulateProblem(SIZE);
    expect(again.models).toEqual(problem.models);
    expect(bytes(again.cost).equals(bytes(problem.cost))).toBe(true);
    expect(bytes(again.successProbability).equals(bytes(problem.successProbability))).toBe(true);
    expect(bytes(simulateProblem({ ...SIZE, seed: 2 }).cost).equals(bytes(problem.cost))).toBe(false);
  });

  it("begins a longer workload with the rows of a shorter one", () => {
    const short = simulateProblem({ ...SIZE, queries: 100 });
    expect(problem.cost.subarray(0, 1200)).toEqual(short.cost);
    expect(problem.successProbability.subarray(0, 1200)).toEqual(short.successProbability);
  });

  it("makes dear models mostly better, and for some queries a cheaper one the best", () => {
    const accuracy = problem.models.map((_, m) => mean(column(problem.successProbability, m)));
    expect(accuracy[11] - accuracy[0]).toBeGreaterThan(0.3);
    const isBest = (m: number): boolean =>
      column(problem.successProbability, m).some((p, q) => {
        const row = problem.successProbability.subarray(q * SIZE.models, (q + 1) * SIZE.models);
        return p === Math.max(...row);
      });
    expect(problem.models.filter((_, m) => isBest(m)).length).toBeGreaterThan(3);
  });

  it("has long-tailed costs: the mean is well above the median", () => {
    const sorted = column(problem.cost, 5).sort();
    expect(mean(sorted) / sorted[sorted.length / 2]).toBeGreaterThan(1.2);
  });

  it.each([
    [{ ...SIZE, models: 0 }, "models is 0; expected a whole number 1 … 255"],
    [{ ...SIZE, models: 256 }, "models is 256"],
    [{ ...SIZE, queries: 0 }, "queries is 0; expected a whole number ≥ 1"],
    [{ ...SIZE, queries: 1.5 }, "queries is 1.5"],
    [{ ...SIZE, queries: 2 ** 30 }, "queries is 1073741824"],
    [{ ...SIZE, seed: NaN }, "seed is NaN; expected a whole number"],
  ])("refuses %j", (options, message) => {
    expect(() => simulateProblem(options)).toThrow(InputError);
    expect(() => simulateProblem(options)).toThrow(message);
    expect(() => simulate(options)).toThrow(message);
  });

  it("takes 1 model, and 255", () => {
    expect(simulateProblem({ queries: 1, models: 1, seed: 0 }).models).toEqual(["model-01"]);
    const { models } = simulateProblem({ queries: 1, models: 255, seed: 0 });
    expect([models[0], models[254]]).toEqual(["model-001", "model-255"]);
  });
});

describe("simulate", () => {
  const workload = simulate(SIZE);
  const rows = [...workload.rows()];
  const problem = simulateProblem(SIZE);

  it("has the costs of simulateProblem, and scores drawn with its probabilities", () => {
    const cost = Float32Array.from(rows.flatMap((row) => [...row.cost]));
    expect(bytes(cost).equals(bytes(problem.cost))).toBe(true);
    const score = Float32Array.from(rows.flatMap((row) => [...row.score]));
    expect(new Set(score)).toEqual(new Set([0, 1]));
    for (let from = 0; from < 1; from += 0.25) {
      const isNear = (p: number): boolean => p >= from && p < from + 0.25;
      const near = problem.successProbability.filter(isNear);
      const drawn = score.filter((_, i) => isNear(problem.successProbability[i]));
      // Five standard errors of a mean of so many draws.
      expect(Math.abs(mean(drawn) - mean(near))).toBeLessThan(5 * Math.sqrt(0.25 / near.length));
    }
  });

  it("begins anew at each call, with unique ids", () => {
    expect(workload.rows().next().value).toEqual(rows[0]);
    expect(new Set(rows.map((row) => row.id)).size).toBe(SIZE.queries);
    expect([rows[0].id, rows[1].id]).toEqual(["q1", "q2"]);
  });

  it("prices models from 0.1 to 60 dollars per million tokens, output three to five times as dear", () => {
    const prices = workload.details.map((model) => model.inputPrice);
    expect([prices[0], prices[11]]).toEqual([0.1, 60]);
    expect(prices).toEqual([...prices].sort((a, b) => a - b));
    for (const { inputPrice, outputPrice } of workload.details) {
      expect(outputPrice / inputPrice).toBeGreaterThan(2.9);
      expect(outputPrice / inputPrice).toBeLessThan(5.1);
    }
  });

  it("writes texts of 5 to 120 words, about 40 on average, longer for longer prompts", () => {
    const lengths = rows.map((row) => row.query.split(" ").length);
    expect(Math.min(...lengths)).toBeGreaterThanOrEqual(5);
    expect(Math.max(...lengths)).toBeLessThanOrEqual(120);
    expect(mean(lengths)).toBeGreaterThan(30);
    expect(mean(lengths)).toBeLessThan(50);
    const logCost = column(problem.cost, 0).map(Math.log);
    expect(correlation(lengths, logCost)).toBeGreaterThan(0.3);
  });

  it("lets the words tell something of the chance of success, and not everything", () => {
    // Mean score of the training queries that hold a word; then of a test query's words.
    const [train, test] = [rows.slice(0, 15_000), rows.slice(15_000)];
    const seen = new Map<string, { sum: number; count: number }>();
    for (const row of train)
      for (const word of new Set(row.query.split(" "))) {
        const entry = seen.get(word) ?? { sum: 0, count: 0 };
        seen.set(word, { sum: entry.sum + row.score[5], count: entry.count + 1 });
      }
    const predicted = test.map((row) =>
      mean(row.query.split(" ").map((word) => (seen.get(word)?.sum ?? 0) / (seen.get(word)?.count ?? 1))),
    );
    const truth = column(problem.successProbability, 5).slice(15_000);
    expect(correlation(predicted, truth)).toBeGreaterThan(0.4);
    expect(correlation(predicted, truth)).toBeLessThan(0.95);
  });
});

describe("texts of a given number of words", () => {
  it("have as many words, and leave everything else of the workload as it is", () => {
    const size = { queries: 50, models: 3, seed: 1 };
    const plain = [...simulate(size).rows()];
    const sized = [...simulate({ ...size, words: 40 }).rows()];
    sized.forEach(({ query, cost, score }, q) => {
      expect(query.split(" ")).toHaveLength(40);
      expect({ cost, score }).toEqual({ cost: plain[q].cost, score: plain[q].score });
    });
  });

  it.each([0, 1.5, 1001, NaN])("refuses %s words", (words) => {
    expect(() => simulate({ queries: 1, models: 1, seed: 1, words })).toThrow(InputError);
  });
});
