import { markFront, rankPoints, sortPoints } from "../../core/solve/dominance.js";
import { coreFor } from "../../pool/cores.js";
import { checkSet, select, type PointSet } from "./pointSet.js";

/**
 * Indices of the nondominated points, by rising cost; of equal points the first is kept.
 * O(n log n) [KungLuccioPreparata1975].
 */
export function nondominated(points: PointSet): Uint32Array {
  checkSet(points, "points");
  const core = coreFor(points.cost.length);
  const { order } = sortPoints(core, points);
  const keep = markFront(core, order, points.accuracy);
  return order.filter((i) => keep[i] === 1);
}

/**
 * The nondominated rank of every point: 0 on the front, 1 on the front of the remaining points, and so on. Equal points
 * share a rank. O(n log n) [Jensen2003].
 */
export function nondominatedRanks(points: PointSet): Uint32Array {
  checkSet(points, "points");
  return rankPoints(coreFor(points.cost.length), points).rank;
}

/** The nondominated points, by rising cost. */
export function frontOf(points: PointSet): PointSet {
  return select(points, nondominated(points));
}
