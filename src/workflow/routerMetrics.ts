import {
  accuracyAt,
  aiq,
  aiqRepo,
  costSave,
  nonDecreasingHull,
  perfGain,
  type Curve,
} from "../evaluate/index.js";
import type { Front } from "../solve/front.js";
import { igd, normalisedHypervolume, spread } from "../solve/indicator.js";
import { idealNadir } from "../solve/pointSet.js";
import type { SingleModel } from "./realised.js";
import { thin } from "./thin.js";

/** The field's figures of one router on the test queries; cost and accuracy recorded. */
export interface RouterMetrics {
  /** Mean accuracy of the non-decreasing hull between the cheapest and the dearest single model's costs. */
  aiq: number;
  /** The same as RouterBench's repository computes it, up to the dearest point of all compared; null if all is free. */
  aiqRepo: number | null;
  /** Best relative gain on the best single model's accuracy. */
  perfGain: number | null;
  /** Most of the best single model's cost that a point as accurate saves. */
  costSave: number | null;
  /** Normalised by the oracle front's ideal and nadir; 1 is the ideal. */
  hypervolume: number;
  /** From the oracle front, dollars and accuracy as they are: the paper's. */
  igd: number;
  /** From the oracle front, both normalised. */
  igdNormalised: number;
  /** Deb's Δ against the oracle front, normalised. */
  spread: number;
}

/** What the routers of one repeat are measured with. */
export interface Yardstick {
  singles: readonly SingleModel[];
  best: SingleModel;
  oracle: Curve;
  /** Dollars: the dearest point of all routers compared. */
  maxCost: number;
}

/** Points of a router that count for IGD and Δ; all count for the others. */
const MOST_POINTS = 2000;
/** Points that stand for a straight line. */
const LINE_POINTS = 200;

/**
 * Measures a router's realised points, in any order.
 * O(points log points + min(points, 2,000) · oracle points).
 */
export function routerMetrics(points: Curve, { singles, best, oracle, maxCost }: Yardstick): RouterMetrics {
  const costs = singles.map(({ cost }) => cost);
  const range = { low: Math.min(...costs), high: Math.max(...costs) };
  const few = thinned(points);
  const bounds = idealNadir(oracle);
  return {
    aiq: aiq(points, range),
    aiqRepo: maxCost > 0 ? aiqRepo(points, maxCost) : null,
    perfGain: perfGain(points, best.accuracy),
    costSave: costSave(points, best),
    hypervolume: normalisedHypervolume(points, bounds),
    igd: igd(few, oracle),
    igdNormalised: igd(few, oracle, bounds),
    spread: spread(few, oracle, bounds),
  };
}

/**
 * The oracle front as points, one for each further right answer as in the paper's true front: increments of equal
 * efficiency are one step of a front, so its edges are cut into steps of one query's accuracy. O(points + queries).
 */
export function oraclePoints({ totalCost, expectedAccuracy, queries }: Front): Curve {
  const cost = [totalCost[0]];
  const accuracy = [expectedAccuracy[0]];
  for (let k = 1; k < totalCost.length; k++) {
    const rise = expectedAccuracy[k] - expectedAccuracy[k - 1];
    const pieces = Math.max(1, Math.round(rise * queries));
    for (let piece = 1; piece < pieces; piece++) {
      cost.push(totalCost[k - 1] + ((totalCost[k] - totalCost[k - 1]) * piece) / pieces);
      accuracy.push(expectedAccuracy[k - 1] + (rise * piece) / pieces);
    }
    cost.push(totalCost[k]);
    accuracy.push(expectedAccuracy[k]);
  }
  return { cost: Float64Array.from(cost), accuracy: Float64Array.from(accuracy) };
}

/** The zero router as points: its corners' line, cut at evenly spaced costs. */
export function zeroRouterPoints(singles: readonly SingleModel[]): Curve {
  const hull = nonDecreasingHull(curveOf(singles));
  const last = hull.cost.length - 1;
  if (last === 0) return hull;
  const cost = Float64Array.from(
    { length: LINE_POINTS },
    (_, k) => hull.cost[0] + ((hull.cost[last] - hull.cost[0]) * k) / (LINE_POINTS - 1),
  );
  return { cost, accuracy: cost.map((c) => accuracyAt(hull, c)) };
}

export function curveOf(points: readonly { cost: number; accuracy: number }[]): Curve {
  return {
    cost: Float64Array.from(points, ({ cost }) => cost),
    accuracy: Float64Array.from(points, ({ accuracy }) => accuracy),
  };
}

function thinned({ cost, accuracy }: Curve): Curve {
  const kept = thin(cost.length, MOST_POINTS);
  return {
    cost: Float64Array.from(kept, (k) => cost[k]),
    accuracy: Float64Array.from(kept, (k) => accuracy[k]),
  };
}
