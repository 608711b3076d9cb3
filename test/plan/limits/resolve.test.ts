import { describe, expect, it } from "vitest";
import { parseGroupFloor, parseLatency, parseLimit, parseShare } from "../../../src/plan/limits/grammar.js";
import type { Limits } from "../../../src/plan/limits/read.js";
import { resolveLimits } from "../../../src/plan/limits/resolve.js";
import { tokensOf } from "../../../src/plan/limits/tokens.js";
import type { Dataset, Problem } from "../../../src/types.js";
import { tablePredictor, workOf } from "../table.js";

const queries = 4;
const problem: Problem = {
  models: ["small", "large", "large@batch"],
  cost: Float64Array.from({ length: 3 * queries }, (_, o) => [1, 8, 4][o % 3]),
  successProbability: new Float32Array(3 * queries).fill(0.5),
};
const columns = new Map([
  ["tenant", ["a", "b", "a", ""]],
  ["language", ["en", "en", "en", "en"]],
]);
const tokens = (sums: number[]) => ({
  input: Float32Array.from(sums),
  output: new Float32Array(sums.length).fill(1),
});
const work: Dataset = {
  ...workOf({ ...problem, models: ["small", "large"], cost: new Float64Array(8).fill(1) }),
  columns,
  tokens: tokens([9, 99, 9, NaN, 9, 99, 9, 99]),
};
const predictor = tablePredictor(problem);
const budget = (value: string): Limits["specs"][number] => ({
  ...{ measure: "cost", as: "total", side: "atMost", value: 5 },
  group: { column: "tenant", value },
});
const resolve = (specs: Limits["specs"], more: { gone?: string[]; latencyOf?: Limits["latencyOf"] } = {}) =>
  resolveLimits({ specs, latencyOf: more.latencyOf ?? [] }, problem, work, predictor, { gone: more.gone });

describe("limits on a problem", () => {
  it("are a constraint for each value of a column, and name models by patterns", async () => {
    const specs = [parseGroupFloor("tenant: 60%"), parseShare("large* <= 50%")];
    const { constraints, notes, problem: grouped } = await resolve(specs);
    expect(constraints.map(({ name }) => name)).toEqual([
      "tenant=a: at least 60%",
      "tenant=b: at least 60%",
      "tenant=(blank): at least 60%",
      "large* <= 50% of queries",
    ]);
    expect(constraints[3].models).toEqual(["large", "large@batch"]);
    expect([...grouped.groups!.tenant]).toEqual([0, 1, 0, 2]);
    expect(notes).toEqual([
      expect.stringContaining("1 row has no value in column tenant; it is a group of its own"),
    ]);
  });

  it("say which batches they do not count, and which groups have no budget", async () => {
    const { notes } = await resolve([parseLimit("large: 2 queries"), budget("a")]);
    expect(notes[0]).toBe(
      'limit "large: at most 2 queries" does not count large@batch: a batch is a model of its own',
    );
    expect(notes.at(-1)).toBe("2 values of column tenant have no budget of their own: b, (blank)");
  });

  it("that are about nothing are left out with a note; lower ones are errors", async () => {
    const { constraints, notes } = await resolve([parseLimit("old: 2 queries"), budget("a"), budget("z")], {
      gone: ["old"],
    });
    expect(constraints).toHaveLength(1);
    expect(notes[0]).toBe(
      '2 limits are about models that are gone or groups without rows, and left out: "old: at most 2 queries", "tenant=z: at most $5"',
    );
    const alone = await resolve([budget("z")]);
    expect(alone.notes[0]).toBe(
      'the limit "tenant=z: at most $5" is left out: its models are gone, or its group has no rows',
    );
    await expect(resolve([parseGroupFloor("lang: 80%")])).rejects.toThrow(
      'limit "lang: at least 80%": no row has a value in column lang to group by',
    );
    await expect(resolve([parseLimit("old: at least 2 queries")], { gone: ["old"] })).rejects.toThrow(
      "no model old",
    );
    await expect(resolve([parseLimit("odl: 2 queries")], { gone: ["old"] })).rejects.toThrow("no model odl");
    await expect(resolve([parseGroupFloor("language=fr: 80%")])).rejects.toThrow(
      "no row has fr in column language; it holds en",
    );
  });

  it("take a model's own latency before a pattern's", async () => {
    const mean = parseLatency("mean <= 1.2s");
    const latencyOf = [
      { models: "*", seconds: 1 },
      { models: "large", seconds: 3 },
    ];
    const { constraints } = await resolve([mean], { latencyOf });
    expect(constraints[0].measure).toEqual({ perModel: { small: 1, large: 3, "large@batch": 1 } });
    await expect(resolve([mean], { latencyOf: latencyOf.slice(1) })).rejects.toThrow(
      'how long model "small" takes',
    );
    const more = (models: string) => resolve([mean], { latencyOf: [...latencyOf, { models, seconds: 2 }] });
    await expect(more("lrage")).rejects.toThrow('--latency-of "lrage=2s": no model lrage; there are small');
    await expect(more("*")).rejects.toThrow('--latency-of "*=2s": * has 1s already');
  });

  it("are at most 64 constraints", async () => {
    const specs = Array.from({ length: 65 }, (_, k) => parseLimit(`small: ${k} queries`));
    await expect(resolve(specs)).rejects.toThrow("the limits are 65, where one on a column counts");
  });
});

describe("tokens of options", () => {
  it("are those of the work, also for a batch", async () => {
    const known = { ...work, tokens: tokens([9, 99, 9, 49, 9, 99, 9, 99]) };
    const { tokens: found, notes } = await tokensOf(problem, known, predictor, ["large", "large@batch"], {});
    expect([...found]).toEqual([0, 100, 100, 0, 50, 50, 0, 100, 100, 0, 100, 100]);
    expect(notes).toEqual([]);
  });

  it("are predicted from the labelled sample where the work has none, and say so", async () => {
    const sample: Dataset = {
      ...work,
      queries: Array.from({ length: queries }, (_, q) => `text ${q}`),
      tokens: tokens([9, 99, 9, 99, 9, 99, 9, 99]),
    };
    const { tokens: found, notes } = await tokensOf(problem, work, sample, ["large"], { seed: 1 });
    expect([found[1], found[7]]).toEqual([100, 100]);
    expect(found[4]).toBeGreaterThan(50);
    expect(found[4]).toBeLessThan(200);
    expect(notes[0]).toContain('tokens of model "large" are predicted from 4 recorded ones');
  });

  it("that nobody records are refused, naming the columns", async () => {
    const refused = (source: Parameters<typeof tokensOf>[2]) =>
      tokensOf(problem, work, source, ["large"], {});
    await expect(refused(predictor)).rejects.toThrow(
      "expected columns large__input_tokens and large__output_tokens",
    );
    await expect(refused({ ...work, tokens: undefined })).rejects.toThrow(
      "neither the work nor the labelled sample",
    );
    await expect(refused({ ...work, tokens: tokens(new Array<number>(8).fill(NaN)) })).rejects.toThrow(
      "neither",
    );
  });
});
