/**
 * Marks the nondominated points of a set: lower cost is better, higher accuracy is better.
 *
 * `order`: uint32, the points by rising cost, then falling accuracy, then index; `accuracy`: float64 a point.
 * `keep[i]` becomes 1 for a nondominated point, else 0; of equal points the first in `order` is kept.
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
