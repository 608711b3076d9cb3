import { PointSet } from "./points";

/** Number i of an array of float64. */
// @ts-ignore: decorator
@inline
function nth(array: usize, i: i32): f64 {
  return load<f64>(array + ((<usize>i) << 3));
}

/**
 * The area that a front dominates, up to a reference point: dollars × accuracy.
 *
 * `front`: a nondominated set by rising cost; points that are not better than the reference in both objectives add
 * nothing. O(points) [ZitzlerThiele1998].
 */
export function hypervolume(front: PointSet, referenceCost: f64, referenceAccuracy: f64): f64 {
  const cost = front.cost;
  const accuracy = front.accuracy;
  const points = front.points;
  let area: f64 = 0;
  let floor = referenceAccuracy;
  for (let i = 0; i < points; i++) {
    const c = nth(cost, i);
    const a = nth(accuracy, i);
    if (c >= referenceCost || a <= floor) continue;
    area += (referenceCost - c) * (a - floor);
    floor = a;
  }
  return area;
}

/**
 * The squared Euclidean distance from a point (c, a) to a reference point (rc, ra); with `isPlus` only a higher cost and a
 * lower accuracy count.
 */
// @ts-ignore: decorator
@inline
function squaredDistance(c: f64, a: f64, rc: f64, ra: f64, isPlus: bool): f64 {
  let dc = c - rc;
  let da = ra - a;
  if (isPlus) {
    dc = max<f64>(dc, 0);
    da = max<f64>(da, 0);
  }
  return dc * dc + da * da;
}

/**
 * Inverted generational distance: the mean, over the points of a reference front, of the distance to the
 * nearest point of the set [CoelloReyes2004]; with `isPlus` IGD+, whose distance counts only how much
 * more expensive or less accurate a point is than the reference point [IshibuchiMasudaTanigakiNojima2015].
 *
 * Both sets in any order, neither empty; scale the objectives first if their units differ. O(points × references).
 */
export function igd(set: PointSet, reference: PointSet, isPlus: bool): f64 {
  assert(set.points > 0 && reference.points > 0);
  const cost = set.cost;
  const accuracy = set.accuracy;
  const referenceCost = reference.cost;
  const referenceAccuracy = reference.accuracy;
  const points = set.points;
  const references = reference.points;
  let sum: f64 = 0;
  for (let r = 0; r < references; r++) {
    const rc = nth(referenceCost, r);
    const ra = nth(referenceAccuracy, r);
    let nearest: f64 = Infinity;
    for (let i = 0; i < points; i++) {
      nearest = min(nearest, squaredDistance(nth(cost, i), nth(accuracy, i), rc, ra, isPlus));
    }
    sum += sqrt(nearest);
  }
  return sum / <f64>references;
}

/** Far above the rounding error of a squared distance. */
const NEAR_TIE: f64 = 1 + 1 / <f64>(1 << 30) / <f64>(1 << 18);

/**
 * `igd` of two chains: along a chain neither cost nor accuracy falls. Nondominated sets by rising cost are chains.
 * `distances`: one float64, to which the number of computed distances is added.
 *
 * Along two chains the squared distances, also those of IGD+, satisfy the Monge condition
 * d(i, r) + d(j, s) ≤ d(i, s) + d(j, r) for i ≤ j, r ≤ s. So the nearest point never moves back while the reference
 * point moves on: find it for the middle one, then for each half on its own side [AggarwalKlaweMoranShorWilber1987].
 * O((points + references) · log references), unless rounding makes many distances equal.
 */
export function igdSorted(set: PointSet, reference: PointSet, isPlus: bool, distances: usize): f64 {
  assert(set.points > 0 && reference.points > 0);
  assert(isChain(set) && isChain(reference));
  const references = reference.points;
  return sumNearest(set, 0, set.points, reference, 0, references, isPlus, distances) / <f64>references;
}

function isChain(set: PointSet): bool {
  const cost = set.cost;
  const accuracy = set.accuracy;
  for (let i = 1; i < set.points; i++) {
    if (nth(cost, i) < nth(cost, i - 1) || nth(accuracy, i) < nth(accuracy, i - 1)) return false;
  }
  return true;
}

/** Σ distance to the nearest of points `low` … `high` − 1 over reference points `from` … `to` − 1. */
function sumNearest(
  set: PointSet,
  low: i32,
  high: i32,
  reference: PointSet,
  from: i32,
  to: i32,
  isPlus: bool,
  distances: usize,
): f64 {
  if (from >= to) return 0;
  const cost = set.cost;
  const accuracy = set.accuracy;
  const referenceCost = reference.cost;
  const referenceAccuracy = reference.accuracy;
  const middle = (from + to) >>> 1;
  const rc = nth(referenceCost, middle);
  const ra = nth(referenceAccuracy, middle);
  let nearest: f64 = Infinity;
  let first = low;
  let last = low;
  for (let i = low; i < high; i++) {
    const d = squaredDistance(nth(cost, i), nth(accuracy, i), rc, ra, isPlus);
    // Both halves keep near ties, since rounding may have put them in the wrong order; a distance of 0 is exact, and
    // the first of several serves both halves.
    if (d * NEAR_TIE < nearest) {
      first = i;
      last = i;
    } else if (nearest > 0 && d <= nearest * NEAR_TIE) {
      last = i;
    }
    nearest = min(nearest, d);
  }
  store<f64>(distances, load<f64>(distances) + <f64>(high - low));
  return (
    sqrt(nearest) +
    sumNearest(set, low, last + 1, reference, from, middle, isPlus, distances) +
    sumNearest(set, first, high, reference, middle + 1, to, isPlus, distances)
  );
}

/**
 * The additive epsilon indicator: the least amount by which every point of a set must improve in both
 * objectives until each reference point is matched or dominated [ZitzlerThieleLaumannsFonsecaGrunert2003]:
 * max over reference points of min over points of max(cost − reference cost, reference accuracy − accuracy).
 *
 * `front`: a nondominated set by rising cost, not empty; `reference`: in any order, not empty. Negative if the front is
 * better everywhere. O(references · log points): along the front the first term rises and the second falls, so their
 * maximum is smallest where they cross.
 */
export function additiveEpsilon(front: PointSet, reference: PointSet): f64 {
  assert(front.points > 0 && reference.points > 0);
  const cost = front.cost;
  const accuracy = front.accuracy;
  const referenceCost = reference.cost;
  const referenceAccuracy = reference.accuracy;
  const points = front.points;
  const references = reference.points;
  let epsilon: f64 = -Infinity;
  for (let r = 0; r < references; r++) {
    const rc = nth(referenceCost, r);
    const ra = nth(referenceAccuracy, r);
    let low = 0;
    let high = points;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (nth(cost, middle) - rc < ra - nth(accuracy, middle)) low = middle + 1;
      else high = middle;
    }
    // At `low` and after it the cost decides, before it the accuracy.
    const byCost = low < points ? nth(cost, low) - rc : Infinity;
    const byAccuracy = low > 0 ? ra - nth(accuracy, low - 1) : Infinity;
    epsilon = max(epsilon, min(byCost, byAccuracy));
  }
  return epsilon;
}

/**
 * The spread Δ of a front: how uneven its points are, and how far its ends are from those of a reference [Deb2002]:
 * (ends + Σ|dᵢ − d̄|) / (ends + Σdᵢ), dᵢ the distances between neighbours, d̄ their mean. 0 is even and complete.
 *
 * `front`: a nondominated set by rising cost, not empty; `ends`: the summed distances of its two ends to those of the
 * reference front. A single point at both ends of the reference has spread 0. O(points).
 */
export function spread(front: PointSet, ends: f64): f64 {
  const cost = front.cost;
  const accuracy = front.accuracy;
  const points = front.points;
  assert(points > 0);
  let length: f64 = 0;
  for (let i = 1; i < points; i++) length += stepLength(cost, accuracy, i);
  const mean = points > 1 ? length / <f64>(points - 1) : 0;
  let deviation: f64 = 0;
  for (let i = 1; i < points; i++) deviation += abs(stepLength(cost, accuracy, i) - mean);
  const whole = ends + length;
  return whole > 0 ? (ends + deviation) / whole : 0;
}

/** The distance from point i − 1 to point i. */
function stepLength(cost: usize, accuracy: usize, i: i32): f64 {
  const dc = nth(cost, i) - nth(cost, i - 1);
  const da = nth(accuracy, i) - nth(accuracy, i - 1);
  return sqrt(dc * dc + da * da);
}
