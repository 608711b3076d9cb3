import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import type { Dataset, Problem } from "../../src/types.js";
import { withBatchArms } from "../../src/plan/batchArms.js";
import { prices, problem, work } from "./priced.js";

const inf = Infinity;

describe("batches", () => {
  const waits = (texts: string[], name = "deadline_hours"): Dataset => ({
    ...work,
    columns: new Map([[name, texts]]),
  });

  it("are models at the table's part, or a given one, for queries that can wait a day", () => {
    const models = new Map([
      ["small", undefined],
      ["large", 0.125],
    ]);
    const wide = withBatchArms(problem, waits(["23.9", "24", ""]), { models }, prices);
    expect(wide.models).toEqual(["small", "large", "other", "small@batch", "large@batch"]);
    // The larger of input's and output's parts, so that a plan never promises too much.
    expect([...wide.cost]).toEqual([1, 4, 2, inf, inf, 1, 4, 2, 0.5, 0.5, 1, 4, 2, 0.5, 0.5]);
    expect([...wide.successProbability.subarray(3, 5)]).toEqual([0.5, Math.fround(0.9)]);
  });

  it("take the deadlines from the column that is named", () => {
    const batch = { models: new Map([["small", 0.5]]), deadlineColumn: "hours" };
    const wide = withBatchArms(problem, waits(["1", "", "48"], "hours"), batch);
    expect([3, 7, 11].map((option) => wide.cost[option])).toEqual([inf, 0.5, 0.5]);
  });

  it.each([
    ["an unknown model", new Map([["nobody", 0.5]]), undefined, waits(["1", "2", "3"]), /nobody/],
    [
      "a model without batch price",
      new Map([["large", undefined]]),
      undefined,
      work,
      /no batch price of model large/,
    ],
    ["a wrong deadline", new Map([["small", 0.5]]), undefined, waits(["1", "soon", ""]), /q2 is soon/],
    ["a negative deadline", new Map([["small", 0.5]]), undefined, waits(["1", "-1", ""]), /q2 is -1/],
    [
      "a column that is not there",
      new Map([["small", 0.5]]),
      "hours",
      waits(["1", "2", "3"]),
      /column hours/,
    ],
  ])("refuse %s", (_, models: Map<string, number | undefined>, deadlineColumn, rows, message) => {
    const run = (): Problem => withBatchArms(problem, rows, { models, deadlineColumn }, prices);
    expect(run).toThrow(InputError);
    expect(run).toThrow(message);
  });
});
