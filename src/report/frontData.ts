import type { Curve, ExplorerData, Mark } from "./data.js";
import { accuracyAt } from "../backtest/figures/curve.js";
import { nonDecreasingHull } from "../backtest/figures/hull.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import type { Objective } from "../solve/objective.js";
import { countShares } from "../solve/trace.js";
import { thin } from "../solve/thin.js";
import { count } from "../text/amounts.js";
import { pickRounded, rounded } from "./rounded.js";
import { shownName, shownNames } from "../text/names.js";

/** The most points of a front that a report draws, and the most values of shares that it holds. */
const MOST_POINTS = 1000;
const MOST_SHARES = 60_000;

/** The points of a front that a report draws: indices, evenly spaced, and the last one that costs at most `start`. */
export function pointsDrawn({ totalCost, problem }: Front, start: number): Uint32Array {
  const most = Math.max(200, Math.floor(MOST_SHARES / problem.models.length));
  const spaced = thin(totalCost.length, Math.min(MOST_POINTS, most) - 1);
  const after = totalCost.findIndex((cost) => cost > start);
  const last = after < 0 ? totalCost.length - 1 : Math.max(0, after - 1);
  return Uint32Array.from(new Set([...spaced, last])).sort();
}

/** Says how many points of the front are drawn. */
export function drawnText({ lambda }: Front, points: Uint32Array): string {
  const all = count(lambda.length);
  return points.length === lambda.length
    ? `All ${all} points of the front are drawn.`
    : `${count(points.length)} of the front's ${all} points are drawn, evenly spaced.`;
}

/** A front as a budget moves along it; O(increments · log points), one pass over the problem. */
export async function explorerOf(
  front: Front,
  points: Uint32Array,
  start: number,
  options: RunningOptions,
): Promise<ExplorerData> {
  const { totalCost, expectedAccuracy, lambda, weight, problem } = front;
  const counts = await countShares(front, points, options);
  const models = problem.models.length;
  return {
    cost: pickRounded(totalCost, points),
    expectedAccuracy: pickRounded(expectedAccuracy, points),
    lambda: Array.from(points, (k) => (Number.isFinite(lambda[k]) ? rounded(lambda[k]) : null)),
    weight,
    start: rounded(start),
    shares: {
      models: shownNames(problem.models),
      ofModel: problem.models.map((_, m) =>
        Array.from(points, (_, k) => Number((counts[k * models + m] / weight).toFixed(4))),
      ),
    },
  };
}

/** Single models as marks on a front's chart. */
export function singleMarks(models: readonly string[], singles: readonly (Objective | undefined)[]): Mark[] {
  return singles.flatMap((single, m) =>
    single === undefined
      ? []
      : [{ ...markOf(models[m], single.totalCost, single.expectedAccuracy), kind: "single" as const }],
  );
}

export function markOf(name: string, cost: number, accuracy: number): Mark {
  return { name: shownName(name), kind: "chosen", cost: rounded(cost), accuracy: rounded(accuracy) };
}

/** The zero router: mixing single models without looking at the query. Undefined for fewer than two of them. */
export function zeroRouterCurve(marks: readonly Mark[]): Curve | undefined {
  const alone = marks.filter(({ kind }) => kind === "single");
  if (alone.length < 2) return undefined;
  const hull = nonDecreasingHull({
    cost: Float64Array.from(alone, (mark) => mark.cost),
    accuracy: Float64Array.from(alone, (mark) => mark.accuracy),
  });
  // Mixing gives a straight line, which a logarithmic axis bends: so there are points between the corners as well.
  const cost = Array.from(hull.cost.subarray(1), (to, k) => between(hull.cost[k], to)).flat();
  cost.push(hull.cost[hull.cost.length - 1]);
  return {
    name: "zero router: models mixed blindly",
    kind: "zero",
    cost: cost.map(rounded),
    accuracy: cost.map((at) => rounded(accuracyAt(hull, at))),
  };
}

const STEPS_BETWEEN = 24;

/** Evenly spaced numbers from one to before another. */
function between(from: number, to: number): number[] {
  return Array.from({ length: STEPS_BETWEEN }, (_, k) => from + ((to - from) * k) / STEPS_BETWEEN);
}

/** Where a rising concave curve is farthest above the straight line between its ends. */
export function kneeOf(cost: ArrayLike<number>, accuracy: ArrayLike<number>): number {
  const last = cost.length - 1;
  const above = (k: number): number =>
    (accuracy[k] - accuracy[0]) * (cost[last] - cost[0]) -
    (accuracy[last] - accuracy[0]) * (cost[k] - cost[0]);
  let knee = 0;
  for (let k = 1; k <= last; k++) if (above(k) > above(knee)) knee = k;
  return knee;
}
