import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { judgeFront, judgeOurs, judgeShares } from "../../bench/judge.js";
import { PEERS } from "../../bench/peers/index.js";
import type { Answer, Task } from "../../bench/peers/peer.js";
import { digestOf, summarise, tableOf } from "../../bench/report.js";
import { choose } from "../../src/solve/choose.js";
import type { Chosen } from "../../src/solve/choice.js";
import { simulateProblem } from "../../src/simulate/simulate.js";
import { solveFront } from "../../src/solve/front.js";
import { problems } from "../problems.js";

const SIZE = { queries: 30, models: 5, seed: 4 };
const problem = simulateProblem(SIZE);
const front = await solveFront(problem, { resolution: "full" });
const budget = front.totalCost[0] + (front.totalCost[front.totalCost.length - 1] - front.totalCost[0]) / 3;
const { cost, successProbability } = problem;
const task: Task = { ...SIZE, cost, successProbability, budget };
const ours = (await choose(front, { budget })) as Chosen;

function sharesOf(allocation: Uint8Array): Float64Array {
  const share = new Float64Array(cost.length);
  allocation.forEach((m, q) => (share[q * SIZE.models + m] = 1));
  return share;
}

describe.each(Object.entries(PEERS))("the peer %s", (_, peer) => {
  it("agrees with us on a small problem", async () => {
    const answer = (await peer.load())(task);
    const refine = peer.answers === "integer";
    const choice = (await choose(front, { budget }, { refine })) as Chosen;
    const verdict =
      answer.kind === "front" ? judgeFront(answer, front) : judgeShares(peer, task, answer.share, choice);
    expect(verdict).toMatchObject({ status: "agrees" });
  });
});

it("finds the front in plain JavaScript for any problem, ties and forbidden models among them", async () => {
  const solve = await PEERS.plainHull.load();
  await fc.assert(
    fc.asyncProperty(problems({ queries: 20, models: 6 }), async (any) => {
      const models = any.models.length;
      const queries = any.cost.length / models;
      const answer = solve({ ...any, queries, models, budget: 0 }) as Answer & { kind: "front" };
      const expected = await solveFront(any, { resolution: "full" });
      expect(judgeFront(answer, expected).status).toBe("agrees");
      expect(answer.cost.length).toBe(expected.totalCost.length);
    }),
  );
});

describe("the judge", () => {
  const { highsMip, highsLp } = PEERS;

  it("accepts our own choice and no other report of it", () => {
    expect(judgeOurs(task, ours)).toEqual({ status: "agrees", gap: ours.gap });
    expect(judgeOurs(task, { ...ours, totalCost: ours.totalCost * 0.99 }).status).toBe("disagrees");
    expect(judgeOurs({ ...task, budget: budget / 2 }, ours).status).toBe("disagrees");
  });

  it("calls an answer wrong that breaks a constraint or stops early", () => {
    const share = sharesOf(ours.allocation);
    expect(judgeShares(highsMip, task, share, ours)).toMatchObject({ status: "agrees" });
    const halves = share.map((x) => x / 2);
    expect(judgeShares(highsMip, task, halves, ours).note).toMatch(/takes 0.5 of an option/);
    expect(judgeShares(highsLp, task, halves, ours).note).toMatch(/query 0 gets 0.5 models/);
    const dear = sharesOf(new Uint8Array(SIZE.queries).fill(SIZE.models - 1));
    expect(judgeShares(highsMip, task, dear, ours).note).toMatch(/budgets/);
    const cheap = sharesOf(new Uint8Array(SIZE.queries));
    expect(judgeShares(highsMip, task, cheap, ours)).toMatchObject({ status: "wrong" });
  });

  it("says that it disagrees when an answer within the budget beats our bound", () => {
    const bound = ours.expectedAccuracy - 0.01;
    const verdict = judgeShares(highsMip, task, sharesOf(ours.allocation), { ...ours, bound });
    expect(verdict).toMatchObject({ status: "disagrees" });
  });

  it("says that it disagrees when fronts lie apart, above or below", () => {
    const same = { kind: "front" as const, cost: front.totalCost, accuracy: front.expectedAccuracy };
    expect(judgeFront(same, front).status).toBe("agrees");
    for (const shift of [1e-6, -1e-6]) {
      const moved = { ...same, accuracy: same.accuracy.map((a) => a + shift) };
      expect(judgeFront(moved, front).status).toBe("disagrees");
    }
  });
});

describe("the report", () => {
  it("takes minimum, median and 95th percentile", () => {
    expect(summarise([3, 1, 2])).toEqual({ min: 1, median: 2, p95: 3 });
    expect(summarise([4, 1, 2, 3])).toEqual({ min: 1, median: 2.5, p95: 4 });
    expect(summarise([])).toEqual({});
  });

  it("tells answers apart by their bytes", () => {
    expect(digestOf(Uint8Array.of(1, 2))).toBe(digestOf(Uint8Array.of(1), Uint8Array.of(2)));
    expect(digestOf(Uint8Array.of(1))).not.toBe(digestOf(Uint8Array.of(2)));
  });

  it("keeps the rows of peers that gave up", () => {
    const row = { scenario: "s", queries: 1000, models: 12, seed: 1, threads: 1 };
    const text = tableOf([
      { ...row, solver: "a", status: "measured", samples: [2], ...summarise([2]), gap: 1e-5 },
      { ...row, solver: "b", status: "timeout", note: "no answer in 10 s", samples: [] },
    ]);
    expect(text).toMatch(/a +\| +2\.00 .* 2,000 \| gap 1\.0e-5/);
    expect(text).toMatch(/b +\| +- .*\| timeout: no answer in 10 s/);
  });
});
