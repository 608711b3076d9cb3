import type { FrontUnderPoint } from "../../solve/constraints/front.js";
import { shownNames } from "../../text/names.js";
import type { Curve, ExplorerData } from "../data.js";
import { rounded } from "../rounded.js";

/** The front of the plans that keep the limits, as a curve. */
export function curveUnder(points: readonly FrontUnderPoint[], name: string): Curve {
  return {
    name,
    kind: "front",
    cost: points.map(({ totalCost }) => rounded(totalCost)),
    accuracy: points.map(({ expectedAccuracy }) => rounded(expectedAccuracy)),
  };
}

/** A budget that moves along the plans that keep the limits. `weight`: of all queries. */
export function explorerUnder(
  points: readonly FrontUnderPoint[],
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
