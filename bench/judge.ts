// Compares a peer's answer with ours before its times are kept.
import type { Chosen } from "../src/solve/choice.js";
import type { Front } from "../src/solve/front.js";
import type { Answer, Peer, Task } from "./peers/peer.js";

/**
 * `agrees`: the times may stand. `wrong`: the answer fails its own constraints, or is worse than an allocation
 * that we show. `disagrees`: its checked answer is better than our bound, or a front lies elsewhere: then the
 * fault may be ours, and the run fails.
 */
export interface Verdict {
  status: "agrees" | "wrong" | "disagrees";
  note?: string;
  /** bound − accuracy of the answer, for a budget. */
  gap?: number;
}

/** Tolerance of constraints and accuracies, which is the solvers' own. */
const TOLERANCE = 1e-6;

/**
 * Judges shares of options: they must keep to the budget, make up one model a query, and be as good as ours. For a
 * linear program `ours` is a choice without refinement, whose bound is the relaxation's value.
 */
export function judgeShares(peer: Peer, task: Task, share: Float64Array, ours: Chosen): Verdict {
  const { queries, models, cost, successProbability, budget } = task;
  const isWhole = peer.answers === "integer";
  let dollars = 0;
  let gain = 0;
  for (let q = 0; q < queries; q++) {
    let sum = 0;
    for (let i = q * models; i < (q + 1) * models; i++) {
      const x = isWhole ? Math.round(share[i]) : share[i];
      if (!(x >= -TOLERANCE && Math.abs(x - share[i]) <= TOLERANCE)) {
        return { status: "wrong", note: `takes ${share[i]} of an option` };
      }
      sum += x;
      dollars += x * cost[i];
      gain += x * successProbability[i];
    }
    if (Math.abs(sum - 1) > TOLERANCE) return { status: "wrong", note: `query ${q} gets ${sum} models` };
  }
  if (dollars > budget * (1 + TOLERANCE))
    return { status: "wrong", note: `costs ${dollars / budget} budgets` };
  const accuracy = gain / queries;
  const gap = ours.bound - accuracy;
  if (gap < -TOLERANCE) return { status: "disagrees", note: `beats our bound by ${-gap}`, gap };
  // The relaxation's value is the bound; a whole allocation must be as good as the one that we show.
  const least = isWhole ? ours.expectedAccuracy : ours.bound;
  const missing = least - accuracy - peer.tolerance * ours.bound;
  return missing > TOLERANCE
    ? { status: "wrong", note: `stops ${missing} below what is possible`, gap }
    : { status: "agrees", gap };
}

/** Judges a whole front: neither may lie above the other anywhere, but for rounding. */
export function judgeFront(answer: Answer & { kind: "front" }, ours: Front): Verdict {
  const front = { cost: ours.totalCost, accuracy: ours.expectedAccuracy };
  const above = furthestAbove(answer, front);
  const below = furthestAbove(front, answer);
  // At buckets resolution the lines between our points run a little below the front that they lie on.
  const most = ours.resolution === "full" ? 1e-9 : 1e-4;
  return below <= 1e-9 && above <= most
    ? { status: "agrees" }
    : { status: "disagrees", note: `the front lies ${above} above and ${below} below ours` };
}

interface Curve {
  cost: Float64Array;
  accuracy: Float64Array;
}

/** By how much a point of one front lies above the straight lines between the points of another, at most. */
function furthestAbove(points: Curve, line: Curve): number {
  let most = 0;
  let k = 0;
  const last = line.cost.length - 1;
  for (let i = 0; i < points.cost.length; i++) {
    const c = points.cost[i];
    while (k < last && line.cost[k + 1] < c) k++;
    const next = Math.min(k + 1, last);
    const width = line.cost[next] - line.cost[k];
    // Beyond an end, the end itself.
    const t = width > 0 ? Math.min(1, Math.max(0, (c - line.cost[k]) / width)) : 0;
    const height = line.accuracy[k] + t * (line.accuracy[next] - line.accuracy[k]);
    most = Math.max(most, points.accuracy[i] - height);
  }
  return most;
}

/** Checks our own choice by plain loops: within the budget, and as accurate as it says. */
export function judgeOurs(task: Task, ours: Chosen): Verdict {
  let dollars = 0;
  let gain = 0;
  ours.allocation.forEach((m, q) => {
    dollars += task.cost[q * task.models + m];
    gain += task.successProbability[q * task.models + m];
  });
  if (dollars > task.budget) return { status: "disagrees", note: `costs ${dollars / task.budget} budgets` };
  return dollars === ours.totalCost && gain / task.queries === ours.expectedAccuracy
    ? { status: "agrees", gap: ours.gap }
    : { status: "disagrees", note: "reports another cost or accuracy than its allocation has" };
}
