import { describe, expect, it } from "vitest";
import { Solver } from "../../src/server/solve/solver.js";
import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { Random } from "../../src/random.js";
import type { Target } from "../../src/solve/target.js";
import { running } from "./running.js";

const f = await running("server-solve", (config) => ({
  ...config,
  limits: { solveQueue: 1, bodyBytes: 64 * 2 ** 20 },
}));

function problemOf(queries: number, models: number) {
  const random = new Random(7);
  const cost = Float64Array.from(
    { length: queries * models },
    (_, k) => Math.round(1 + random.uniform() * 1e3 * (1 + (k % models))) / 1e6,
  );
  const successProbability = Float32Array.from(cost, () => random.uniform());
  return { models: Array.from({ length: models }, (_, m) => `m${m}`), cost, successProbability };
}
const rowsOf = (values: ArrayLike<number>, columns: number): number[][] =>
  Array.from({ length: values.length / columns }, (_, q) =>
    Array.from({ length: columns }, (_, m) => values[q * columns + m]),
  );

function npy(values: Float64Array | Float32Array, rows: number, columns: number): Blob {
  const type = values instanceof Float64Array ? "<f8" : "<f4";
  const head = `{'descr': '${type}', 'fortran_order': False, 'shape': (${rows}, ${columns}), }`;
  const length = Buffer.alloc(2);
  length.writeUInt16LE(head.length);
  const start = Buffer.concat([
    Buffer.from("\u0093NUMPY", "latin1"),
    Buffer.from([1, 0]),
    length,
    Buffer.from(head),
  ]);
  return new Blob([new Uint8Array(start), new Uint8Array(values.buffer as ArrayBuffer)]);
}
function formOf(queries: number, models: number, target: Target): FormData {
  const problem = problemOf(queries, models);
  const form = new FormData();
  form.set("problem", JSON.stringify({ models: problem.models, target }));
  form.set("cost", npy(problem.cost, queries, models), "cost.npy");
  form.set("successProbability", npy(problem.successProbability, queries, models), "p.npy");
  return form;
}
async function postForm(form: FormData): Promise<Response> {
  const whole = new Response(form);
  const headers = { "content-type": whole.headers.get("content-type")! };
  const { authorization } = { authorization: `Bearer test-key-of-the-client` };
  return fetch(`${f.url}/v1/solve`, {
    method: "POST",
    headers: { ...headers, authorization },
    body: await whole.arrayBuffer(),
  });
}
const asText = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_, one: unknown) => (one instanceof Uint8Array ? Array.from(one) : one)));

describe("POST /v1/solve", () => {
  it("gives the library's choice, of a small problem as JSON", async () => {
    const problem = problemOf(100, 6);
    const body = {
      models: problem.models,
      cost: rowsOf(problem.cost, 6),
      successProbability: rowsOf(problem.successProbability, 6),
    };
    for (const target of [
      { budget: 0.05 },
      { accuracy: 0.8 },
      { knee: true },
      { matchBest: true },
    ] as Target[]) {
      const answer = await f.post("/v1/solve", { ...body, target });
      expect(answer.status).toBe(200);
      const { object, ...choice } = (await answer.json()) as { object: string };
      expect(object).toBe("choice");
      expect(choice).toEqual(asText(await choose(await solveFront(problem), target)));
    }
    const poor = await f.post("/v1/solve", { ...body, target: { budget: 0 } });
    expect(await poor.json()).toMatchObject({ status: "infeasible" });
  });

  it("gives the same of a large one from .npy files, on a thread", async () => {
    const target = { budget: 3 };
    const answer = await postForm(formOf(5_000, 6, target));
    const { object, ...choice } = (await answer.json()) as { object: string };
    expect(object).toBe("choice");
    expect(choice).toEqual(asText(await choose(await solveFront(problemOf(5_000, 6)), target)));
  });

  it("takes weights, forbidden models, and null for a model that must not answer", async () => {
    const answer = await f.post("/v1/solve", {
      models: ["a", "b"],
      cost: [
        [1, 2],
        [null, 3],
        [1, 9],
      ],
      successProbability: [
        [0.5, 0.9],
        [0.9, 0.1],
        [0.5, 0.9],
      ],
      weight: [1, 2, 1],
      allowed: [
        [1, 1],
        [1, 1],
        [true, false],
      ],
      minProbability: [0.6, 0, 0],
      target: { knee: true },
    });
    expect(await answer.json()).toMatchObject({
      status: "chosen",
      allocation: [1, 1, 0],
      totalCost: 2 + 6 + 1,
    });
  });

  const good = {
    models: ["a", "b"],
    cost: [[1, 2]],
    successProbability: [[0.5, 0.9]],
    target: { budget: 2 },
  };
  it.each([
    [{ ...good, models: undefined }, "models"],
    [{ ...good, models: ["a", 5] }, "models[1]"],
    [{ ...good, models: ["a", "a"] }, "models"],
    [{ ...good, cost: undefined }, "cost"],
    [{ ...good, cost: [[1]] }, "cost[0]"],
    [{ ...good, cost: [[1, "2"]] }, "cost[0][1]"],
    [{ ...good, cost: [[1, -2]] }, "cost"],
    [{ ...good, cost: [] }, "cost"],
    [{ ...good, successProbability: [[0.5, 1.5]] }, "successProbability"],
    [{ ...good, successProbability: [[0.5, null]] }, "successProbability[0][1]"],
    [
      {
        ...good,
        successProbability: [
          [0.5, 1],
          [1, 1],
        ],
      },
      "successProbability",
    ],
    [{ ...good, weight: [0] }, "weight"],
    [{ ...good, target: undefined }, "target"],
    [{ ...good, target: { budget: 1, knee: true } }, "target"],
    [{ ...good, target: { budget: "1" } }, "target.budget"],
    [{ ...good, refine: 1 }, "refine"],
    [{ ...good, constraints: 5 }, "constraints"],
    [{ ...good, constraints: [{ atMost: 1, models: "a" }] }, "constraints[0].models"],
    [{ ...good, constraints: [{ atMost: 1, models: ["c"] }] }, "constraints.0.models"],
    [{ ...good, constraints: [{ models: ["a"] }] }, "constraints.0.atMost"],
    [{ ...good, constraints: { limits: "a: 1 queries" } }, "constraints"],
    [{ ...good, constraints: { limit: 3 } }, "constraints.limit"],
    [{ ...good, constraints: { "group-floor": "language: 80%" } }, "groups"],
    [{ ...good, constraints: { limit: "a: 5 tokens" } }, "columns"],
    [{ ...good, constraints: { "group-budget": { team: { a: -1 } } } }, "constraints.group-budget.team.a"],
    [{ ...good, constraints: { "group-budget": "/etc/passwd" } }, "constraints.group-budget"],
    [{ ...good, groups: { team: ["a"] } }, "groups"],
    [{ ...good, refine: false, constraints: [{ atMost: 1 }] }, "refine"],
    [{ ...good, constraints: [{ atMost: 1 }], groups: { team: ["a"] } }, "groups.team[0]"],
    [{ ...good, constraints: [{ atMost: 1 }], columns: { tokens: [[1]] } }, "columns.tokens[0]"],
    [{ ...good, costs: [] }, "costs"],
    [JSON.parse('{"__proto__": 1, "models": ["a"], "target": {"knee": true}}'), "__proto__"],
  ])("refuses %j and names %s", async (body, param) => {
    const answer = await f.post("/v1/solve", body);
    expect(answer.status).toBe(400);
    expect(await answer.json()).toMatchObject({ error: { param, type: "invalid_request_error" } });
  });

  it("refuses files that are none, parts that are missing, and forms elsewhere", async () => {
    const none = formOf(3, 2, { knee: true });
    none.set("cost", new Blob(["no file"]), "cost.npy");
    expect(await (await postForm(none)).text()).toContain("cost: not a NumPy .npy file");
    const lacking = formOf(3, 2, { knee: true });
    lacking.delete("problem");
    expect(await (await postForm(lacking)).text()).toContain("the part problem is missing");
    const wrong = formOf(3, 2, { knee: true });
    wrong.set("cost", npy(new Float64Array(9).fill(1), 3, 3), "cost.npy");
    expect(await (await postForm(wrong)).text()).toContain("cost has 3 columns; expected 2");
    const headers = { "content-type": "multipart/form-data; boundary=x" };
    const cut = await f.post("/v1/solve", "--x\r\nno", { headers });
    expect([cut.status, await cut.text()]).toEqual([400, expect.stringContaining("multipart")]);
    expect((await f.post("/v1/chat/completions", "--x--", { headers })).status).toBe(415);
    const unkeyed = await fetch(`${f.url}/v1/solve`, { method: "POST", body: "{}" });
    expect(unkeyed.status).toBe(401);
  });

  it("solves small problems that take long on a thread, once their client has sent some", async () => {
    const solver = new Solver(1, 1);
    // Steps of one size: their sums meet again and again, and the search has thousands of states.
    const number = (k: number): number => ((k * 7_919) % 1_000) / 1_000;
    const values = Array.from({ length: 600 }, (_, k) => k);
    const problem = {
      models: ["a", "b", "c", "d", "e", "f"],
      cost: Float64Array.from(values, (k) => 0.01 * number(k + 0.01)),
      successProbability: Float32Array.from(values, (k) => number(k + 1)),
    };
    const task = { problem, target: { budget: 0.3 }, refine: true };
    const isHere = async (client?: string): Promise<boolean> => {
      let turns = 0;
      const counting = setInterval(() => turns++, 1);
      await solver.solve(task, new AbortController(), client);
      clearInterval(counting);
      return turns === 0;
    };
    const here = [];
    for (let k = 0; k < 4; k++) here.push(await isHere("slow"));
    expect(here).toEqual([true, true, true, false]);
    expect(await isHere("another")).toBe(true);
    await solver.close();
  });

  it("says 503 with retry-after when too many wait, and stops what nobody waits for", async () => {
    const solver = new Solver(1, 1);
    const controller = new AbortController();
    const task = { problem: problemOf(20_000, 10), target: { budget: 30 }, refine: true };
    const asked = Array.from({ length: 4 }, () => solver.solve(task, controller));
    const [busy] = await Promise.all([
      Promise.any(
        asked.map((one) =>
          one.then(
            () => Promise.reject(new Error("solved")),
            (error: unknown) => error,
          ),
        ),
      ),
    ]);
    expect(busy).toMatchObject({
      status: 503,
      code: "solver_busy",
      options: { headers: { "retry-after": "1" } },
    });
    controller.abort();
    const ends = await Promise.allSettled(asked);
    expect(ends.every(({ status }) => status === "rejected")).toBe(true);
    // The thread is free again.
    const small = { ...task, problem: problemOf(1_000, 6) };
    expect(await solver.solve(small, new AbortController())).toMatchObject({ status: "chosen" });
    await solver.close();
  });
});
