/** `loadRows` for four consecutive rows. */
// @ts-ignore: decorator
@inline
export function loadColumns(from: usize, models: i32, to: usize): void {
  const stride = <usize>models << 2;
  loadRows(from, from + stride, from + 2 * stride, from + 3 * stride, models, to);
}

/**
 * Transposes four rows of a row-major float32 matrix: column m, one lane per query, is written to `to + 32 m`.
 * Reads whole vectors, so up to three elements beyond a row; the columns made of these are not used.
 */
// @ts-ignore: decorator
@inline
export function loadRows(row0: usize, row1: usize, row2: usize, row3: usize, models: i32, to: usize): void {
  const quads = (models + 3) >> 2;
  for (let k = 0; k < quads; k++) {
    const at = <usize>k << 4;
    const a = v128.load(row0 + at);
    const b = v128.load(row1 + at);
    const c = v128.load(row2 + at);
    const d = v128.load(row3 + at);
    const lowAB = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const highAB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const lowCD = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const highCD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    const column = to + (<usize>k << 7);
    v128.store(column, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
    v128.store(column, v128.shuffle<i64>(lowAB, lowCD, 1, 3), 32);
    v128.store(column, v128.shuffle<i64>(highAB, highCD, 0, 2), 64);
    v128.store(column, v128.shuffle<i64>(highAB, highCD, 1, 3), 96);
  }
}

/** Bytes of a column that `loadWideRows` writes: costs of rows 0 and 1, of rows 2 and 3, and four probabilities. */
export const WIDE_COLUMN: usize = 48;

/**
 * Transposes four rows of float64 costs and of float32 probabilities, which stand `wide` and `probability` bytes from
 * where the rows begin. Column m is written to `to + WIDE_COLUMN m`.
 */
// @ts-ignore: decorator
@inline
export function loadWideRows(
  wide: usize,
  probability: usize,
  row0: usize,
  row1: usize,
  row2: usize,
  row3: usize,
  models: i32,
  to: usize,
): void {
  for (let m: usize = 0; m < <usize>models; m++) {
    const c = m << 3;
    const p = probability + (m << 2);
    v128.store(to, v128.load_lane<f64>(wide + 2 * row1 + c, v128.load64_zero(wide + 2 * row0 + c), 1));
    v128.store(to, v128.load_lane<f64>(wide + 2 * row3 + c, v128.load64_zero(wide + 2 * row2 + c), 1), 16);
    let four = v128.load_lane<f32>(p + row1, v128.load32_zero(p + row0), 1);
    four = v128.load_lane<f32>(p + row3, v128.load_lane<f32>(p + row2, four, 2), 3);
    v128.store(to, four, 32);
    to += WIDE_COLUMN;
  }
}

/** Lanes 0 and 1 of a float32 vector as float64. */
// @ts-ignore: decorator
@inline
export function lowLanes(v: v128): v128 {
  return f64x2.promote_low_f32x4(v);
}

/** Lanes 2 and 3 of a float32 vector as float64. */
// @ts-ignore: decorator
@inline
export function highLanes(v: v128): v128 {
  return f64x2.promote_low_f32x4(v128.shuffle<i64>(v, v, 1, 0));
}

/** The sum of the lanes of a float32 vector, always in the same order. */
// @ts-ignore: decorator
@inline
export function sumLanes(v: v128): f32 {
  const low = f32x4.extract_lane(v, 0) + f32x4.extract_lane(v, 1);
  return low + (f32x4.extract_lane(v, 2) + f32x4.extract_lane(v, 3));
}
