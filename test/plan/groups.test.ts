import { expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { groupsOf, GroupSums } from "../../src/plan/groups.js";

const values = {
  models: ["a", "b"],
  cost: Float32Array.of(1, 2, 1, 4, 1, 8, 1, 16),
  accuracy: Float32Array.of(0, 1, 0.5, 1, 0.25, 1, 0, 1),
};

it("sums up cost, accuracy and shares for each value of a column, the largest group first", () => {
  const sums = new GroupSums();
  sums.add(["math", "chat", "chat", ""], Uint8Array.of(0, 1, 0, 1), values);
  expect(sums.figures(["a", "b"])).toEqual([
    { group: "chat", queries: 2, cost: 5, accuracy: 0.625, shares: { a: 0.5, b: 0.5 } },
    { group: "", queries: 1, cost: 16, accuracy: 1, shares: { b: 1 } },
    { group: "math", queries: 1, cost: 1, accuracy: 0, shares: { a: 1 } },
  ]);
});

it("counts several allocations as one, per repeat", () => {
  const sums = new GroupSums();
  sums.add(["x", "x", "x", "y"], Uint8Array.of(1, 1, 1, 0), values);
  sums.add(["x", "y", "x", "y"], Uint8Array.of(0, 0, 0, 0), values);
  expect(sums.figures(["a", "b"], 2)).toEqual([
    { group: "x", queries: 2.5, cost: 8, accuracy: 3.25 / 5, shares: { a: 0.4, b: 0.6 } },
    { group: "y", queries: 1.5, cost: 1.5, accuracy: 0.5 / 3, shares: { a: 1 } },
  ]);
});

it("keeps hostile names apart from the object's own", () => {
  const sums = new GroupSums();
  sums.add(["__proto__", "constructor"], Uint8Array.of(0, 1), {
    ...values,
    models: ["__proto__", "toString"],
  });
  const [first, second] = sums.figures(["__proto__", "toString"]);
  expect([first.group, second.group]).toEqual(["__proto__", "constructor"]);
  expect(Object.entries(first.shares)).toEqual([["__proto__", 1]]);
});

it("refuses a column that is not there", () => {
  const dataset = { ids: ["1"], queries: [""], ...values, outcome: values.accuracy };
  expect(() => groupsOf(dataset, "tenant")).toThrow(InputError);
  expect(() => groupsOf({ ...dataset, columns: new Map([["tenant", [""]]]) }, "tenant")).toThrow(/tenant/);
});
