import { availableParallelism } from "node:os";
import { describe, expect, it } from "vitest";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import type { Constraint } from "../../src/solve/constraints/constraint.js";
import type { Limit } from "../../src/solve/constraints/result.js";
import { Random } from "../../src/random.js";
import type { Target } from "../../src/solve/target.js";
import { running, until } from "./running.js";

const f = await running("server-solve-limits", (config) => ({
  ...config,
  limits: { solveQueue: 1, bodyBytes: 64 * 2 ** 20 },
}));
const MODELS = ["a/small", "a/large", "b/large"];
const QUERIES = 120;
const random = new Random(11);
const matrix = (scale: (m: number) => number, queries = QUERIES): number[][] =>
  Array.from({ length: queries }, () => MODELS.map((_, m) => Math.round(scale(m) * (1 + random.uniform()))));
const cost = matrix((m) => 10 * 4 ** m).map((row) => row.map((micros) => micros / 1e6));
const tokens = matrix(() => 500);
const successProbability = cost.map((row) =>
  row.map((_, m) => Math.fround(0.3 + 0.2 * m + 0.25 * random.uniform())),
);
const teams = cost.map((_, q) => ["north", "south", "west"][q % 3]);
const body = { models: MODELS, cost, successProbability };
const problem = {
  models: MODELS,
  cost: Float64Array.from(cost.flat()),
  successProbability: Float32Array.from(successProbability.flat()),
  columns: { tokens: Float64Array.from(tokens.flat()) },
  groups: { team: Uint32Array.from(teams, (_, q) => q % 3) },
};

interface Answer {
  status: string;
  limits: (Omit<Limit, "price"> & { price: { accuracy: number; dollars: number | string } })[];
}
async function solved(more: object): Promise<Answer> {
  const answer = await f.post("/v1/solve", { ...body, ...more });
  const { object, ...choice } = (await answer.json()) as Answer & { object: string };
  expect([answer.status, object]).toEqual([200, "choice"]);
  return choice;
}
/** What the library answers, as JSON; constraints are called as in the answer. */
async function library(target: Target, constraints: Constraint[], names: Answer): Promise<unknown> {
  const named = constraints.map((constraint, k) => ({
    name: names.limits.find((limit) => limit.constraint === k)!.name,
    ...constraint,
  }));
  const result = await chooseUnder(problem, named, target);
  return JSON.parse(
    JSON.stringify(result, (_, value: unknown) => {
      if (value instanceof Uint8Array) return Array.from(value);
      return typeof value === "number" && !Number.isFinite(value) ? String(value) : value;
    }),
  );
}

const north = { column: "team", ids: [0] };
const CASES: [string, object, Constraint[]][] = [
  ["limit: queries", { limit: "b/large: 30 queries" }, [{ models: ["b/large"], atMost: 30 }]],
  [
    "limit and spend of a pattern",
    { limit: ["a/*: at least 60 queries"], spend: { "b/*": "at least $0.002" } },
    [
      { models: ["a/small", "a/large"], atLeast: 60 },
      { models: ["b/large"], measure: "cost", as: "total", atLeast: 0.002 },
    ],
  ],
  [
    "limit: tokens",
    { limit: { "b/large": "40000 tokens" } },
    [{ models: ["b/large"], measure: { column: "tokens" }, atMost: 40_000 }],
  ],
  ["share", { share: "a/small >= 30%" }, [{ models: ["a/small"], as: "share", atLeast: 0.3 }]],
  [
    "group-budget and group-floor",
    { "group-budget": { team: { north: 0.002 } }, "group-floor": "team=south: 60%" },
    [
      { measure: "cost", group: north, atMost: 0.002 },
      { measure: "accuracy", as: "mean", group: { column: "team", ids: [1] }, atLeast: 0.6 },
    ],
  ],
  [
    "latency",
    { latency: "mean <= 1.7s", "latency-of": { "a/small": "400ms", "*": "2s" } },
    [{ measure: { perModel: { "a/small": 0.4, "a/large": 2, "b/large": 2 } }, as: "mean", atMost: 1.7 }],
  ],
];

describe("constraints of /v1/solve", () => {
  it.each(CASES)("as in a file, %s: the library's choice", async (_, constraints, own) => {
    for (const target of [{ budget: 0.01 }, { accuracy: 0.7 }] as Target[]) {
      const answer = await solved({ target, constraints, columns: { tokens }, groups: { team: teams } });
      expect(answer.status).toBe("chosen");
      expect(answer).toEqual(await library(target, own, answer));
    }
  });

  it("with prices that are infinite, where money buys no accuracy", async () => {
    const [target, constraints] = [{ budget: 10 }, [{ models: ["b/large"], atMost: 30 }]];
    const answer = await solved({ target, constraints });
    expect(answer.limits[0]).toMatchObject({
      price: { dollars: "Infinity" },
      unitPrice: { dollars: "Infinity" },
    });
  });

  it("as the library's own list, on numbered groups", async () => {
    const constraints: Constraint[] = [
      { name: "north's money", measure: "cost", group: north, atMost: 0.002 },
      { models: ["b/large"], as: "share", atMost: 0.2 },
    ];
    const target = { knee: true } as const;
    const answer = await solved({ target, constraints, groups: { team: [...problem.groups.team] } });
    expect(answer).toEqual(await library(target, constraints, answer));
    expect(answer.limits[0].name).toBe("north's money");
  });

  it("that conflict are a result, with what conflicts", async () => {
    const constraints = { limit: ["a/*: at most 20 queries"], spend: "b/*: at most $0.003" };
    const answer = await solved({ target: { knee: true }, constraints });
    expect(answer).toMatchObject({ status: "infeasible", proof: "relaxation" });
    const { conflict } = answer as unknown as { conflict: { name: string }[] };
    expect(conflict.map(({ name }) => name).sort()).toEqual([
      "a/*: at most 20 queries",
      "b/*: at most $0.003",
    ]);
    const own: Constraint[] = [
      { models: ["a/small", "a/large"], atMost: 20 },
      { models: ["b/large"], measure: "cost", atMost: 0.003 },
    ];
    expect(answer).toEqual(await library({ knee: true }, own, answer));
  });
});

it("a client that hangs up stops its problem, and the thread and the place in the queue are free again", async () => {
  const queries = 6_000;
  const many = <T>(rows: T[]): T[] => Array.from({ length: queries }, (_, q) => rows[q % QUERIES]);
  const long = JSON.stringify({
    ...{ models: MODELS, cost: many(cost), successProbability: many(successProbability) },
    target: { budget: 0.2 },
    constraints: {
      share: ["a/small >= 21.7%", "b/large <= 31.3%"],
      "group-floor": "team: 62%",
      "group-budget": { team: { north: 0.0611, south: 0.0733 } },
    },
    groups: { team: many(teams) },
  });
  const places = Math.max(1, availableParallelism() - 1) + 1;
  const controller = new AbortController();
  const asked = new Set<Promise<Response>>();
  let refused: Response | undefined;
  // One more than there are places: one is refused, or one has ended, and there is room for another.
  while (refused === undefined) {
    while (asked.size <= places) asked.add(f.post("/v1/solve", long, { signal: controller.signal }));
    const [ended, answer] = await Promise.race([...asked].map(async (one) => [one, await one] as const));
    asked.delete(ended);
    if (answer.status === 503) refused = answer;
  }
  expect(refused.headers.get("retry-after")).toBe("1");
  controller.abort();
  await Promise.allSettled(asked);
  const isHungUp = ({ error }: { error: string | undefined }): boolean => error === "client_closed_request";
  await until(() => f.outcomes.filter(isHungUp).length >= places, "the ends");
  const answer = await solved({ target: { knee: true }, constraints: { limit: "b/large: 30 queries" } });
  expect(answer.status).toBe("chosen");
});
