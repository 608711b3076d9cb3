import { describe, expect, it } from "vitest";
import { explain, type Decision } from "../../../src/online/decision.js";
import type { LogRecord } from "../../../src/online/log/record.js";
import type { RouterOptions } from "../../../src/online/options.js";
import { createRouter, type Router } from "../../../src/online/router.js";
import { Random } from "../../../src/random.js";
import { modelsOf, rowOf, scoresOf } from "../scores.js";

function routerOf(options: Partial<RouterOptions> = {}) {
  const clock = { time: Date.UTC(2026, 10, 2) };
  const router = createRouter({
    scorer: scoresOf(),
    models: modelsOf(3),
    lambda: 150,
    now: () => clock.time++,
    ...options,
  });
  return { router, clock };
}

const routed = (router: Router, text: string): Decision => {
  const decision = router.route({ text, maxTokens: 300 });
  if (decision.status === "refused") throw new Error(explain(decision));
  return decision;
};

/** Routes and settles requests; a good answer has the predicted chance, plus `shift` for m2. */
function serve(router: Router, requests: number, shift = 0, bill = 1, seed = 1): void {
  const random = new Random(seed, 6);
  for (let q = 0; q < requests; q++) {
    const decision = routed(router, String(q));
    router.settle(decision, { cost: bill * decision.uncorrectedCost });
    const p = decision.uncorrectedProbability + (decision.model === "m2" ? shift : 0);
    router.feedback(decision, random.uniform() < p ? 1 : 0);
  }
}

describe("a router with feedback", () => {
  it("decides by the scorer's bits until the first judgement, and by corrected ones after it", () => {
    const { router } = routerOf();
    const before = routed(router, "7");
    expect(before.probability).toBe(rowOf("7", 3).probability[Number(before.model.slice(1))]);
    expect(before.uncorrectedProbability).toBe(before.probability);
    expect(router.corrections()).toEqual([]);
    for (let i = 0; i < 2; i++) router.feedback({ ...before, id: `${before.id}${i}` }, 0);
    const after = [...Array(100).keys()].map((q) => routed(router, String(q)));
    const corrected = after.find(({ model }) => model === before.model)!;
    expect(corrected.probability).toBeLessThan(corrected.uncorrectedProbability);
    expect(explain(corrected)).toMatch(/ % before feedback corrected it\)/);
    const other = after.flatMap(({ fallbacks }) => fallbacks).find(({ model }) => model !== before.model)!;
    expect(other.uncorrectedProbability).toBe(other.probability);
    expect(router.corrections().map(({ model }) => model)).toEqual([before.model]);
  });

  it("leaves probabilities alone where it is told to, and still watches", () => {
    const { router } = routerOf({ calibrate: false });
    serve(router, 1_500, -0.4);
    const decision = routed(router, "3");
    expect(decision.probability).toBe(decision.uncorrectedProbability);
    expect(router.alarms().map(({ kind, model }) => [kind, model])).toEqual([["calibration", "m2"]]);
  });

  it("counts a judgement once, and refuses what is none", () => {
    const { router } = routerOf();
    const decision = routed(router, "1");
    expect(router.feedback(decision, 1)).toBe(true);
    expect(router.feedback(decision, 0)).toBe(false);
    expect(() => router.feedback(decision, 1.5)).toThrow("score is 1.5");
    expect(() => router.feedback({ ...decision, uncorrectedProbability: NaN }, 1)).toThrow(
      "decision.uncorrectedProbability",
    );
    expect(() => router.feedback({ ...decision, propensity: 2 }, 1)).toThrow("decision.propensity");
  });

  it("raises no alarm while answers are as predicted", () => {
    const { router } = routerOf({ explore: 0.05 });
    serve(router, 3_000);
    expect(router.alarms()).toEqual([]);
  });

  it("tells of answers that are worse and dearer than predicted, with the evidence", () => {
    const { router } = routerOf({ explore: 0.05, seed: 2 });
    serve(router, 3_000, -0.25, 1.6);
    const alarms = router.alarms();
    expect(alarms.find(({ kind }) => kind === "calibration")).toMatchObject({ model: "m2" });
    expect(alarms.filter(({ kind }) => kind === "cost").map(({ observed }) => observed.toFixed(2))).toContain(
      "1.60",
    );
    for (const { message } of alarms) expect(message).toMatch(/evidence|standard error/);
  });

  it("tells of texts that are new to the predictor", () => {
    const unseen = { expected: 0.1, share: (text: string) => (Number(text) < 2_000 ? 0.1 : 0.5) };
    const { router } = routerOf({ scorer: { ...scoresOf(), unseen } });
    for (let q = 0; q < 2_000; q++) routed(router, String(q));
    expect(router.alarms()).toEqual([]);
    for (let q = 2_000; q < 30_000; q++) routed(router, String(q));
    expect(router.alarms()).toMatchObject([{ kind: "texts", expected: 0.1 }]);
  });

  it("saved and restored, decides and warns as before; a state about another predictor is left, and noted", () => {
    const { router, clock } = routerOf({ explore: 0.05 });
    serve(router, 1_500, -0.3);
    const state = JSON.parse(JSON.stringify(router.state())) as object;
    const same = routerOf({ explore: 0.05, state, now: () => clock.time }).router;
    expect(same.corrections()).toEqual(router.corrections());
    expect(same.alarms()).toEqual(router.alarms());
    expect(routed(same, "11")).toEqual(routed(router, "11"));
    const scorer = { ...scoresOf(), digest: "1".repeat(64) };
    const other = routerOf({ scorer, state, now: () => clock.time }).router;
    expect(other.corrections()).toEqual([]);
    expect(other.notes).toEqual(["the saved feedback is about another predictor and was not taken over"]);
  });
});

describe("the records of a router", () => {
  const logged = (options: Partial<RouterOptions>, texts = false) => {
    const records: LogRecord[] = [];
    const log = { texts, write: (record: LogRecord) => void records.push(record) };
    return { records, ...routerOf({ log, ...options }) };
  };
  const decisions = (records: LogRecord[]) => records.filter((record) => record.type === "decision");

  it("have what a choice was made from, and the chance of every model", () => {
    const { router, records } = logged({ explore: 0.3 });
    serve(router, 300);
    expect(decisions(records)).toHaveLength(300);
    for (const { models, probability, cost, propensity, model, reason, lambda } of decisions(records)) {
      const value = models.map((_, m) => probability[m] - (lambda as number) * cost[m]!);
      const greatest = value.indexOf(Math.max(...value));
      const expected = models.map((_, m) => (m === greatest ? 0.7 + 0.1 : 0.1));
      propensity.forEach((share, m) => expect(share).toBeCloseTo(expected[m], 12));
      expect(reason === "value").toBe(models.indexOf(model) === greatest);
    }
    expect(records.filter(({ type }) => type === "settlement")).toHaveLength(300);
    expect(records.filter(({ type }) => type === "feedback")).toHaveLength(300);
    expect(JSON.stringify(records)).not.toContain('"text"');
  });

  it("have the text only if asked, and null for models that could not answer", () => {
    const { router, records } = logged({ keys: { web: { models: ["m0", "m2"] } } }, true);
    router.route({ text: "17", key: "web" });
    expect(decisions(records)[0]).toMatchObject({
      text: "17",
      key: "web",
      propensity: [expect.any(Number), null, expect.any(Number)],
    });
  });

  it("have further attempts, cancellations and refusals", () => {
    const { router, records } = logged({ budget: { dollars: 0.001, period: "day" } });
    const first = routed(router, "5");
    router.cancel(first, { failed: true });
    const second = router.retry(first) as Decision;
    expect(records.slice(1)).toMatchObject([
      { type: "settlement", id: first.id, cost: 0, unanswered: "failed" },
      { type: "decision", id: second.id, retryOf: first.id, models: [second.model], propensity: [1] },
    ]);
    router.settle(second, { cost: 1 });
    expect(router.route({ text: "6" }).status).toBe("refused");
    expect(records.at(-1)).toMatchObject({ type: "refusal", cause: "budget" });
  });
});
