import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain, type Decision } from "../../src/online/decision.js";
import { memoryLedger } from "../../src/online/ledger/memory.js";
import { withoutOpen } from "../../src/online/limits/capacities.js";
import { policyLimits, type PolicyLimit } from "../../src/online/limits/policyLimit.js";
import { checkPolicy, type Policy } from "../../src/online/policy.js";
import { createRouter, type Router } from "../../src/online/router.js";
import type { RouterState } from "../../src/online/state.js";
import { chooseUnder } from "../../src/solve/constraints/choose.js";
import type { Constraint } from "../../src/solve/constraints/constraint.js";
import { runs } from "../runs.js";
import { modelsOf, rowOf, scoresOf } from "./scores.js";

const QUERIES = 400;
const MODELS = ["m0", "m1", "m2"];
const rows = Array.from({ length: QUERIES }, (_, q) => rowOf(String(q), 3));
/** Tokens of the rows: 100 of the prompt, and those of the answer that its cost is for. */
const tokens = Float32Array.from(
  rows.flatMap(({ cost }) => cost.map((c, m) => 100 + (1e6 * c - 10 * 4 ** m) / (0.5 * 4 ** m))),
);
const problem = {
  models: MODELS,
  cost: Float32Array.from(rows.flatMap(({ cost }) => cost)),
  successProbability: Float32Array.from(rows.flatMap(({ probability }) => probability)),
  columns: { tokens },
};

function policyWith(lambda: number, limits: PolicyLimit[]): Policy {
  return {
    optllm: "policy",
    version: 2,
    lambda: lambda === Infinity ? "Infinity" : lambda,
    models: MODELS,
    limits,
    predictor: "0".repeat(64),
    prices: "0".repeat(64),
    target: { budget: 1 },
    plan: { queries: QUERIES, totalCost: 1, expectedAccuracy: 0.5 },
  };
}

/** The policy of a plan under constraints. */
async function planned(constraints: Constraint[], budget: number) {
  const plan = await chooseUnder(problem, constraints, { budget });
  if (plan.status !== "chosen") throw new Error(plan.status);
  const { lambda } = plan;
  const policy = policyWith(lambda, policyLimits(MODELS, constraints, plan.limits, lambda));
  return { plan, policy: checkPolicy(JSON.parse(JSON.stringify(policy))) };
}

const clock = { time: 1e12 };
const routerOf = (policy: Policy, more: object = {}): Router =>
  createRouter({ scorer: scoresOf(), models: modelsOf(3), policy, now: () => clock.time, ...more });

function routed(router: Router, text: number, maxTokens = 300): Decision {
  const decision = router.route({ text: String(text), maxTokens });
  if (decision.status === "refused") throw new Error(explain(decision));
  return decision;
}

const settle = (router: Router, decision: Decision): boolean =>
  router.settle(decision, { inputTokens: 100, outputTokens: 150 });

const few = (name: string, capacity: number, models = ["m2"], price = 0): PolicyLimit => ({
  name,
  price,
  capacity,
  amounts: Object.fromEntries(models.map((model) => [model, { queries: 1 }])),
});

describe("a router with the limits of a plan", () => {
  it.each<[string, Constraint[]]>([
    ["a capacity", [{ models: ["m2"], atMost: 60 }]],
    ["tokens", [{ measure: { column: "tokens" }, models: ["m1", "m2"], atMost: 50_000 }]],
    ["spend", [{ measure: "cost", models: ["m2"], atMost: 0.05 }]],
    [
      "a share, a least use and a latency",
      [
        { models: ["m0"], as: "share", atLeast: 0.3 },
        { models: ["m1"], atLeast: 90 },
        { measure: { perModel: { m0: 1, m1: 2, m2: 5 } }, as: "mean", atMost: 2.2 },
      ],
    ],
  ])("decides its queries one by one as the plan allocates them: %s", async (_, constraints) => {
    const { plan, policy } = await planned(constraints, 0.2);
    const router = routerOf(policy, { calibrate: false });
    let [different, gain] = [0, 0];
    for (let q = 0; q < QUERIES; q++) {
      const decision = routed(router, q);
      const m = MODELS.indexOf(decision.model);
      gain += rows[q].probability[m];
      if (m !== plan.allocation[q]) different++;
      router.settle(decision, {
        cost: rows[q].cost[m],
        inputTokens: 100,
        outputTokens: tokens[3 * q + m] - 100,
      });
      for (const { used, reserved, capacity } of router.limits()) {
        expect(used + reserved).toBeLessThanOrEqual(capacity * (1 + 1e-9));
      }
    }
    expect(different).toBeLessThan(25);
    expect(gain / QUERIES).toBeGreaterThan(plan.expectedAccuracy - 0.01);
  });

  it("takes the price of a limit off the value of what uses it", () => {
    const free = routerOf(policyWith(100, [few("m2: 400", 400)]));
    const dear = routerOf(policyWith(100, [few("m2: 400", 400, ["m2"], 10)]));
    const used = (router: Router): number => {
      for (let q = 0; q < 100; q++) routed(router, q);
      return router.limits()[0].reserved;
    };
    expect(used(free)).toBeGreaterThan(10);
    expect(used(dear)).toBe(0);
  });

  it("closes a model whose capacity is used up, and says so", () => {
    const router = routerOf(policyWith(0, [few("m2: 5", 5), few("both: 8", 8, ["m1", "m2"])]));
    const models = Array.from({ length: 12 }, (_, q) => routed(router, q).model);
    expect(models.filter((name) => name === "m2").length).toBeLessThanOrEqual(5);
    expect(models.filter((name) => name !== "m0").length).toBe(8);
    const last = routed(router, 13);
    expect(last.excluded).toContainEqual({ model: "m2", why: "limit used up" });
    expect(explain(last)).toContain("limit used up");
    expect(last.fallbacks).toEqual([]);
  });

  it("refuses once no model has any capacity left", () => {
    const router = routerOf(policyWith(0, [few("all: 2", 2, MODELS)]));
    settle(router, routed(router, 1));
    routed(router, 2);
    expect(router.limits()).toEqual([{ name: "all: 2", capacity: 2, used: 1, reserved: 1, left: 0 }]);
    expect(router.route({ text: "3" })).toMatchObject({ status: "refused", cause: "models" });
  });

  it("gives back what a cancelled request held, and holds for a retry", () => {
    const router = routerOf(policyWith(0, [few("m2: 1", 1), few("m1: 1", 1, ["m1"])]));
    const first = routed(router, 1);
    expect(
      router
        .limits()
        .map(({ reserved }) => reserved)
        .reduce((a, b) => a + b),
    ).toBe(1);
    router.cancel(first, { failed: true });
    expect(router.limits().map(({ reserved }) => reserved)).toEqual([0, 0]);
    const next = router.retry(first);
    expect(next).toMatchObject({ status: "routed", reason: "fallback" });
    expect(
      router
        .limits()
        .map(({ reserved }) => reserved)
        .reduce((a, b) => a + b),
    ).toBe(1);
  });

  it("holds for a retry the tokens of the model that answers next", () => {
    const tokens = { name: "tokens", price: 0, capacity: 1_000, amounts: { m0: { tokens: 1 } } };
    const { m0, m1 } = modelsOf(3);
    const models = { m0: { ...m0, maxOutput: 600 }, m1: { ...m1, maxOutput: 200 } };
    const router = routerOf(policyWith(0, [tokens]), { models });
    const first = router.route({ text: "1" });
    if (first.status === "refused") throw new Error(explain(first));
    expect([first.model, first.outputTokens]).toEqual(["m1", 200]);
    router.cancel(first);
    expect(router.retry(first)).toMatchObject({ model: "m0", inputTokens: 100, outputTokens: 600 });
    expect(router.limits()[0].reserved).toBe(700);
    router.cancel(first);
    expect(router.retry(first)).toMatchObject({ status: "refused" });
  });

  it("counts what is never settled as used", () => {
    const router = routerOf(policyWith(0, [few("m2: 1", 1)]), { holdMs: 1000 });
    for (let q = 0; q < 40; q++) routed(router, q);
    expect(router.limits()[0]).toMatchObject({ used: 0, reserved: 1 });
    clock.time += 2000;
    expect(router.limits()[0]).toMatchObject({ used: 1, reserved: 0, left: 0 });
  });

  it("counts tokens and dollars at most, until they are known", () => {
    const limits: PolicyLimit[] = [
      {
        name: "tokens",
        price: 0,
        capacity: 1_000,
        amounts: { m0: { tokens: 1 }, m1: { tokens: 1 }, m2: { tokens: 1 } },
      },
      { name: "dollars", price: 0, capacity: 1, amounts: { m2: { dollars: 1 } } },
    ];
    const router = routerOf(policyWith(0, limits));
    const first = routed(router, 1, 800);
    expect(router.limits()[0].reserved).toBe(900);
    expect(router.route({ text: "2", maxTokens: 100 }).status).toBe("refused");
    router.settle(first, { inputTokens: 100, outputTokens: 50 });
    expect(router.limits()[0]).toMatchObject({ used: 150, reserved: 0, left: 850 });
    if (first.model === "m2") expect(router.limits()[1].used).toBeGreaterThan(0);
    expect(routed(router, 2, 100).status).toBe("routed");
  });

  it("saves and restores what was used, and what is under way", () => {
    const policy = policyWith(0, [few("m2: 20", 20), few("m1: 30", 30, ["m1"])]);
    const router = routerOf(policy);
    const open = Array.from({ length: 25 }, (_, q) => routed(router, q));
    open.slice(0, 10).forEach((decision) => settle(router, decision));
    const copy = routerOf(policy, { state: JSON.parse(JSON.stringify(router.state())) as object });
    expect(copy.limits()).toEqual(router.limits());
    for (const one of [router, copy]) {
      one.cancel(open[10]);
      settle(one, open[11]);
    }
    for (let q = 30; q < 80; q++) expect(routed(copy, q).model).toBe(routed(router, q).model);
    expect(copy.limits()).toEqual(router.limits());
    const damaged = { ...(router.state() as object), limits: { used: [["m2: 20", "all"]], open: [] } };
    expect(() => routerOf(policy, { state: damaged })).toThrow("state: limits is");
  });

  it("never exceeds a capacity, whatever happens to requests", () => {
    const step = fc.record({ text: fc.nat(500), end: fc.constantFrom("settle", "cancel", "leave", "retry") });
    const capacity = fc.integer({ min: 0, max: 12 });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), capacity, capacity, (steps, one, two) => {
        const router = routerOf(policyWith(50, [few("m2", one), few("both", two, ["m1", "m2"], 0.01)]));
        for (const { text, end } of steps) {
          const decision = router.route({ text: String(text), maxTokens: 300 });
          if (decision.status === "routed") {
            if (end === "settle") settle(router, decision);
            if (end === "cancel" || end === "retry") router.cancel(decision);
            if (end === "retry") router.retry(decision);
          }
          for (const { used, reserved, capacity } of router.limits())
            expect(used + reserved).toBeLessThanOrEqual(capacity);
        }
      }),
      { numRuns: runs(100) },
    );
  });

  const tenant = Uint8Array.from({ length: QUERIES }, (_, q) => (q % 3 === 0 ? 1 : 0));
  const TENANTS = ["acme", "globex"];
  const groupOf = (id: number) => ({ column: "tenant", ids: [id], values: [TENANTS[id]] });
  const featuresOf = (q: number) => ({ tenant: ` ${TENANTS[tenant[q % QUERIES]]}` });

  it("keeps budgets and floors of groups as the plan does, and other groups free of them", async () => {
    const constraints: Constraint[] = [
      { name: "budget", measure: "cost", group: groupOf(1), atMost: 0.02 },
      { name: "floor", measure: "accuracy", group: groupOf(0), atLeast: 0.72 },
    ];
    const plan = await chooseUnder({ ...problem, groups: { tenant } }, constraints, { budget: 0.15 });
    if (plan.status !== "chosen") throw new Error(plan.status);
    expect(plan.limits.filter(({ binds }) => binds).length).toBeGreaterThan(0);
    const written = policyLimits(MODELS, constraints, plan.limits, plan.lambda);
    const policy = checkPolicy(
      JSON.parse(JSON.stringify({ ...policyWith(plan.lambda, written), version: 3 })),
    );
    const router = routerOf(policy, { calibrate: false });
    let different = 0;
    for (let q = 0; q < QUERIES; q++) {
      const decision = router.route({ text: String(q), maxTokens: 300, features: featuresOf(q) });
      if (decision.status === "refused") {
        // What its answer may cost at most does not fit the last cents of the budget.
        expect([tenant[q], explain(decision)]).toEqual([1, expect.stringContaining("limit used up")]);
        different++;
        continue;
      }
      expect(decision.groups).toEqual({ tenant: TENANTS[tenant[q]] });
      const m = MODELS.indexOf(decision.model);
      if (m !== plan.allocation[q]) different++;
      router.settle(decision, { cost: rows[q].cost[m] });
    }
    expect(different).toBeLessThan(25);
    const [{ used }] = router.limits();
    expect(used).toBeLessThanOrEqual(0.02 * (1 + 1e-9));
    expect(used).toBeGreaterThan(0.01);
  });

  it("counts from nothing for another plan, and says so; a successor counts as used what is under way", () => {
    const policy = policyWith(0, [few("m2: 20", 20)]);
    const router = routerOf(policy);
    [0, 1, 2].map((q) => routed(router, q)).forEach((decision, k) => k > 0 && settle(router, decision));
    const state = JSON.parse(JSON.stringify(router.state())) as RouterState;
    expect(router.limits()).toMatchObject([{ used: 2, reserved: 1 }]);
    const limits = withoutOpen(state.limits!);
    expect(routerOf(policy, { state: { ...state, limits } }).limits()).toMatchObject([
      { used: 3, reserved: 0 },
    ]);
    const next = routerOf({ ...policy, plan: { ...policy.plan, totalCost: 2 } }, { state });
    expect(next.limits()).toMatchObject([{ used: 0, reserved: 0 }]);
    expect(next.notes.join()).toContain("the saved limits are of another plan");
    delete state.limits!.policy;
    expect(routerOf(policy, { state }).limits()).toEqual(router.limits());
  });

  it("counts for the groups of a limit alone, also after a retry and a restart", () => {
    const limit = { ...few("globex: 2", 2), group: { column: "tenant", values: ["globex"] } };
    const policy = { ...policyWith(0, [limit, few("m2: 20", 20)]), version: 3 };
    let router = routerOf(policy);
    const reserved = (): number[] => router.limits().map((one) => one.reserved);
    const ask = (name: string): Decision => {
      const decision = router.route({ text: "7", maxTokens: 300, features: { tenant: name } });
      if (decision.status === "refused") throw new Error(explain(decision));
      return decision;
    };
    // Without limits, this text goes to m2.
    const [one] = [ask("globex"), ask("acme"), ask("acme")];
    expect([one.model, reserved()]).toEqual(["m2", [1, 3]]);
    router = routerOf(policy, { state: JSON.parse(JSON.stringify(router.state())) as object });
    expect(reserved()).toEqual([1, 3]);
    expect(ask("globex").model).toBe("m2");
    expect(ask("globex").excluded).toContainEqual({ model: "m2", why: "limit used up" });
    expect(ask("unknown").model).toBe("m2");
    settle(router, one);
    expect(router.limits()[0]).toMatchObject({ used: 1, reserved: 1 });
    expect(router.limits()[1]).toMatchObject({ used: 1, reserved: 4 });
    const failed = { ...ask("globex"), fallbacks: [{ ...one.fallbacks[0], model: "m2" }] };
    router.cancel(failed);
    expect(router.retry(failed).status).toBe("refused");
    expect(router.retry({ ...failed, groups: { tenant: "acme" } })).toMatchObject({ model: "m2" });
    expect(() => router.route({ text: "7" })).toThrow(/no feature tenant, and limits of the policy/);
  });

  it("keeps limits of one name apart", async () => {
    const twice = [1, 2].map((k): Constraint => ({ name: "some", models: ["m2"], atMost: 10 * k }));
    const { policy } = await planned(twice, 1);
    expect(policy.limits!.map(({ name }) => name)).toEqual(["some", "some#2"]);
  });

  it("is refused with a shared ledger, damaged, or with groups known by numbers alone", async () => {
    const { values, ...group } = groupOf(0);
    expect(values).toEqual(["acme"]);
    const grouped: Constraint[] = [{ name: "acme", group, atMost: 5 }];
    const plan = await chooseUnder({ ...problem, groups: { tenant } }, [{ ...grouped[0], atMost: 400 }], {
      budget: 1,
    });
    if (plan.status !== "chosen") throw new Error(plan.status);
    expect(() => policyLimits(MODELS, grouped, plan.limits, 1)).toThrow(/"acme" is on a group known by/);
    const ledger = { ...memoryLedger(), shared: {} as never };
    expect(() => routerOf(policyWith(1, [few("m2: 1", 1)]), { ledger })).toThrow(/the ledger is shared/);
    const wrong: [unknown, RegExp][] = [
      ["none", /policy: limits is none/],
      [[{ ...few("x", 1), price: -1 }], /limits\.0\.price is -1/],
      [[{ ...few("x", 1), capacity: null }], /limits\.0\.capacity is null/],
      [[few("x", 1, ["other"])], /limits\.0\.amounts\.other/],
      [[{ ...few("x", 1), amounts: { m0: { queries: -1 } } }], /amounts\.m0\.queries is -1/],
      [[{ ...few("x", 1), amounts: { m0: { watts: 1 } } }], /watts/],
      [[{ ...few("x", 1), group: "acme" }], /limits\.0\.group is acme/],
      [[{ ...few("x", 1), group: { column: 1, values: [] } }], /limits\.0\.group\.column is 1/],
      [[{ ...few("x", 1), group: { column: "t", values: [1] } }], /limits\.0\.group\.values/],
    ];
    for (const [limits, message] of wrong)
      expect(() => routerOf({ ...policyWith(1, []), limits: limits as never })).toThrow(message);
  });
});
