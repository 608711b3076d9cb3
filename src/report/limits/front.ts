import type { FrontUnderPoint } from "../../solve/constraints/front.js";
import { shownNames } from "../../text/names.js";
import type { Curve, ExplorerData } from "../data.js";
import { rounded } from "../rounded.js";

/** A plan on the front under limits, without its allocation. */
export type UnderPoint = Omit<FrontUnderPoint, "allocation">;

/** A front with one more plan, without those that the plan beats. */
export function withPoint(points: readonly UnderPoint[], plan: UnderPoint): UnderPoint[] {
  const beats = (a: UnderPoint, b: UnderPoint): boolean =>
    a.totalCost <= b.totalCost && a.expectedAccuracy >= b.expectedAccuracy;
  if (points.some((point) => beats(point, plan))) return [...points];
  const kept = points.filter((point) => !beats(plan, point));
  return [...kept, plan].sort((a, b) => a.totalCost - b.totalCost);
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
