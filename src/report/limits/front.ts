import type { FrontUnderPoint } from "../../solve/constraints/front.js";
import { shownNames } from "../../text/names.js";
import type { Curve, ExplorerData } from "../data.js";
import { rounded } from "../rounded.js";

/** A plan on the front under limits, without its allocation. */
export type UnderPoint = Omit<FrontUnderPoint, "allocation">;

/** A front with one more plan, without those that the plan beats. `weight`: of all queries. */
export function withPoint(points: readonly UnderPoint[], plan: UnderPoint, weight: number): UnderPoint[] {
  const beats = (a: UnderPoint, b: UnderPoint): boolean =>
    a.totalCost <= b.totalCost && a.expectedAccuracy >= b.expectedAccuracy;
  if (points.some((point) => beats(point, plan))) return [...points];
  const kept = points.filter((point) => !beats(plan, point));
  const point = { ...plan, bound: boundOf(plan, points, weight) };
  return [...kept, point].sort((a, b) => a.totalCost - b.totalCost);
}

/**
 * The least bound at a plan's cost whose line of the plan's λ is nowhere below the bounds of the front, which hold at every budget:
 * the plan's own bound may be proven for its budget alone.
 */
function boundOf(
  { totalCost, expectedAccuracy, bound, lambda }: UnderPoint,
  points: readonly UnderPoint[],
  weight: number,
): number {
  // A line at the cheapest plan bounds nothing.
  if (lambda === Infinity) return bound;
  const lines = [...points.filter((point) => point.lambda < Infinity), { ...points.at(-1)!, lambda: 0 }].map(
    (point) => {
      const slope = point.lambda / weight;
      return { slope, at: point.bound + slope * (totalCost - point.totalCost) };
    },
  );
  /** Dollars above the plan's cost where the least of the lines may be farthest above that of the plan. */
  const places = lines.flatMap((a) => lines.map((b) => (b.at - a.at) / (a.slope - b.slope)));
  const first = points[0].totalCost - totalCost;
  const above = [first, ...places.filter((dollars) => dollars > first && dollars < Infinity)].map(
    (dollars) =>
      Math.min(...lines.map(({ slope, at }) => at + slope * dollars)) - (lambda / weight) * dollars,
  );
  return Math.max(expectedAccuracy, ...above);
}

/** The front of the plans that keep the limits, as a curve. */
export function curveUnder(points: readonly UnderPoint[], name: string): Curve {
  return {
    name,
    kind: "front",
    cost: points.map(({ totalCost }) => rounded(totalCost)),
    accuracy: points.map(({ expectedAccuracy }) => rounded(expectedAccuracy)),
  };
}

/** A budget that moves along the plans that keep the limits. `weight`: of all queries. */
export function explorerUnder(
  points: readonly UnderPoint[],
  models: readonly string[],
  weight: number,
  start: number,
): ExplorerData {
  return {
    cost: points.map(({ totalCost }) => rounded(totalCost)),
    expectedAccuracy: points.map(({ expectedAccuracy }) => rounded(expectedAccuracy)),
    bound: points.map(({ bound }) => rounded(bound)),
    lambda: points.map(({ lambda }) => (Number.isFinite(lambda) ? rounded(lambda) : null)),
    weight,
    start: rounded(start),
    shares: {
      models: shownNames(models),
      ofModel: models.map((name) => points.map(({ shares }) => Number(shares[name].toFixed(4)))),
    },
  };
}
