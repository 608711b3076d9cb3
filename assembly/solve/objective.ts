/**
 * Adds weight[q] · value[q, allocation[q]] over the queries to `start`, one after another in float64, so that blocks
 * chained through `start` give the same bytes as one plain loop over the whole matrix.
 *
 * `value`: float32, rows × models, row-major: an outcome or anything else an allocation adds up; `weight`: float32 a
 * row, or 0 for none; `allocation`: one byte a row. O(rows).
 */
export function sumAllocated(
  value: usize,
  weight: usize,
  rows: i32,
  models: i32,
  allocation: usize,
  start: f64,
): f64 {
  let sum = start;
  for (let row = 0; row < rows; row++) {
    const m = load<u8>(allocation + row);
    assert(<i32>m < models);
    const x = <f64>load<f32>(value + ((<usize>m) << 2));
    sum += weight == 0 ? x : <f64>load<f32>(weight + ((<usize>row) << 2)) * x;
    value += (<usize>models) << 2;
  }
  return sum;
}

/**
 * Both objectives of an allocation: `sumAllocated` of two matrices at once, the lanes of a vector, so that each is added
 * one query after another in float64 and has the bytes of a plain loop.
 *
 * `cost`, `probability`: float32, rows × models, row-major; `weight`, `allocation`: as in `sumAllocated`.
 * `total`: two float64, cost and summed probability, to which is added. O(rows).
 */
export function addAllocated(
  cost: usize,
  probability: usize,
  weight: usize,
  rows: i32,
  models: i32,
  allocation: usize,
  total: usize,
): void {
  let sums = v128.load(total);
  const rowBytes = (<usize>models) << 2;
  for (let row = 0; row < rows; row++) {
    const m = load<u8>(allocation + row);
    assert(<i32>m < models);
    const at = (<usize>m) << 2;
    const option = f64x2.promote_low_f32x4(v128.load_lane<f32>(probability + at, v128.load32_zero(cost + at), 1));
    const w = weight == 0 ? 1 : <f64>load<f32>(weight + ((<usize>row) << 2));
    sums = f64x2.add(sums, f64x2.mul(f64x2.splat(w), option));
    cost += rowBytes;
    probability += rowBytes;
  }
  v128.store(total, sums);
}
