import { describe, expect, it } from "vitest";
import type { Reason } from "../../../src/online/decision.js";
import type { LoggedRequest } from "../../../src/online/log/join.js";
import { Overlap, estimateMean, type Estimates, type Row } from "../../../src/online/offPolicy/estimators.js";
import { estimatePolicy } from "../../../src/online/offPolicy/estimatePolicy.js";
import { studentQuantile } from "../../../src/online/offPolicy/student.js";
import { Random } from "../../../src/random.js";

interface Logging {
  explore?: number;
  seed?: number;
  /** Chance that an answer of a model is judged. */
  judged?: (model: string) => number;
  reason?: Reason;
}

/** Requests to two models, "a" (worse, $1) and "b" (better, $3), of which exploration takes a share to either. */
function logged(n: number, { explore = 0.2, seed = 1, judged, reason = "value" }: Logging = {}) {
  const random = new Random(seed, 2);
  return Array.from({ length: n }, (_, q): LoggedRequest => {
    const isEasy = random.uniform() < 0.5;
    const probability = isEasy ? [0.8, 0.9] : [0.3, 0.7];
    // λ = 0.1: b where it is worth more than 0.2.
    const greatest = isEasy ? 0 : 1;
    const chosen = random.uniform() < explore ? random.below(2) : greatest;
    const share = (m: number): number => explore / 2 + (m === greatest ? 1 - explore : 0);
    // True chances are 0.1 below.
    const score = random.uniform() < probability[chosen] - 0.1 ? 1 : 0;
    const name = "ab"[chosen];
    return {
      id: String(q),
      time: q,
      policy: "p",
      predictor: "q",
      lambda: 0.1,
      models: ["a", "b"],
      probability,
      uncorrected: probability,
      cost: [1, 3],
      propensity: [share(0), share(1)],
      chosen,
      reason,
      spent: [1.1, 3.3][chosen],
      score: random.uniform() < (judged?.(name) ?? 1) ? score : NaN,
    };
  });
}

const estimated = (result: { status: string }): Estimates => {
  expect(result.status).toBe("estimated");
  return result as Estimates;
};

describe("estimates of another policy", () => {
  const ESTIMATORS = ["ips", "snips", "doublyRobust"] as const;

  it.each([
    ["the cheapest", { lambda: Infinity }, 0.45, 1.1],
    ["the best", { lambda: 0 }, 0.7, 3.3],
    ["one model", { lambda: 0, models: ["a"] }, 0.45, 1.1],
    ["a function", ({ probability }: LoggedRequest) => (probability[0] > 0.5 ? "b" : "a"), 0.5, 2.2],
    ["the logged policy", "logged" as const, 0.65 * 0.9 + 0.1 * 0.5, 2.2],
  ])("hold the truth of %s", (_, target, score, cost) => {
    const result = estimatePolicy({ requests: logged(4_000) }, target);
    for (const name of ESTIMATORS) {
      const scores = estimated(result.score)[name];
      const costs = estimated(result.cost)[name];
      expect(scores.low).toBeLessThan(score);
      expect(scores.high).toBeGreaterThan(score);
      expect(costs.low).toBeLessThanOrEqual(cost + 1e-9);
      expect(costs.high).toBeGreaterThanOrEqual(cost - 1e-9);
      expect(scores.high - scores.low).toBeLessThan(0.25);
    }
    const total = Object.values(result.shares).reduce((sum, share) => sum + share, 0);
    expect(total).toBeCloseTo(1, 12);
  });

  it("are the plain mean for the logged policy", () => {
    const requests = logged(500);
    const { score, cost, differs } = estimatePolicy({ requests }, "logged");
    const mean = (of: (r: LoggedRequest) => number): number =>
      requests.reduce((sum, r) => sum + of(r), 0) / requests.length;
    for (const name of ESTIMATORS) {
      expect(estimated(score)[name].estimate).toBeCloseTo(
        mean((r) => r.score),
        12,
      );
      expect(estimated(cost)[name].estimate).toBeCloseTo(
        mean((r) => r.spent),
        12,
      );
    }
    expect([differs, estimated(score).effectiveRequests]).toEqual([0, 500]);
  });

  it("agree with the textbook's sums where all have one propensity", () => {
    const random = new Random(5);
    const rows = Array.from({ length: 200 }, (): Row => ({
      overlap: Overlap.Seldom,
      predicted: random.uniform(),
      observed: random.uniform() < 0.5 ? random.below(2) : NaN,
      weight: 2,
    }));
    const seen = rows.filter(({ observed }) => !Number.isNaN(observed));
    const { ips, snips, doublyRobust } = estimateMean(rows, (p) => Math.max(p, 1 - p))!;
    const sum = (some: Row[], of: (row: Row) => number): number =>
      some.reduce((all, row) => all + of(row), 0);
    expect(ips.estimate).toBeCloseTo((2 * sum(seen, (r) => r.observed)) / 200, 12);
    expect(snips.estimate).toBeCloseTo(sum(seen, (r) => r.observed) / seen.length, 12);
    expect(doublyRobust.estimate).toBeCloseTo(
      sum(rows, (r) => r.predicted) / 200 + sum(seen, (r) => r.observed - r.predicted) / seen.length,
      12,
    );
  });

  it("correct for models whose answers are judged less often", () => {
    const requests = logged(20_000, { judged: (name) => (name === "a" ? 0.2 : 0.9) });
    const { score } = estimatePolicy({ requests }, ({ probability }) => (probability[0] > 0.5 ? "a" : "b"));
    for (const name of ESTIMATORS) {
      const { low, high } = estimated(score)[name];
      expect(low).toBeLessThan(0.65);
      expect(high).toBeGreaterThan(0.65);
      expect(high - low).toBeLessThan(0.06);
    }
  });

  it("are not given where the log has too few answers, and the sentence says why", () => {
    const few = estimatePolicy({ requests: logged(100, { explore: 0.1 }) }, { lambda: 0 });
    expect(few.score).toMatchObject({ status: "not enough overlap" });
    expect((few.score as { why: string }).why).toMatch(
      /^\d+\.\d % of the requests are ones where the policy chooses another model; \d+ of them were answered by that model and judged, and an estimate needs 20$/,
    );
    const never = estimatePolicy({ requests: logged(1_000, { explore: 0 }) }, { lambda: 0 });
    expect((never.score as { why: string }).why).toContain("that the log never would have; 0 of them");
    expect(estimatePolicy({ requests: [] }, "logged").score).toEqual({
      status: "not enough overlap",
      why: "the log has no requests",
    });
  });

  it("are widened by what a few unknown answers could be", () => {
    const requests = logged(3_000, { explore: 0 });
    const isOther = ({ id }: LoggedRequest): boolean => Number(id) < 15;
    const same = estimated(estimatePolicy({ requests }, "logged").score).snips;
    const { score } = estimatePolicy({ requests }, (r) => (isOther(r) ? "ba"[r.chosen] : "ab"[r.chosen]));
    const { low, high } = estimated(score).snips;
    expect(high - low - (same.high - same.low)).toBeGreaterThan(0.5 * (15 / 3_000));
    expect(high - low - (same.high - same.low)).toBeLessThan(2.1 * (15 / 3_000));
  });

  it("leave tool loops out, which stay with their model", () => {
    const requests = [...logged(100), ...logged(50, { reason: "tool loop" })];
    expect(estimatePolicy({ requests }, "logged")).toMatchObject({ requests: 100, toolLoops: 50 });
  });

  it("refuse what is no target, and models that the log does not have", () => {
    const log = { requests: logged(30) };
    expect(() => estimatePolicy(log, { lambda: -1 })).toThrow("lambda is -1");
    expect(() => estimatePolicy(log, { lambda: 1, models: ["c"] })).toThrow("the log does not have model c");
    expect(() => estimatePolicy(null as never, "logged")).toThrow("log is null");
    expect(() => estimatePolicy(log, "other" as never)).toThrow("target is other");
  });
});

it("Student's quantiles are those of the tables", () => {
  const table = new Map([
    [4, 2.776],
    [5, 2.571],
    [10, 2.228],
    [30, 2.042],
    [120, 1.98],
    [Infinity, 1.96],
  ]);
  for (const [degrees, quantile] of table) expect(studentQuantile(degrees)).toBeCloseTo(quantile, 2);
});
