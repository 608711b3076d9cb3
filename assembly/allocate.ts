/**
 * Gives every query its cheapest model; of equally cheap ones the most probable, then the lower index.
 * `cost`, `probability`: float32, rows × models, row-major; `allocation`: one byte a query.
 */
export function allocateCheapest(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  allocation: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let best = 0;
    let bestC = load<f32>(cost);
    let bestP = load<f32>(probability);
    for (let m = 1; m < models; m++) {
      const c = load<f32>(cost + ((<usize>m) << 2));
      const p = load<f32>(probability + ((<usize>m) << 2));
      if (c < bestC || (c == bestC && p > bestP)) {
        best = m;
        bestC = c;
        bestP = p;
      }
    }
    store<u8>(allocation + row, <u8>best);
    cost += (<usize>models) << 2;
    probability += (<usize>models) << 2;
  }
}

/**
 * Gives every query the model of largest probability − λ·cost, in float64: all increments whose
 * efficiency is at least λ, the optimum for its own total cost [Everett1963].
 *
 * `lambda`: probability per dollar, finite, ≥ 0; with 0 the most probable model wins.
 * `cost`, `probability`: float32, rows × models, row-major; a model of infinite cost is never taken.
 * Ties: the more probable model, then the cheaper, then the lower index. O(rows × models).
 */
export function allocateAtPrice(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  lambda: f64,
  allocation: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let best = -1;
    let bestValue: f64 = -Infinity;
    let bestC: f64 = 0;
    let bestP: f64 = 0;
    for (let m = 0; m < models; m++) {
      const c = <f64>load<f32>(cost + ((<usize>m) << 2));
      const p = <f64>load<f32>(probability + ((<usize>m) << 2));
      // An infinite cost makes the value −∞ or NaN: never above, never equal.
      const value = p - lambda * c;
      if (
        value > bestValue ||
        (value == bestValue && c < Infinity && (p > bestP || (p == bestP && c < bestC)))
      ) {
        best = m;
        bestValue = value;
        bestC = c;
        bestP = p;
      }
    }
    assert(best >= 0);
    store<u8>(allocation + row, <u8>best);
    cost += (<usize>models) << 2;
    probability += (<usize>models) << 2;
  }
}
