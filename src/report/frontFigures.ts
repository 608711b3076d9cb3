import { normalisedHypervolume } from "../solve/metrics/indicator.js";
import { idealNadir } from "../solve/metrics/pointSet.js";

/** An allocation by its two objectives. */
export interface Point {
  totalCost: number;
  expectedAccuracy: number;
}

/** The allocations of a front, by rising cost. */
type Points = Record<keyof Point, Float64Array>;

/** The first and the last allocation of a front. */
export function endsOf({ totalCost, expectedAccuracy }: Points) {
  const at = (k: number): Point => ({ totalCost: totalCost[k], expectedAccuracy: expectedAccuracy[k] });
  return { cheapest: at(0), mostAccurate: at(totalCost.length - 1) };
}

/** A front's hypervolume, normalised by its own ends, which every algorithm finds. */
export function hypervolumeOf({ totalCost, expectedAccuracy }: Points): number {
  const points = { cost: totalCost, accuracy: expectedAccuracy };
  return normalisedHypervolume(points, idealNadir(points));
}
