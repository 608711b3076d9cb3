import { InputError } from "../errors.js";
import { sharedCore } from "../pool/index.js";

/** Points in any order; lower cost and higher accuracy are better. */
export interface PointSet {
  /** Dollars. */
  cost: Float64Array;
  /** 0 … 1. */
  accuracy: Float64Array;
}

/**
 * Indices of the nondominated points, by rising cost; of equal points the first is kept.
 * O(n log n) [KungLuccioPreparata1975].
 */
export function nondominated(points: PointSet): Uint32Array {
  const { cost, accuracy } = points;
  checkSet(points);
  const order = Uint32Array.from(cost, (_, i) => i).sort(
    (i, j) => cost[i] - cost[j] || accuracy[j] - accuracy[i] || i - j,
  );
  const keep = sharedCore().markFront(order, accuracy);
  return order.filter((i) => keep[i] === 1);
}

/**
 * Area dominated by a point set, up to a reference point that is dearer and less accurate than the points
 * that shall count: dollars × accuracy. O(n log n) [ZitzlerThiele1998].
 */
export function hypervolume(points: PointSet, reference: { cost: number; accuracy: number }): number {
  const front = select(points, nondominated(points));
  return sharedCore().hypervolume(front.cost, front.accuracy, reference);
}

/**
 * Inverted generational distance: mean Euclidean distance from the points of a reference front to the nearest
 * point of a set, in the units given (normalise first where dollars would swamp accuracy). O(n × references).
 */
export function igd(points: PointSet, reference: PointSet): number {
  checkSet(points);
  checkSet(reference);
  if (points.cost.length === 0 || reference.cost.length === 0) {
    throw new InputError("igd needs at least one point and one reference point");
  }
  return sharedCore().igd(points.cost, points.accuracy, reference.cost, reference.accuracy);
}

function select({ cost, accuracy }: PointSet, indices: Uint32Array): PointSet {
  return {
    cost: Float64Array.from(indices, (i) => cost[i]),
    accuracy: Float64Array.from(indices, (i) => accuracy[i]),
  };
}

function checkSet({ cost, accuracy }: PointSet): void {
  if (cost.length !== accuracy.length) {
    throw new InputError(`${cost.length} costs for ${accuracy.length} accuracies; expected as many`);
  }
  if (!cost.every(Number.isFinite) || !accuracy.every(Number.isFinite)) {
    throw new InputError("a point is not finite; expected finite costs and accuracies");
  }
}
