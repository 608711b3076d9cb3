import { checkCurve, type Curve } from "./curve.js";

/** A non-decreasing concave curve and the points it came from. */
export interface Hull extends Curve {
  /** Index of each corner in the set. */
  index: Uint32Array;
}

/**
 * The non-decreasing convex hull (NDCH) of a set of points in any order: from the cheapest point (ties: the more
 * accurate) to the most accurate (ties: the cheaper) the least concave curve above all; both coordinates rise
 * strictly from corner to corner. Every point of it can be reached by mixing two of the set at random. O(n log n).
 *
 * For single models it is the *zero router*, which never looks at the query [Hu2024]. Andrew's sweep [Andrew1979].
 *
 * @throws InputError for an empty set or a value that is not finite.
 */
export function nonDecreasingHull(points: Curve): Hull {
  checkCurve(points);
  const { cost, accuracy } = points;
  const order = Uint32Array.from(cost, (_, i) => i).sort(
    (i, j) => cost[i] - cost[j] || accuracy[j] - accuracy[i] || i - j,
  );
  const corners: number[] = [];
  let best = -Infinity;
  for (const i of order) {
    // Only a point above all cheaper ones can be a corner.
    if (accuracy[i] <= best) continue;
    best = accuracy[i];
    while (corners.length > 1 && !turnsDown(points, corners.at(-2)!, corners.at(-1)!, i)) corners.pop();
    corners.push(i);
  }
  const index = Uint32Array.from(corners);
  return {
    cost: Float64Array.from(index, (i) => cost[i]),
    accuracy: Float64Array.from(index, (i) => accuracy[i]),
    index,
  };
}

/** Whether b lies above the straight line from a to c. */
function turnsDown({ cost, accuracy }: Curve, a: number, b: number, c: number): boolean {
  return (
    (accuracy[b] - accuracy[a]) * (cost[c] - cost[a]) > (accuracy[c] - accuracy[a]) * (cost[b] - cost[a])
  );
}
