/**
 * The area that a front dominates, up to a reference point: dollars × accuracy.
 *
 * `cost`, `accuracy`: float64, a nondominated set by rising cost; points that are not better than the
 * reference in both objectives add nothing. O(points) [ZitzlerThiele1998].
 */
export function hypervolume(
  cost: usize,
  accuracy: usize,
  points: i32,
  referenceCost: f64,
  referenceAccuracy: f64,
): f64 {
  let area: f64 = 0;
  let floor = referenceAccuracy;
  for (let i = 0; i < points; i++) {
    const c = load<f64>(cost + ((<usize>i) << 3));
    const a = load<f64>(accuracy + ((<usize>i) << 3));
    if (c >= referenceCost || a <= floor) continue;
    area += (referenceCost - c) * (a - floor);
    floor = a;
  }
  return area;
}

/**
 * Inverted generational distance: the mean, over the points of a reference front, of the Euclidean
 * distance to the nearest point of the set [CoelloReyes2004].
 *
 * All four arrays float64, both sets not empty; scale the objectives first where their units differ.
 * O(points × references).
 */
export function igd(
  cost: usize,
  accuracy: usize,
  points: i32,
  referenceCost: usize,
  referenceAccuracy: usize,
  references: i32,
): f64 {
  assert(points > 0 && references > 0);
  let sum: f64 = 0;
  for (let r = 0; r < references; r++) {
    const rc = load<f64>(referenceCost + ((<usize>r) << 3));
    const ra = load<f64>(referenceAccuracy + ((<usize>r) << 3));
    let nearest: f64 = Infinity;
    for (let i = 0; i < points; i++) {
      const dc = load<f64>(cost + ((<usize>i) << 3)) - rc;
      const da = load<f64>(accuracy + ((<usize>i) << 3)) - ra;
      nearest = min(nearest, dc * dc + da * da);
    }
    sum += sqrt(nearest);
  }
  return sum / <f64>references;
}
