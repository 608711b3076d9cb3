import { describe, expect, it } from "vitest";
import { datasetFrom } from "../../src/rows/datasetFrom.js";

describe("a dataset from plain objects", () => {
  it("takes models as objects, in the order in which they appear", () => {
    const dataset = datasetFrom(
      [
        { id: "x", query: "one", small: { score: 1, cost: 0.1 }, large: { cost: 0.25, inputTokens: 12 } },
        { id: "y", query: "two", team: "red", small: { score: false }, large: { score: 0.5, cost: 0.3 } },
      ],
      { columns: ["team"] },
    );
    expect(dataset).toMatchObject({ ids: ["x", "y"], queries: ["one", "two"], models: ["small", "large"] });
    expect([...dataset.cost]).toEqual([0.1, 0.25, Infinity, 0.3]);
    expect([...dataset.outcome]).toEqual([1, NaN, 0, 0.5]);
    expect([...dataset.tokens!.input]).toEqual([NaN, 12, NaN, NaN]);
    expect(dataset.columns!.get("team")).toEqual(["", "red"]);
  });

  it("numbers rows without ids, and takes the columns of files", () => {
    const dataset = datasetFrom([{ m__cost: 0.1, m__score: true }, { m: { cost: 0.2, score: undefined } }]);
    expect(dataset.ids).toEqual(["1", "2"]);
    expect([...dataset.cost]).toEqual([0.1, 0.2]);
  });

  it.each([
    ["a cost below the range", { m: { cost: 1e-20 } }, /rows, row 1: m__cost is 1e-20; expected dollars ≥ 0/],
    ["an unknown figure", { m: { price: 1 } }, /rows, row 1: m has price; expected score, cost/],
    ["a score above 1", { m: { score: 7, cost: 1 } }, /rows, row 1: m__score is 7/],
    ["a list", [1], /rows, row 1 is \[1\]; expected an object/],
  ])("refuses %s", (_, row, message) => {
    expect(() => datasetFrom([row as Record<string, unknown>])).toThrow(message);
  });
});
