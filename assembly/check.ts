/**
 * The first option that no kernel may meet: a cost below 0 or NaN, a probability outside 0 … 1 or NaN.
 * `cost`, `probability`: float32, `options` of them. Returns its index, or `options` when all are valid.
 * An infinite cost is valid. O(options), four at a time.
 */
export function findInvalid(cost: usize, probability: usize, options: i32): i32 {
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  let i = 0;
  for (; i + 4 <= options; i += 4) {
    const at = (<usize>i) << 2;
    const p = v128.load(probability + at);
    const valid = v128.and(
      f32x4.ge(v128.load(cost + at), zero),
      v128.and(f32x4.ge(p, zero), f32x4.le(p, one)),
    );
    if (!i32x4.all_true(valid)) break;
  }
  for (; i < options; i++) {
    const at = (<usize>i) << 2;
    const p = load<f32>(probability + at);
    if (!(load<f32>(cost + at) >= 0 && p >= 0 && p <= 1)) break;
  }
  return i;
}

/** The first row whose costs are all infinite, or `rows`. `cost`: float32, rows × models. O(rows × models). */
export function findForbidden(cost: usize, rows: i32, models: i32): i32 {
  for (let row = 0; row < rows; row++) {
    const start = cost + <usize>row * ((<usize>models) << 2);
    let m = 0;
    while (m < models && load<f32>(start + ((<usize>m) << 2)) == Infinity) m++;
    if (m == models) return row;
  }
  return rows;
}
