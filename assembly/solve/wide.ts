// Costs of more digits than float32 holds. The walk along the hulls takes float32 differences from the cheapest model,
// which tell near costs apart; sums, and choices at a price, are of the float64 costs themselves.
import { Block } from "./block";
import { isInRange } from "./check";

/**
 * Checks a block of float64 costs and writes what `sumWideHulls` walks along: each query's lowest cost, and float32 costs
 * above it, in dollars. Returns whether every value is valid and every query has a model.
 *
 * `rows`: queries, rows of zeros included. `scale`: units per dollar; costs and lowest costs become whole units, of which
 * sums are exact below 2⁵³; 0: they stay dollars. O(rows × models).
 */
export function narrow(block: Block, rows: i32, scale: f64): bool {
  const models = block.models;
  let wide = block.wide;
  let cost = block.cost;
  let probability = block.probability;
  for (let row = 0; row < rows; row++) {
    let least = Infinity;
    for (let m = 0; m < models; m++) {
      const c = load<f64>(wide + (<usize>m << 3));
      const p = load<f32>(probability + (<usize>m << 2));
      if (!(isInRange(c) && p >= 0 && p <= 1)) return false;
      least = min(least, c);
    }
    if (least == Infinity) return false;
    store<f64>(block.least + (<usize>row << 3), scale == 0 ? least : nearest(least * scale));
    for (let m = 0; m < models; m++) {
      const c = load<f64>(wide + (<usize>m << 3));
      store<f32>(cost + (<usize>m << 2), <f32>(c - least));
      if (scale != 0) store<f64>(wide + (<usize>m << 3), nearest(c * scale));
    }
    wide += <usize>models << 3;
    cost += <usize>models << 2;
    probability += <usize>models << 2;
  }
  return true;
}

/**
 * Gives every query its best model at a price, by float64 costs: the cheapest at ∞, the most probable at 0, otherwise the
 * largest probability − λ · cost. Ties, and a model with infinite cost, as in `allocateCheapest`,
 * `allocateMostProbable` and `allocateAtPrice`. `allocation`: one byte per row. O(rows × models).
 */
export function allocateWide(block: Block, rows: i32, lambda: f64, allocation: usize): void {
  assert(lambda >= 0);
  const models = block.models;
  let wide = block.wide;
  let probability = block.probability;
  const isCheapest = lambda == Infinity;
  for (let row = 0; row < rows; row++) {
    // Differences from the lowest cost are exact where the costs are close, which is where digits matter.
    let least = Infinity;
    for (let m = 0; m < models; m++) least = min(least, load<f64>(wide + (<usize>m << 3)));
    let best = 0;
    let bestValue = -Infinity;
    let bestP: f32 = -1;
    let bestC = Infinity;
    for (let m = 0; m < models; m++) {
      const c = load<f64>(wide + (<usize>m << 3));
      if (c == Infinity) continue;
      const p = load<f32>(probability + (<usize>m << 2));
      const value = isCheapest ? -c : <f64>p - lambda * (c - least);
      if (value > bestValue || (value == bestValue && (p > bestP || (p == bestP && c < bestC)))) {
        best = m;
        bestValue = value;
        bestP = p;
        bestC = c;
      }
    }
    store<u8>(allocation + row, <u8>best);
    wide += <usize>models << 3;
    probability += <usize>models << 2;
  }
}
