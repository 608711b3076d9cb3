import { describe, expect, it } from "vitest";
import { CHOOSING_ROWS, FOLDS, planFolds } from "../../../src/predict/selection/folds.js";

const rowsTo = (rows: number): Uint32Array => Uint32Array.from({ length: rows }, (_, r) => r);

describe("planFolds", () => {
  it("holds every row out once, in folds of equal size", () => {
    const { rows, fold } = planFolds(rowsTo(52), 1);
    expect(rows).toEqual(Uint32Array.from({ length: 52 }, (_, i) => i));
    for (let f = 0; f < FOLDS; f++) expect([10, 11]).toContain(fold.filter((x) => x === f).length);
    expect(fold.every((f) => f >= 0 && f < FOLDS)).toBe(true);
  });

  it("is drawn by the seed", () => {
    expect(planFolds(rowsTo(52), 1)).toEqual(planFolds(rowsTo(52), 1));
    expect(planFolds(rowsTo(52), 1).fold).not.toEqual(planFolds(rowsTo(52), 2).fold);
  });

  it("takes a seeded subset of a large sample, in ascending order", () => {
    const { rows, fold } = planFolds(rowsTo(5_000), 1);
    expect([rows.length, fold.length, new Set(rows).size]).toEqual([
      CHOOSING_ROWS,
      CHOOSING_ROWS,
      CHOOSING_ROWS,
    ]);
    expect(rows).toEqual(rows.slice().sort());
    expect(rows.at(-1)).toBeGreaterThan(4_900);
    for (let f = 0; f < FOLDS; f++) expect(fold.filter((x) => x === f).length).toBe(CHOOSING_ROWS / FOLDS);
    expect(rows).not.toEqual(planFolds(rowsTo(5_000), 2).rows);
  });
});
