/**
 * Adds weight[q] · value[q, allocation[q]] over the queries to `start`, one after another in float64, so that blocks
 * chained through `start` give the same bytes as one plain loop over the whole matrix.
 *
 * `value`: float32, rows × models, row-major: cost, success probability or outcome; `weight`: float32 a row, or 0 for
 * none; `allocation`: one byte a row. O(rows).
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
