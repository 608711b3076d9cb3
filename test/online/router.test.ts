import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { explain, type Decision } from "../../src/online/decision.js";
import { memoryLedger } from "../../src/online/ledger/memory.js";
import type { RouterOptions } from "../../src/online/options.js";
import { createRouter, type Router } from "../../src/online/router.js";
import type { RouterState } from "../../src/online/state.js";
import type { RouteRequest } from "../../src/online/request.js";
import { allocateAt } from "../../src/solve/allocate.js";
import { runs } from "../runs.js";
import { modelsOf, rowOf, scoresOf } from "./scores.js";

const START = Date.UTC(2026, 10, 2);

/** A router of three models whose clock the test moves. */
function routerOf(options: Partial<RouterOptions> = {}) {
  const clock = { time: START };
  const router = createRouter({ scorer: scoresOf(), models: modelsOf(3), now: () => clock.time, ...options });
  return { router, clock };
}

const routed = (router: Router, request: RouteRequest): Decision => {
  const decision = router.route(request);
  if (decision.status === "refused") throw new Error(explain(decision));
  return decision;
};

describe("the choice", () => {
  it.each([0, 100, 500, 3_000, Infinity])("is the batch solver's at λ = %s", async (lambda) => {
    const queries = 300;
    const rows = Array.from({ length: queries }, (_, q) => rowOf(String(q), 3));
    const problem = {
      models: ["m0", "m1", "m2"],
      cost: Float32Array.from(rows.flatMap(({ cost }) => cost)),
      successProbability: Float32Array.from(rows.flatMap(({ probability }) => probability)),
    };
    const { router } = routerOf({ lambda });
    const chosen = rows.map((_, q) =>
      problem.models.indexOf(routed(router, { text: String(q), maxTokens: 300 }).model),
    );
    expect(chosen).toEqual([...(await allocateAt(problem, lambda))]);
  });

  it("names the next best model and what it loses, and fallbacks in order of value", () => {
    const { router } = routerOf({ lambda: 500 });
    for (let q = 0; q < 100; q++) {
      const decision = routed(router, { text: String(q) });
      const { probability, cost } = rowOf(String(q), 3);
      const value = (model: string): number => {
        const m = Number(model.slice(1));
        return probability[m] - 500 * Math.fround(cost[m]);
      };
      const names = [decision.model, ...decision.fallbacks.map(({ model }) => model)];
      expect(names).toHaveLength(3);
      expect(names.map(value)).toEqual(names.map(value).sort((a, b) => b - a));
      expect(decision.runnerUp!.model).toBe(names[1]);
      expect(decision.runnerUp!.loss).toBeCloseTo(value(names[0]) - value(names[1]), 12);
      expect(explain(decision)).toContain(`next is ${names[1]}`);
    }
  });

  it("takes the more probable of two models of equal value, then the cheaper, then the first", () => {
    const scorer = scoresOf(3);
    scorer.score = (_, out) => (out!.set([0.5, 0.75, 0.75]), out!);
    scorer.costs = (_, __, out) => (out!.set([0, 0.25, 0.25]), out!);
    expect(routed(routerOf({ scorer, lambda: 1 }).router, { text: "" }).model).toBe("m1");
  });
});

describe("eligibility", () => {
  const models = {
    m0: { ...modelsOf(3).m0, context: 500, can: ["tools"] },
    m1: { ...modelsOf(3).m1, can: ["tools", "images"], maxOutput: 1_000 },
    m2: { ...modelsOf(3).m2, can: ["json"] },
  };
  const keys = { web: { models: ["m0", "m1"] }, all: {} };
  const { router } = routerOf({ models, lambda: 0, keys });
  const why = (request: Partial<RouteRequest>): Record<string, string> => {
    const result = router.route({ text: "1", key: "all", ...request });
    return Object.fromEntries(result.excluded.map(({ model, why }) => [model, why]));
  };

  it("keeps out models that are not allowed, too short, or lack what is needed", () => {
    expect(why({})).toEqual({});
    expect(why({ key: "web" })).toEqual({ m2: "not allowed" });
    expect(why({ allowed: ["m1"] })).toEqual({ m0: "not allowed", m2: "not allowed" });
    expect(why({ maxTokens: 450 })).toEqual({ m0: "context too short" });
    expect(why({ maxTokens: 1_001 })).toEqual({ m0: "context too short", m1: "context too short" });
    expect(why({ inputTokens: 600 })).toEqual({ m0: "context too short" });
    expect(why({ needs: ["tools"] })).toEqual({ m2: "cannot do what is needed" });
    expect(why({ needs: ["tools", "images"] })).toEqual({
      m0: "cannot do what is needed",
      m2: "cannot do what is needed",
    });
  });

  it("refuses, with the reasons, when no model is left", () => {
    const result = router.route({ text: "1", key: "all", needs: ["json", "tools"] });
    expect(result.status).toBe("refused");
    expect(explain(result)).toMatch(/^refused: no model can answer; left out: m0 \(cannot do/);
  });

  it("keeps out a model whose cost is not known, and never counts it as free", () => {
    const scorer = scoresOf();
    scorer.costs = (_, __, out) => (out!.set([0.001, NaN, 0.003]), out!);
    const result = routerOf({ scorer, lambda: 1e6 }).router.route({ text: "1" });
    expect(result.excluded).toEqual([{ model: "m1", why: "cost unknown" }]);
  });

  it("charges an answer that nobody waited for, and holds it neither against the model nor for it", () => {
    const { router } = routerOf({ lambda: 0, budget: { dollars: 1, period: "day" } });
    const fail = (): void => void router.cancel(routed(router, { text: "1" }), { failed: true });
    for (let k = 0; k < 4; k++) fail();
    router.settle(routed(router, { text: "1" }), { cost: 0.01, ending: "abandoned" });
    expect(router.status()[0].spent).toBe(0.01);
    fail();
    expect(routed(router, { text: "1" }).excluded).toEqual([{ model: "m2", why: "failing" }]);
    const wrong = { cost: 1, ending: "done" as never };
    expect(() => router.settle(routed(router, { text: "1" }), wrong)).toThrow(
      /ending is done; expected answered/,
    );
  });

  it("closes a model off after five failures, tries it once after 30 seconds, and opens it when that answers", () => {
    const { router, clock } = routerOf({ lambda: 0 });
    const fail = (): void => void router.cancel(routed(router, { text: "1" }), { failed: true });
    for (let k = 0; k < 5; k++) fail();
    const next = routed(router, { text: "1" });
    expect(next.excluded).toEqual([{ model: "m2", why: "failing" }]);
    clock.time += 30_001;
    const trial = routed(router, { text: "1" });
    expect(trial.model).toBe("m2");
    expect(routed(router, { text: "1" }).model).not.toBe("m2");
    router.settle(trial, { cost: 0.001 });
    expect(routed(router, { text: "1" }).model).toBe("m2");
  });
});

describe("sessions", () => {
  it("stay with a model while what its warm cache saves is worth more than the better answer", () => {
    const { router, clock } = routerOf({ lambda: 20 });
    const [cold] = [...Array(500).keys()].map(String).filter((text) => {
      const first = routed(router, { text, inputTokens: 50_000 });
      return first.model === "m0";
    });
    const ask = (session: string): Decision => routed(router, { text: cold, inputTokens: 50_000, session });
    const big = routed(router, { text: cold, inputTokens: 50_000, session: "s", allowed: ["m1"] });
    router.settle(big, { cost: 0.01, inputTokens: 50_000, outputTokens: 10 });
    expect(ask("s").model).toBe("m1");
    expect(ask("s").cost).toBeLessThan(big.cost / 2);
    expect(ask("other").model).toBe("m0");
    clock.time += 301_000;
    expect(ask("s").model).toBe("m0");
  });

  it("keep their model through a tool loop", () => {
    const { router } = routerOf({ lambda: Infinity });
    const first = routed(router, { text: "1", session: "s", allowed: ["m2"] });
    router.settle(first, { inputTokens: 100, outputTokens: 10 });
    const next = routed(router, { text: "1", session: "s", isToolLoop: true });
    expect([next.model, next.reason, next.propensity]).toEqual(["m2", "tool loop", 1]);
    expect(routed(router, { text: "1", session: "t", isToolLoop: true }).model).toBe("m0");
  });
});

describe("exploration", () => {
  it("takes a known share, and its propensities are the frequencies", () => {
    const { router } = routerOf({ lambda: 500, explore: 0.3 });
    const counts = [0, 0, 0];
    const expected = [0, 0, 0];
    for (let k = 0; k < 6_000; k++) {
      const decision = routed(router, { text: "5" });
      const m = Number(decision.model.slice(1));
      counts[m]++;
      expected[m] = decision.propensity;
      expect(decision.reason).toBe(decision.propensity > 0.5 ? "value" : "explored");
    }
    expect(expected.reduce((a, b) => a + b)).toBeCloseTo(1, 12);
    counts.forEach((n, m) => expect(Math.abs(n / 6_000 - expected[m])).toBeLessThan(0.02));
  });
});

describe("money", () => {
  const budget = { dollars: 0.01, period: "day" as const };

  it("reserves the most that an answer may cost, and frees it when it is settled", () => {
    const { router } = routerOf({ budget, lambda: 1 });
    const decision = routed(router, { text: "1", maxTokens: 1_000, allowed: ["m1"] });
    expect(decision.worstCase).toBeCloseTo((100 * 0.4 + 1_000 * 2) / 1e6, 9);
    expect(router.status()[0].reserved).toBe(decision.worstCase);
    expect(router.settle(decision, { inputTokens: 100, outputTokens: 50 })).toBe(true);
    expect(router.status()[0]).toMatchObject({ reserved: 0, spent: 0.00014 });
    expect(router.settle(decision, { cost: 1 })).toBe(false);
    expect(router.cancel(decision)).toBe(false);
    expect(router.status()[0].spent).toBe(0.00014);
  });

  it("refuses at the wall, naming budget and renewal, or takes the free model that is kept for this", () => {
    const full = { budget: { dollars: 0.000001, period: "day" as const } };
    const refused = routerOf(full).router.route({ text: "1", maxTokens: 10_000 });
    expect(refused).toMatchObject({ status: "refused", cause: "budget", budget: "policy:default" });
    expect(explain(refused)).toContain("renewed 2026-11-03T00:00:00.000Z");
    const models = { ...modelsOf(3), m0: { price: { input: 0, output: 0 } } };
    const { router } = routerOf({ ...full, models, onExhausted: "m0" });
    expect(routed(router, { text: "1", maxTokens: 10_000 })).toMatchObject({
      model: "m0",
      reason: "budget exhausted",
    });
    const roomy = routerOf({
      budget: { dollars: 10, period: "day" },
      lambda: Infinity,
      models,
      onExhausted: "m0",
    });
    expect(routed(roomy.router, { text: "1" }).model).toBe("m1");
  });

  it("counts as spent what is never settled", () => {
    const { router, clock } = routerOf({ budget, lambda: 1 });
    const lost = routed(router, { text: "1", maxTokens: 1_000 });
    clock.time += 3_600_001;
    expect(router.status()[0]).toMatchObject({ reserved: 0, spent: lost.worstCase });
    expect(router.settle(lost, { cost: 0 })).toBe(false);
  });

  it("gives the next fallback a reservation of its own", () => {
    const { router } = routerOf({ budget, lambda: 1 });
    const first = routed(router, { text: "1", maxTokens: 100 });
    router.cancel(first, { failed: true });
    const second = router.retry(first) as Decision;
    expect(second).toMatchObject({ status: "routed", model: first.fallbacks[0].model, reason: "fallback" });
    expect(second.id).not.toBe(first.id);
    expect(router.status()[0].reserved).toBeCloseTo(second.worstCase, 9);
  });

  it("blames the models, not money, where every fallback has failed since", () => {
    const { router } = routerOf({ lambda: 1 });
    const first = routed(router, { text: "1" });
    for (const { model } of first.fallbacks)
      for (let k = 0; k < 5; k++)
        router.cancel(routed(router, { text: "1", allowed: [model] }), { failed: true });
    router.cancel(first);
    expect(router.retry(first)).toMatchObject({ status: "refused", cause: "models" });
  });

  it("charges an answer that failed or was abandoned, and learns nothing from it", () => {
    const learned = (router: Router): Partial<RouterState> => {
      const { pacer, answerTokens, sessions } = router.state() as RouterState;
      return { pacer, answerTokens, sessions };
    };
    const { router } = routerOf({ budget, lambda: 1 });
    const decide = (): Decision => routed(router, { text: "1", allowed: ["m1"], session: "s" });
    const used = { inputTokens: 100, outputTokens: 50 };
    for (const [k, ending] of (["failed", "abandoned"] as const).entries()) {
      const decision = decide();
      const before = learned(router);
      router.settle(decision, { ...used, ending });
      expect(learned(router)).toEqual(before);
      expect(router.status()[0].spent).toBeCloseTo((k + 1) * 0.00014, 9);
    }
    for (let k = 0; k < 4; k++) router.settle(decide(), { ...used, ending: "failed" });
    const refused = router.route({ text: "1", allowed: ["m1"] });
    expect(refused.excluded).toContainEqual({ model: "m1", why: "failing" });
  });

  it("never exceeds a budget of policy, group or key, whatever the order of routing, settling and cancelling", () => {
    const day = (dollars: number) => ({ dollars, period: "day" as const });
    const step = fc.record({
      what: fc.constantFrom("route", "route", "route", "settle", "cancel", "retry", "wait"),
      key: fc.constantFrom("a", "b", "c"),
      at: fc.nat(20),
      tokens: fc.nat(2_000),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 200 }), fc.nat(1_000), (steps, seed) => {
        const limits = new Map([
          ["policy:default", 0.02],
          ["group:team", 0.012],
          ["key:a", 0.008],
          ["key:c", 0.003],
        ]);
        const { router, clock } = routerOf({
          ...{ budget: day(0.02), groups: { team: { budget: day(0.012) } }, seed, explore: 0.2 },
          keys: { a: { budget: day(0.008), group: "team" }, b: { group: "team" }, c: { budget: day(0.003) } },
        });
        const open: Decision[] = [];
        for (const { what, key, at, tokens, share } of steps) {
          const [one] =
            what === "route" || what === "wait" ? [] : open.splice(at % Math.max(1, open.length), 1);
          if (what === "wait") clock.time += at * 60_000;
          if (what === "route") {
            const result = router.route({ text: String(tokens), maxTokens: tokens, key });
            if (result.status === "routed") open.push(result);
          }
          if (one === undefined) continue;
          if (what === "settle") {
            router.settle(one, { inputTokens: 100, outputTokens: Math.floor(share * one.outputTokens) });
          } else router.cancel(one, { failed: share < 0.3 });
          if (what !== "retry") continue;
          const next = router.retry(one);
          if (next.status === "routed") open.push(next);
        }
        for (const { name, spent, reserved } of router.status()) {
          expect(spent + reserved).toBeLessThanOrEqual(limits.get(name)! + 1e-9);
        }
      }),
      { numRuns: runs(300) },
    );
  });
});

describe("state", () => {
  /** Routes and settles some requests, a second apart; returns what was decided. */
  const drive = (router: Router, clock: { time: number }, from: number, to: number): unknown[] =>
    Array.from({ length: to - from }, (_, k) => {
      clock.time += 700;
      const result = router.route({ text: String(from + k), maxTokens: 400, session: `s${(from + k) % 7}` });
      if (result.status === "refused") return [result.cause, result.lambda];
      if (k % 3 > 0) router.settle(result, { inputTokens: 100, outputTokens: 50 + (k % 90) });
      return [result.id, result.model, result.lambda, result.cost, result.propensity];
    });

  it.each([5, 150, 700])("saved after %i requests and loaded, gives the same next decisions", (at) => {
    const options = { budget: { dollars: 2, period: "day" as const }, explore: 0.1, ledger: memoryLedger() };
    const first = routerOf(options);
    drive(first.router, first.clock, 0, at);
    const state = JSON.parse(JSON.stringify(first.router.state())) as unknown;
    // The ledger goes on where it is; both routers must not use it at once.
    const second = routerOf({ ...options, ledger: copyOf(first.router), state });
    second.clock.time = first.clock.time;
    expect(second.router.state()).toEqual(state);
    expect(drive(second.router, second.clock, at, at + 100)).toEqual(
      drive(first.router, first.clock, at, at + 100),
    );
  });

  it("is the same for the same requests, clock and seed", () => {
    const run = () => {
      const { router, clock } = routerOf({ budget: { dollars: 1, period: "hour" }, explore: 0.1 });
      return [drive(router, clock, 0, 400), router.state()];
    };
    expect(run()).toEqual(run());
  });

  it("is refused with the field when it is of another version, of other models, or damaged anywhere", () => {
    const { router, clock } = routerOf({ budget: { dollars: 1, period: "hour" } });
    drive(router, clock, 0, 40);
    const good = JSON.stringify(router.state());
    const load = (state: unknown) => () =>
      routerOf({ budget: { dollars: 1, period: "hour" }, state, now: () => clock.time });
    expect(load(JSON.parse(good))).not.toThrow();
    expect(load({ ...JSON.parse(good), version: 2 })).toThrow("state: version is 2; expected 1");
    expect(load({ ...JSON.parse(good), models: ["x"] })).toThrow("state: models is");
    expect(load(null)).toThrow("state is null");
    fc.assert(
      fc.property(fc.nat(), fc.constantFrom(null, -2, 1e300, "x", [], {}, NaN), (seed, value) => {
        const state = JSON.parse(good) as Record<string, unknown>;
        replaceSome(state, seed, value);
        try {
          const again = routerOf({ budget: { dollars: 1, period: "hour" }, state, now: () => clock.time });
          drive(again.router, again.clock, 0, 3);
        } catch (error) {
          expect((error as Error).name, (error as Error).stack).toBe("InputError");
        }
      }),
      { numRuns: runs(1_000) },
    );
  });
});

/** A ledger with the balances of a router's only budget and its open reservations. */
function copyOf(router: Router) {
  const ledger = memoryLedger();
  const { budgets, open } = router.state() as RouterState;
  const account = { name: budgets[0].name, period: budgets[0].pace.start!, limit: Number.MAX_SAFE_INTEGER };
  ledger.reserve("spent", [account], 0);
  ledger.settle("spent", Math.round(router.status()[0].spent * 1e6));
  for (const [id, , reserved] of open) ledger.reserve(id, [account], reserved);
  return ledger;
}

/** Puts a value in place of one of the leaves of a tree. */
function replaceSome(tree: Record<string, unknown>, seed: number, value: unknown): void {
  let node: Record<string, unknown> = tree;
  for (let depth = 0, rest = seed; ; depth++) {
    const names = Object.keys(node);
    const name = names[rest % names.length];
    rest = Math.floor(rest / names.length) + depth;
    const child = node[name];
    if (typeof child !== "object" || child === null || Object.keys(child).length === 0) {
      node[name] = value;
      return;
    }
    node = child as Record<string, unknown>;
  }
}
