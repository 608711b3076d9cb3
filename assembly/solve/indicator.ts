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
 * The square of the distance from a point to a reference point: Euclidean, or with `isPlus` of the harmful part
 * alone, which is a higher cost and a lower accuracy.
 */
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
 * nearest point of the set [CoelloReyes2004]; with `isPlus` IGD+, whose distance counts only by how much a
 * point is dearer or less accurate than the reference point [IshibuchiMasudaTanigakiNojima2015].
 *
 * All four arrays float64, in any order, neither set empty; scale the objectives first where their units
 * differ. O(points × references).
 */
export function igd(
  cost: usize,
  accuracy: usize,
  points: i32,
  referenceCost: usize,
  referenceAccuracy: usize,
  references: i32,
  isPlus: bool,
): f64 {
  assert(points > 0 && references > 0);
  let sum: f64 = 0;
  for (let r = 0; r < references; r++) {
    const rc = load<f64>(referenceCost + ((<usize>r) << 3));
    const ra = load<f64>(referenceAccuracy + ((<usize>r) << 3));
    let nearest: f64 = Infinity;
    for (let i = 0; i < points; i++) {
      const at = (<usize>i) << 3;
      nearest = min(nearest, squaredDistance(load<f64>(cost + at), load<f64>(accuracy + at), rc, ra, isPlus));
    }
    sum += sqrt(nearest);
  }
  return sum / <f64>references;
}

/** Far above what rounding does to a squared distance. */
const NEAR_TIE: f64 = 1 + 1 / <f64>(1 << 30) / <f64>(1 << 18);

/**
 * `igd` of two chains: along each, neither cost nor accuracy falls. Nondominated sets by rising cost are chains.
 * `distances`: one float64, to which the number of distances measured is added.
 *
 * Along two chains the squared distances, as those of IGD+, satisfy the Monge condition
 * d(i, r) + d(j, s) ≤ d(i, s) + d(j, r) for i ≤ j, r ≤ s, so the nearest point never goes back as the reference
 * point goes on: find it for the middle one, then for each half on its own side [AggarwalKlaweMoranShorWilber1987].
 * O((points + references) · log references), but for points that rounding cannot tell apart.
 */
export function igdSorted(
  cost: usize,
  accuracy: usize,
  points: i32,
  referenceCost: usize,
  referenceAccuracy: usize,
  references: i32,
  isPlus: bool,
  distances: usize,
): f64 {
  assert(points > 0 && references > 0);
  assert(isChain(cost, accuracy, points) && isChain(referenceCost, referenceAccuracy, references));
  const sum = sumNearest(
    cost,
    accuracy,
    0,
    points,
    referenceCost,
    referenceAccuracy,
    0,
    references,
    isPlus,
    distances,
  );
  return sum / <f64>references;
}

function isChain(cost: usize, accuracy: usize, points: i32): bool {
  for (let i = 1; i < points; i++) {
    const at = (<usize>i) << 3;
    if (load<f64>(cost + at) < load<f64>(cost + at - 8)) return false;
    if (load<f64>(accuracy + at) < load<f64>(accuracy + at - 8)) return false;
  }
  return true;
}

/** Σ distance to the nearest of points `low` … `high` − 1 over reference points `from` … `to` − 1. */
function sumNearest(
  cost: usize,
  accuracy: usize,
  low: i32,
  high: i32,
  referenceCost: usize,
  referenceAccuracy: usize,
  from: i32,
  to: i32,
  isPlus: bool,
  distances: usize,
): f64 {
  if (from >= to) return 0;
  const middle = (from + to) >>> 1;
  const rc = load<f64>(referenceCost + ((<usize>middle) << 3));
  const ra = load<f64>(referenceAccuracy + ((<usize>middle) << 3));
  let nearest: f64 = Infinity;
  let first = low;
  let last = low;
  for (let i = low; i < high; i++) {
    const at = (<usize>i) << 3;
    const d = squaredDistance(load<f64>(cost + at), load<f64>(accuracy + at), rc, ra, isPlus);
    // Near ties are kept for both halves, since rounding may have put them in the wrong order; a distance of 0
    // is exact, and the first of several serves both.
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
    sumNearest(
      cost,
      accuracy,
      low,
      last + 1,
      referenceCost,
      referenceAccuracy,
      from,
      middle,
      isPlus,
      distances,
    ) +
    sumNearest(
      cost,
      accuracy,
      first,
      high,
      referenceCost,
      referenceAccuracy,
      middle + 1,
      to,
      isPlus,
      distances,
    )
  );
}

/**
 * The additive epsilon indicator: the least amount by which every point of a set must improve in both
 * objectives until each reference point is matched or dominated [ZitzlerThieleLaumannsFonsecaGrunert2003]:
 * max over reference points of min over points of max(cost − reference cost, reference accuracy − accuracy).
 *
 * `cost`, `accuracy`: float64, a nondominated set by rising cost, not empty; the reference in any order, not
 * empty. Negative where the set is better everywhere. O(references · log points): along the set the first term
 * rises and the second falls, so their maximum is least where they cross.
 */
export function additiveEpsilon(
  cost: usize,
  accuracy: usize,
  points: i32,
  referenceCost: usize,
  referenceAccuracy: usize,
  references: i32,
): f64 {
  assert(points > 0 && references > 0);
  let epsilon: f64 = -Infinity;
  for (let r = 0; r < references; r++) {
    const rc = load<f64>(referenceCost + ((<usize>r) << 3));
    const ra = load<f64>(referenceAccuracy + ((<usize>r) << 3));
    let low = 0;
    let high = points;
    while (low < high) {
      const middle = (low + high) >>> 1;
      const at = (<usize>middle) << 3;
      if (load<f64>(cost + at) - rc < ra - load<f64>(accuracy + at)) low = middle + 1;
      else high = middle;
    }
    // From `low` on the cost decides, before it the accuracy.
    const dear = low < points ? load<f64>(cost + ((<usize>low) << 3)) - rc : Infinity;
    const poor = low > 0 ? ra - load<f64>(accuracy + ((<usize>(low - 1)) << 3)) : Infinity;
    epsilon = max(epsilon, min(dear, poor));
  }
  return epsilon;
}

/**
 * The spread Δ of a front: how unevenly its points lie, and how far it ends from where it should [Deb2002]:
 * (ends + Σ|dᵢ − d̄|) / (ends + Σdᵢ), dᵢ the distances between neighbours, d̄ their mean. 0 is even and complete.
 *
 * `cost`, `accuracy`: float64, a nondominated set by rising cost, not empty; `ends`: the summed distances of its
 * two ends to those of the reference front. A single point at both ends of the reference has spread 0. O(points).
 */
export function spread(cost: usize, accuracy: usize, points: i32, ends: f64): f64 {
  assert(points > 0);
  let length: f64 = 0;
  for (let i = 1; i < points; i++) length += stepLength(cost, accuracy, i);
  const mean = points > 1 ? length / <f64>(points - 1) : 0;
  let deviation: f64 = 0;
  for (let i = 1; i < points; i++) deviation += abs(stepLength(cost, accuracy, i) - mean);
  const whole = ends + length;
  return whole > 0 ? (ends + deviation) / whole : 0;
}

/** The distance from the point before to point i. */
function stepLength(cost: usize, accuracy: usize, i: i32): f64 {
  const at = (<usize>i) << 3;
  const dc = load<f64>(cost + at) - load<f64>(cost + at - 8);
  const da = load<f64>(accuracy + at) - load<f64>(accuracy + at - 8);
  return sqrt(dc * dc + da * da);
}
