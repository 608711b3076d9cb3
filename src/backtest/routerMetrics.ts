import { accuracyAt, type Curve } from "./figures/curve.js";
import { aiq, aiqRepo } from "./figures/aiq.js";
import { costSave, perfGain } from "./figures/gains.js";
import { nonDecreasingHull } from "./figures/hull.js";
import { igd, normalisedHypervolume, spread } from "../solve/metrics/indicator.js";
import { idealNadir, select } from "../solve/metrics/pointSet.js";
import type { SingleModel } from "./realised.js";
import { thin } from "../solve/thin.js";

/** The standard figures of one router on the test queries, by recorded cost and accuracy. */
export interface RouterMetrics {
  /** Mean accuracy of the non-decreasing hull between the cheapest and the dearest single model's costs. */
  aiq: number;
  /** The same as RouterBench's repository computes it, up to the dearest point of all compared; null if all is free. */
  aiqRepo: number | null;
  /** Best relative gain on the best single model's accuracy. */
  perfGain: number | null;
  /** Largest share of the best single model's cost that an equally accurate point saves. */
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

/** The references that the routers of one repeat are measured against. */
export interface Yardstick {
  singles: readonly SingleModel[];
  best: SingleModel;
  oracle: Curve;
  /** Dollars: the dearest point of all routers compared. */
  maxCost: number;
}

/** Points of a router that count for IGD and Δ; all count for the others. */
const MOST_POINTS = 2000;
/** Points on a straight line. */
const LINE_POINTS = 200;

/**
 * Measures a router's realised points, in any order.
 * O(points log points + min(points, 2,000) · oracle points).
 */
export function routerMetrics(points: Curve, { singles, best, oracle, maxCost }: Yardstick): RouterMetrics {
  const costs = singles.map(({ cost }) => cost);
  const range = { low: Math.min(...costs), high: Math.max(...costs) };
  const few = select(points, thin(points.cost.length, MOST_POINTS));
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

/** The zero router as points: its corners' line, cut at evenly spaced costs. */
export function zeroRouterPoints(singles: readonly SingleModel[]): Curve {
  const hull = nonDecreasingHull(curveOf(singles));
  const last = hull.cost.length - 1;
  if (last === 0) return hull;
  const [low, high] = [hull.cost[0], hull.cost[last]];
  // Rounding must not put the last one beyond the dearest model.
  const cost = Float64Array.from({ length: LINE_POINTS }, (_, k) =>
    Math.min(high, low + ((high - low) * k) / (LINE_POINTS - 1)),
  );
  return { cost, accuracy: cost.map((c) => accuracyAt(hull, c)) };
}

export function curveOf(points: readonly { cost: number; accuracy: number }[]): Curve {
  return {
    cost: Float64Array.from(points, ({ cost }) => cost),
    accuracy: Float64Array.from(points, ({ accuracy }) => accuracy),
  };
}
