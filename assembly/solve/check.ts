/**
 * Whether every cost is finite and ≥ 0 and every probability in 0 … 1; then the other checks need not run. Also false for
 * −0. `cost`, `probability`: float32, read up to the next multiple of four, where zeros must stand.
 * O(options), four at a time: the bits of positive numbers order like the numbers, and those of negative numbers are larger.
 */
export function allFinite(cost: usize, probability: usize, options: i32): bool {
  let mostC = i32x4.splat(0);
  let mostP = i32x4.splat(0);
  const end = cost + ((<usize>options) << 2);
  for (; cost < end; cost += 16, probability += 16) {
    mostC = i32x4.max_u(mostC, v128.load(cost));
    mostP = i32x4.max_u(mostP, v128.load(probability));
  }
  const isFinite = i32x4.lt_u(mostC, i32x4.splat(reinterpret<i32>(<f32>Infinity)));
  return i32x4.all_true(v128.and(isFinite, i32x4.le_u(mostP, i32x4.splat(reinterpret<i32>(<f32>1)))));
}

/**
 * The first invalid option: a cost below 0 or NaN, a probability outside 0 … 1 or NaN.
 * `cost`, `probability`: float32 per option. Returns its index, or `options` if all are valid.
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

/**
 * Forbids options: sets a cost to infinity where `allowed` is 0 or the probability is below the row's minimum.
 *
 * `cost` (changed), `probability`: float32, rows × models, row-major; `allowed`: a byte per option, `minProbability`:
 * float32 per row; either address may be 0 if there is none. O(rows × models).
 */
export function forbid(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  allowed: usize,
  minProbability: usize,
): void {
  for (let row = 0; row < rows; row++) {
    let least: f32 = 0;
    if (minProbability != 0) least = load<f32>(minProbability + ((<usize>row) << 2));
    for (let m = 0; m < models; m++) {
      const option = <usize>(row * models + m);
      const isAllowed = allowed == 0 || load<u8>(allowed + option) != 0;
      // Comparisons with NaN are false: a NaN is left for the check to find.
      if (!isAllowed || load<f32>(probability + (option << 2)) < least) {
        store<f32>(cost + (option << 2), Infinity);
      }
    }
  }
}
