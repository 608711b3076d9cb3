import { describe, expect, it } from "vitest";
import { InputError } from "../../../src/errors.js";
import { Classes, groupWeights } from "../../../src/solve/constraints/queries/classes.js";
import { inline } from "../../../src/pool/runner.js";
import { columnNamed, refuseLarge, refuseLargeOf } from "../../../src/solve/constraints/queries/columns.js";
import { nameOf, type Constraint } from "../../../src/solve/constraints/constraint.js";
import { COST, groupsOf, ONE, PROBABILITY, rowsOf } from "../../../src/solve/constraints/rows.js";

const MODELS = ["small", "large", "huge"];
const rows = (constraint: Constraint, weight = 10) => {
  groupsOf([constraint]);
  return rowsOf(MODELS, [constraint], [weight]);
};
const wrong = (constraint: unknown) => () => rows(constraint as Constraint);

describe("rows of constraints", () => {
  it("turn a capacity, in queries or in a column, into one row", () => {
    const { rows: found, columns } = rows({ measure: { column: "tokens" }, models: ["large"], atMost: 30 });
    expect(columns).toEqual(["tokens"]);
    expect(found).toMatchObject([{ sign: 1, bound: 30, terms: [{ column: 3 }] }]);
    expect([...found[0].terms[0].factor]).toEqual([0, 1, 0]);
  });

  it("turn both limits of a constraint into two rows, of opposite signs", () => {
    const { rows: found } = rows({ models: ["small"], atMost: 7, atLeast: 2 });
    expect(found.map(({ bound }) => bound)).toEqual([7, -2]);
    expect([...found[1].terms[0].factor]).toEqual([-1, -0, -0]);
    expect(found[0].terms[0].column).toBe(ONE);
  });

  it("take a share of what all models have", () => {
    const [row] = rows({ measure: "cost", models: ["small"], as: "share", atLeast: 0.25 }).rows;
    expect([...row.terms[0].factor]).toEqual([-0.75, 0.25, 0.25]);
    expect(row).toMatchObject({ bound: 0, terms: [{ column: COST }], over: { column: COST } });
  });

  it("take a mean over all queries of a group, or over those that some models answer", () => {
    const [floor] = rows(
      { measure: "accuracy", group: { column: "tenant", ids: [1] }, atLeast: 0.5 },
      8,
    ).rows;
    expect(floor).toMatchObject({ bound: -4, form: "mean", terms: [{ column: PROBABILITY }] });
    const [some] = rows({ measure: "accuracy", models: ["small"], atLeast: 0.5 }).rows;
    expect(some.bound).toBe(0);
    expect(some.terms.map(({ factor }) => [...factor])).toEqual([
      [-1, -0, -0],
      [0.5, 0, 0],
    ]);
  });

  it.each([
    [{ models: null, atMost: 1 }, "models names no model"],
    [{ group: null, atMost: 1 }, "group is null; expected { column, ids }"],
    [{ group: "tenant", atMost: 1 }, "group is tenant; expected { column, ids }"],
    [{ group: { column: "tenant" }, atMost: 1 }, "group.ids names no group"],
    [{ measure: null, atMost: 1 }, "measure is null; expected queries"],
  ])("of %j, as a file may hold them, are refused in words", (constraint, problem) => {
    expect(wrong(constraint)).toThrow(InputError);
    expect(wrong(constraint)).toThrow(problem);
  });

  it("take a figure per model", () => {
    const perModel = { small: 1, large: 2, huge: 5 };
    const [row] = rows({ measure: { perModel }, as: "mean", atMost: 3 }).rows;
    expect([...row.terms[0].factor]).toEqual([1, 2, 5]);
    expect(row).toMatchObject({ bound: 30, terms: [{ column: ONE }] });
  });

  it("describe themselves where they have no name", () => {
    expect(nameOf({ models: ["small"], atMost: 20 })).toBe("at most 20 queries of small");
    expect(nameOf({ measure: "accuracy", group: { column: "tenant", ids: [3] }, atLeast: 0.8 })).toBe(
      "at least 0.8 mean accuracy where tenant is 3",
    );
    expect(nameOf({ models: MODELS.concat("x"), as: "share", atLeast: 0.1 })).toBe(
      "at least 0.1 of all queries of small, large, huge and 1 more",
    );
  });

  it.each<[string, unknown, RegExp]>([
    ["no limit", { models: ["small"] }, /constraint 1 \(.*it has no limit/],
    ["a limit that is NaN", { name: "cap", atMost: NaN }, /constraint 1 \(cap\): atMost is NaN/],
    ["an infinite limit", { atLeast: Infinity }, /atLeast is Infinity/],
    ["a huge limit", { atMost: 1e13 }, /10¹²/],
    ["limits that exclude each other", { atMost: 1, atLeast: 2 }, /exclude each other/],
    ["a share above 1", { as: "share", models: ["small"], atMost: 1.5 }, /a share, 0 … 1/],
    ["a share of all models", { as: "share", atMost: 0.5 }, /name some in models/],
    ["an unknown form", { as: "median", atMost: 0.5 }, /as is median/],
    ["an unknown model", { models: ["tiny"], atMost: 1 }, /model "tiny" is not one of the problem's/],
    ["no model", { models: [], atMost: 1 }, /names no model/],
    ["a measure that is none", { measure: "dollars", atMost: 1 }, /measure is "dollars"/],
    ["a model without a figure", { measure: { perModel: { small: 1 } }, atMost: 1 }, /"large" is undefined/],
    [
      "a figure from a prototype",
      {
        measure: { perModel: JSON.parse('{"__proto__":{"small":1,"large":1,"huge":1}}') as object },
        atMost: 1,
      },
      /figure of model "small"/,
    ],
    ["a group without ids", { group: { column: "tenant", ids: [] }, atMost: 1 }, /names no group/],
    ["a group id that is negative", { group: { column: "tenant", ids: [-1] }, atMost: 1 }, /group id -1/],
    ["null", null, /constraint 1 is null/],
  ])("refuse %s", (_, constraint, message) => {
    expect(wrong(constraint)).toThrow(InputError);
    expect(wrong(constraint)).toThrow(message);
  });

  it("refuse a positive floor on a group that has no query, and more than 64 constraints", () => {
    const floor: Constraint = { measure: "accuracy", group: { column: "tenant", ids: [9] }, atLeast: 0.5 };
    expect(() => rows(floor, 0)).toThrow(/no query is in its group/);
    expect(rows({ ...floor, atLeast: undefined, atMost: 0.5 }, 0).rows).toHaveLength(1);
    expect(() => groupsOf(new Array<Constraint>(65).fill(floor))).toThrow(
      /65 constraints; expected at most 64/,
    );
  });
});

describe("classes of queries", () => {
  const groups = {
    tenant: Uint16Array.of(0, 1, 2, 1, 0, 3),
    language: Uint32Array.of(7, 7, 100_000, 8, 7, 8),
  };

  it("are the queries in the groups of the same constraints", () => {
    const classes = new Classes([
      { column: "tenant", ids: [1] },
      undefined,
      { column: "language", ids: [100_000, 7] },
      { column: "tenant", ids: [1, 3] },
    ]);
    const of = classes.of({ groups }, 6)!;
    const lists = Array.from(of, (g) => classes.lists[g].join());
    expect(lists).toEqual(["1,2", "0,1,2,3", "1,2", "0,1,3", "1,2", "1,3"]);
    const weights = new Float64Array(classes.lists.length);
    of.forEach((g, q) => (weights[g] += 2 ** q));
    expect([...groupWeights(classes.lists, weights, 4)]).toEqual([10, 63, 23, 42]);
  });

  it("have the same numbers whatever the blocks are", () => {
    const asked = [
      { column: "tenant", ids: [1, 3] },
      { column: "language", ids: [7] },
    ];
    const [whole, parts] = [new Classes(asked), new Classes(asked)];
    const part = (from: number, to: number): Uint16Array =>
      parts.of(
        {
          groups: { tenant: groups.tenant.subarray(from, to), language: groups.language.subarray(from, to) },
        },
        to - from,
      )!;
    expect([part(0, 1), part(1, 4), part(4, 6)].flatMap((of) => [...of])).toEqual([
      ...whole.of({ groups }, 6)!,
    ]);
    expect(parts.lists).toEqual(whole.lists);
    expect(new Classes([undefined]).of({}, 6)).toBeUndefined();
  });

  it("need a column of the right type and length, which is the problem's own", () => {
    const by = (column: string): Classes => new Classes([{ column, ids: [1] }]);
    expect(() => by("toString").of({ groups }, 6)).toThrow(/"toString"/);
    expect(() => by("tenant").of({ groups }, 5)).toThrow(/6 values; expected 5/);
  });

  it("are at most 4,096", () => {
    const many = { many: Uint32Array.from({ length: 20_000 }, (_, q) => q) };
    const bits = Array.from({ length: 14 }, (_, bit) => ({
      column: "many",
      ids: Array.from({ length: 20_000 }, (_, id) => id).filter((id) => (id >> bit) & 1),
    }));
    expect(() => new Classes(bits).of({ groups: many }, 20_000)).toThrow(/more than 4096 classes/);
    const classes = new Classes(bits.slice(0, 12));
    classes.of({ groups: many }, 20_000);
    expect(classes.lists).toHaveLength(4096);
  });
});

describe("amounts of a column", () => {
  const problem = {
    models: ["a", "b"],
    cost: Float32Array.of(1, Infinity, 1, 2),
    successProbability: new Float32Array(4),
    columns: {
      tokens: Float32Array.of(1, NaN, 3, 4),
      bad: Float32Array.of(1, 2, NaN, 4),
      short: new Float32Array(3),
    },
  };

  it("may be anything where the model must not answer, and are finite elsewhere", () => {
    expect(columnNamed(problem, "tokens")).toBe(problem.columns.tokens);
    expect(() => columnNamed(problem, "short")).toThrow(/3 values; expected 4/);
    expect(() => columnNamed(problem, "constructor")).toThrow(/no Float32Array or Float64Array of that name/);
    expect(() => refuseLarge(problem, "tokens")).not.toThrow();
    expect(() => refuseLarge(problem, "bad")).toThrow(/bad of query 1, model "a" is NaN/);
  });

  it("are looked through by jobs as on the calling thread", async () => {
    const { tokens, bad } = problem.columns;
    await refuseLargeOf(problem, "tokens", tokens, { runner: inline });
    const refused = refuseLargeOf(problem, "bad", bad, { runner: inline });
    await expect(refused).rejects.toThrow(/bad of query 1, model "a" is NaN/);
  });
});
