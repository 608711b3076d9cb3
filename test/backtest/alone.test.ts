import { describe, expect, it } from "vitest";
import { backtest } from "../../src/backtest/backtest.js";
import { bestAlone, modelsAlone, recordsAlone, rowsRecorded, singlesOf } from "../../src/backtest/alone.js";
import { takeRows } from "../../src/plan/rows.js";
import type { Dataset } from "../../src/types.js";

/** Rows of models, each a list of [cost, score]; null: no record. */
function rowsOf(models: Record<string, ([number, number] | null)[]>): Dataset {
  const names = Object.keys(models);
  const rows = models[names[0]].length;
  const matrix = (pick: 0 | 1, blank: number): Float32Array =>
    Float32Array.from({ length: rows * names.length }, (_, i) => {
      const record = models[names[i % names.length]][Math.floor(i / names.length)];
      return record === null ? blank : record[pick];
    });
  return {
    ids: Array.from({ length: rows }, (_, q) => `${q}`),
    queries: Array.from({ length: rows }, (_, q) => `${q % 2 === 0 ? "easy" : "hard"} request ${q}`),
    models: names,
    cost: matrix(0, Infinity),
    outcome: matrix(1, NaN),
  };
}

function standing(dataset: Dataset) {
  const models = modelsAlone(dataset);
  const best = bestAlone(dataset, models);
  const rows = rowsRecorded(dataset, best, Uint32Array.from(dataset.ids.keys()));
  return { best, rows, singles: singlesOf(recordsAlone(takeRows(dataset, rows), models, best)) };
}

describe("models with missing records", () => {
  it("are compared with the best one on the rows that both have", () => {
    const { best, rows, singles } = standing(
      rowsOf({
        good: [[4, 1], [4, 1], null, [8, 0], [8, 1]],
        poor: [[1, 1], null, [1, 1], [2, 0], [2, 0]],
        rare: [null, null, [1, 1], null, [1, 1]],
      }), // prettier-ignore
    );
    expect(best).toBe("good");
    expect([...rows]).toEqual([0, 1, 3, 4]);
    // On rows 0, 3 and 4 it is right once less, and costs a quarter.
    expect(singles).toEqual([
      { model: "good", cost: 24, accuracy: 3 / 4 },
      { model: "poor", cost: (24 * 5) / 20, accuracy: 3 / 4 - 1 / 3 },
    ]);
  });

  it("are not the best for being recorded on easy rows only", () => {
    const all = Array.from({ length: 40 }, (_, q): [number, number] => [
      2,
      q % 2 === 0 || q % 4 === 1 ? 1 : 0,
    ]);
    const easy = all.map((_, q): [number, number] | null => (q % 2 === 0 ? [1, q % 10 === 0 ? 0 : 1] : null));
    const { best, singles } = standing(rowsOf({ easy, all }));
    expect(best).toBe("all");
    expect(singles[0]).toEqual({
      model: "easy",
      cost: 40,
      accuracy: expect.closeTo(0.75 - 0.2, 12) as number,
    });
  });

  it("need records of half of the rows, and one that has them must exist", () => {
    const some: ([number, number] | null)[] = [[1, 1], null, null, null, [1, 1]];
    const other: ([number, number] | null)[] = [null, [1, 1], [1, 1], null, null];
    expect(() => modelsAlone(rowsOf({ some, other }))).toThrow(
      /at least half of the 5 rows.*"some" has them on 2/,
    );
  });
});

describe("a backtest with missing records", () => {
  const rows = 240;
  const options = { train: { count: 60 }, validation: { count: 20 }, predictor: "base-rate" } as const;
  const record = (cost: number, right: boolean): [number, number] => [cost, right ? 1 : 0];
  const isHard = (q: number): boolean => q % 2 === 1;
  const models = (isMissing: (q: number, model: number) => boolean) =>
    rowsOf(
      Object.fromEntries(
        ["cheap", "middle", "dear"].map((name, m) => [
          name,
          Array.from({ length: rows }, (_, q) =>
            isMissing(q, m)
              ? null
              : record([1, 2, 8][m], m === 2 ? q % 23 > 0 : !isHard(q) && (q + m) % 9 > 0),
          ),
        ]),
      ),
    );

  it("compares with the same best model in every repeat, whichever records are missing", async () => {
    const few = models((q, m) => q % 100 === 7 * m + 3);
    const { verdict, repeats, dataset, mean } = await backtest(few, { ...options, repeats: 3 });
    expect(dataset.missing.map(({ rows }) => rows)).toEqual([3, 3, 3]);
    expect(repeats.map(({ bestSingle }) => bestSingle.model)).toEqual(Array(3).fill("dear"));
    expect([verdict.model, mean.bestSingle.model]).toEqual(["dear", "dear"]);
    const dear = few.models.indexOf("dear");
    repeats.forEach(({ testQueries, testQueriesLeftOut, bestSingle, comparators }) => {
      expect(testQueries + testQueriesLeftOut).toBe(160);
      expect(bestSingle.cost).toBe(8 * testQueries);
      expect(comparators.singles.map(({ model }) => model)).toEqual(few.models);
      expect(comparators.singles.map(({ cost }) => cost / testQueries)).toEqual([
        expect.closeTo(1, 12),
        expect.closeTo(2, 12),
        8,
      ]);
    });
    expect(few.outcome.filter((y, i) => i % 3 === dear && Number.isNaN(y)).length).toBe(3);
  });

  it("never sends a query to a model without a record of it", async () => {
    const some = models((q, m) => m < 2 && q % 5 === m);
    await backtest(some, {
      ...options,
      onJudged: ({ allocations, test, problem }) => {
        for (const allocation of allocations) {
          allocation?.forEach((m, q) => {
            const option = q * test.models.length + test.models.indexOf(problem.models[m]);
            expect(Number.isNaN(test.outcome[option])).toBe(false);
          });
        }
      },
    });
  });
});
