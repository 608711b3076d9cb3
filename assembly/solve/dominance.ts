import { PointSet } from "./points";

/** Whether point i comes before point j: by rising cost, then falling accuracy. */
function precedes(cost: usize, accuracy: usize, i: u32, j: u32): bool {
  const c = load<f64>(cost + ((<usize>i) << 3));
  const other = load<f64>(cost + ((<usize>j) << 3));
  if (c != other) return c < other;
  return load<f64>(accuracy + ((<usize>i) << 3)) > load<f64>(accuracy + ((<usize>j) << 3));
}

/**
 * Orders points by rising cost, then falling accuracy, then index: the order in which sweeps meet them.
 *
 * `order`: uint32 per point, the result; `scratch`: the same size; `comparisons`: one float64, to which the number of
 * compared pairs is added. O(n log n) comparisons, n − 1 for points that are already in order: bottom-up merge sort.
 */
export function sortPoints(set: PointSet, order: usize, scratch: usize, comparisons: usize): void {
  const cost = set.cost;
  const accuracy = set.accuracy;
  const points = set.points;
  for (let k = 0; k < points; k++) store<u32>(order + ((<usize>k) << 2), k);
  let compared: f64 = 0;
  let from = order;
  let to = scratch;
  // 64 bits, since the doubled width may exceed 32 bits.
  for (let width: i64 = 1; width < <i64>points; width *= 2) {
    for (let start: i64 = 0; start < <i64>points; start += 2 * width) {
      const middle = min(start + width, <i64>points);
      const end = min(middle + width, <i64>points);
      let left = from + ((<usize>start) << 2);
      let right = from + ((<usize>middle) << 2);
      const leftEnd = right;
      const rightEnd = from + ((<usize>end) << 2);
      let out = to + ((<usize>start) << 2);
      if (right < rightEnd) {
        compared++;
        // Two runs that are already in order are copied unchanged.
        if (precedes(cost, accuracy, load<u32>(right), load<u32>(right - 4))) {
          while (left < leftEnd && right < rightEnd) {
            compared++;
            const i = load<u32>(left);
            const j = load<u32>(right);
            // Among equal points the left one comes first: it has the lower index.
            if (precedes(cost, accuracy, j, i)) {
              store<u32>(out, j);
              right += 4;
            } else {
              store<u32>(out, i);
              left += 4;
            }
            out += 4;
          }
        }
      }
      memory.copy(out, left, leftEnd - left);
      memory.copy(out + (leftEnd - left), right, rightEnd - right);
    }
    const held = from;
    from = to;
    to = held;
  }
  if (from != order) memory.copy(order, from, (<usize>points) << 2);
  store<f64>(comparisons, load<f64>(comparisons) + compared);
}

/**
 * Marks the nondominated points of a set: lower cost is better, higher accuracy is better.
 *
 * `order`: uint32 per point, from `sortPoints`; `accuracy`: float64 per point.
 * `keep[i]` becomes 1 for a nondominated point, else 0; among equal points the first in `order` is kept.
 * Returns how many are kept. O(points) after the sort.
 *
 * The sweep of [KungLuccioPreparata1975] for two objectives: along rising cost a point is nondominated
 * exactly when its accuracy exceeds every accuracy before it.
 */
export function markFront(order: usize, accuracy: usize, points: i32, keep: usize): i32 {
  let kept = 0;
  let best: f64 = -Infinity;
  for (let k = 0; k < points; k++) {
    const i = load<u32>(order + ((<usize>k) << 2));
    assert(i < <u32>points);
    const a = load<f64>(accuracy + ((<usize>i) << 3));
    const isFront = a > best;
    store<u8>(keep + i, u8(isFront));
    if (isFront) {
      best = a;
      kept++;
    }
  }
  return kept;
}

/**
 * Ranks the points of a set by nondominated sorting: rank 0 is the front, rank 1 the front of the points that
 * remain without it, and so on.
 *
 * `order`: uint32 per point, from `sortPoints`; `rank`: uint32 per point, the result; `last`: float64 per point, scratch;
 * `comparisons`: as in `sortPoints`. Equal points share a rank, since neither dominates the other. Returns the number of
 * fronts. O(points · log fronts) after the sort.
 *
 * The two-objective sweep of [Jensen2003]: along rising cost a front dominates a point exactly when the
 * accuracy of the front's last point is at least the point's. These accuracies fall from front to front, so
 * the first front that does not dominate is found by binary search.
 */
export function rankPoints(
  set: PointSet,
  order: usize,
  rank: usize,
  last: usize,
  comparisons: usize,
): i32 {
  const cost = set.cost;
  const accuracy = set.accuracy;
  const points = set.points;
  let fronts = 0;
  let compared: f64 = 0;
  for (let k = 0; k < points; k++) {
    const i = load<u32>(order + ((<usize>k) << 2));
    assert(i < <u32>points);
    const a = load<f64>(accuracy + ((<usize>i) << 3));
    if (k > 0) {
      const before = load<u32>(order + ((<usize>(k - 1)) << 2));
      compared++;
      if (
        load<f64>(accuracy + ((<usize>before) << 3)) == a &&
        load<f64>(cost + ((<usize>before) << 3)) == load<f64>(cost + ((<usize>i) << 3))
      ) {
        store<u32>(rank + ((<usize>i) << 2), load<u32>(rank + ((<usize>before) << 2)));
        continue;
      }
    }
    let low = 0;
    let high = fronts;
    while (low < high) {
      const middle = (low + high) >>> 1;
      compared++;
      if (load<f64>(last + ((<usize>middle) << 3)) >= a) low = middle + 1;
      else high = middle;
    }
    if (low == fronts) fronts++;
    store<f64>(last + ((<usize>low) << 3), a);
    store<u32>(rank + ((<usize>i) << 2), low);
  }
  store<f64>(comparisons, load<f64>(comparisons) + compared);
  return fronts;
}
