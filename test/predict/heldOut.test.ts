import { describe, expect, it } from "vitest";
import { CHOOSING_ROWS, FOLDS, planHeldOut } from "../../src/predict/heldOut.js";

describe("planHeldOut", () => {
  it("holds every row out once, in folds of equal size", () => {
    const { rows, group, groups } = planHeldOut(52, undefined, 1);
    expect(rows).toEqual(Uint32Array.from({ length: 52 }, (_, i) => i));
    expect(groups).toBe(FOLDS);
    for (let g = 0; g < FOLDS; g++) expect([10, 11]).toContain(group.filter((x) => x === g).length);
    expect(group).not.toEqual(planHeldOut(52, undefined, 2).group);
  });

  it("holds validation rows out together, and no other", () => {
    const { rows, group, groups } = planHeldOut(10, Uint32Array.of(7, 2), 1);
    expect(rows.length).toBe(10);
    expect(groups).toBe(1);
    expect([...group]).toEqual([-1, -1, 0, -1, -1, -1, -1, 0, -1, -1]);
  });

  it("takes a part of a large sample, with validation rows and others in it", () => {
    expect(planHeldOut(5_000, undefined, 1).rows.length).toBe(CHOOSING_ROWS);
    const { rows, group } = planHeldOut(5_000, Uint32Array.of(4_999), 1);
    expect(rows.at(-1)).toBe(4_999);
    expect(group.at(-1)).toBe(0);
    expect(group.filter((g) => g === -1).length).toBe(CHOOSING_ROWS / 2);
    expect(rows).toEqual(rows.slice().sort());
  });

  it("has one fold for one row", () => {
    expect(planHeldOut(1, undefined, 1)).toEqual({
      rows: Uint32Array.of(0),
      group: Int32Array.of(0),
      groups: 1,
    });
  });
});
