import { idealNadir } from "../../solve/metrics/pointSet.js";
import { normalisedHypervolume } from "../../solve/metrics/indicator.js";
import { dollars, percent } from "./text.js";

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

/** The head of a table of `pointRow`s. */
export const POINT_COLUMNS = ["", "cost", "expected accuracy"];

export function pointRow(name: string, { totalCost, expectedAccuracy }: Point): string[] {
  return [name, dollars(totalCost), percent(expectedAccuracy)];
}
