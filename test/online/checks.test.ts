import { describe, expect, it } from "vitest";
import { InputError } from "../../src/errors.js";
import { explain, type Decision } from "../../src/online/decision.js";
import { createRouter } from "../../src/online/router.js";
import { modelsOf, scoresOf } from "./scores.js";

/** What a caller in JavaScript hands in, with no compiler before it. */
const anything = (value: unknown): never => value as never;
const options = (more: object): never =>
  anything({ scorer: scoresOf(), models: modelsOf(3), lambda: 1, ...more });
const price = (more: object): object => ({ m0: { price: { input: 1, output: 1, ...more } } });

describe("options of a wrong kind are refused by name", () => {
  it.each([
    [undefined, "options is undefined"],
    [options({ scorer: {} }), "scorer has no function score"],
    [options({ lambda: "1" }), "lambda is 1"],
    [options({ lambda: NaN }), "lambda is NaN"],
    [options({ explore: "1" }), "explore is 1"],
    [options({ seed: NaN }), "seed is NaN"],
    [options({ now: 5 }), "now is 5"],
    [options({ now: () => NaN }), "now() is NaN"],
    [options({ ledger: {} }), "ledger has no function room"],
    [options({ prices: {} }), "prices has no function find"],
    [options({ bugdet: { dollars: 1, period: "day" } }), "options has bugdet; expected of scorer"],
    [options({ budget: null }), "budget policy:default is null"],
    [options({ budget: { dollars: NaN, period: "day" } }), "dollars is NaN"],
    [options({ budget: { dollars: 1, per: "day" } }), "has per; expected of dollars"],
    [options({ models: "m0" }), "models is m0"],
    [options({ models: { m0: null } }), "model m0 is null"],
    [options({ models: price({ cachedInput: "x" }) }), "cachedInput is x"],
    [options({ models: price({ tiers: [{ above: NaN, input: 1 }] }) }), "above is NaN"],
    [options({ models: price({ tiers: 5 }) }), "tiers is 5"],
    [
      options({ models: { m0: { price: { input: 1, output: 1 }, can: "tools" } } }),
      "can of model m0 is tools",
    ],
    [options({ keys: null }), "keys is null"],
    [options({ keys: { web: 5 } }), "key web is 5"],
    [options({ keys: { web: { budgets: {} } } }), "key web has budgets"],
    [options({ keys: { web: { models: ["m9"] } } }), "names model m9, which is not routed to"],
    [options({ keys: { web: { models: [] } } }), "models of key web is []"],
    [options({ groups: { all: null } }), "group all is null"],
    [options({ groups: { all: {} } }), "budget group:all is undefined"],
  ])("%#: %s", (given, message) => {
    expect(() => createRouter(anything(given))).toThrow(InputError);
    expect(() => createRouter(anything(given))).toThrow(message);
  });
});

describe("what a client sends on is refused by name", () => {
  const router = createRouter(options({}));
  const decision = router.route({ text: "x" }) as Decision;

  it.each([
    undefined,
    null,
    5,
    { text: 5 },
    { text: "x", needs: [5] },
    { text: "x", isToolLoop: "yes" },
    { text: "x", max_tokens: 5 },
  ])("request %j", (request) => expect(() => router.route(anything(request))).toThrow(InputError));

  it.each([
    undefined,
    null,
    {},
    { ...decision, model: "__proto__" },
    { ...decision, uncorrectedCost: NaN },
    { ...decision, inputTokens: "x" },
    { ...decision, fallbacks: [{ model: "m1", cost: 0, worstCase: NaN }] },
    { ...decision, fallbacks: 5 },
    { ...decision, session: {} },
  ])("decision %#", (forged) => {
    expect(() => router.retry(anything(forged))).toThrow(InputError);
    expect(() => router.cancel(anything(forged))).toThrow(InputError);
    expect(() => router.settle(anything(forged), { cost: 1 })).toThrow(InputError);
    expect(() => router.feedback(anything(forged), 1)).toThrow(InputError);
  });

  it.each([undefined, null, { cost: NaN }, { costs: 1 }, { cost: 1, ended: "no" }])(
    "settlement %j",
    (used) => {
      expect(() => router.settle(decision, anything(used))).toThrow(InputError);
    },
  );

  it("and after all of it the router still works", () => {
    expect(() => explain(anything(null))).toThrow(InputError);
    expect(router.settle(decision, { cost: 0.001 })).toBe(true);
  });
});
