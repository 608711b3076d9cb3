// Products with sparse columns: column c has the entries first[c] … first[c + 1] − 1, by rising row.

/** Sparse columns. */
// @ts-ignore: decorator
@unmanaged
export class ColumnLists {
  /** uint32, columns + 1 ascending offsets. */
  first: usize = 0;
  /** uint32 and float32 per entry. */
  row: usize = 0;
  value: usize = 0;
}

/** Which columns become rows of bytes, and how. */
// @ts-ignore: decorator
@unmanaged
export class ColumnSteps {
  /** int32 per row of bytes: its column, −1 for none. */
  chosen: usize = 0;
  /** float32 per row of bytes: a factor. */
  scale: usize = 0;
  count: u32 = 0;
  /** float32, rows × width. */
  basis: usize = 0;
  /** A multiple of 4. */
  width: u32 = 0;
  /** Of one float64; 0 makes zeros. */
  step: usize = 0;
  /** float32, `width`: scratch. */
  sum: usize = 0;
  /** Results: int8, count × width, and uint8, count. */
  byte: usize = 0;
  factor: usize = 0;
}

/**
 * out = columnsᵀ · matrix: `matrix` float32, rows × width; `out` float32, columns × width. Products and sums are float64, each
 * sum rounded to float32. O(entries · width).
 */
export function combineColumns(lists: ColumnLists, columns: i32, matrix: usize, width: i32, out: usize): void {
  const first = lists.first;
  const row = lists.row;
  const value = lists.value;
  const bytes = <usize>width << 2;
  memory.fill(out, 0, <usize>columns * bytes);
  for (let c: usize = 0; c < <usize>columns; c++) {
    const end = <usize>load<u32>(first + (c << 2), 4);
    for (let k = <usize>load<u32>(first + (c << 2)); k < end; k++) {
      const x = <f64>load<f32>(value + (k << 2));
      const from = matrix + <usize>load<u32>(row + (k << 2)) * bytes;
      for (let m: usize = 0; m < bytes; m += 4) {
        store<f32>(out + m, <f32>(<f64>load<f32>(out + m) + x * <f64>load<f32>(from + m)));
      }
    }
    out += bytes;
  }
}

/**
 * The chosen columnsᵀ · basis, each row times its scale, in whole steps: a row's factor, 1 … 255, is the least with which
 * none of its numbers exceeds 127 steps times the factor. O(entries · width).
 */
export function stepColumns(lists: ColumnLists, steps: ColumnSteps): void {
  const first = lists.first;
  const row = lists.row;
  const value = lists.value;
  const width = <usize>steps.width;
  const bytes = width << 2;
  const sum = steps.sum;
  const step = load<f64>(steps.step);
  let byte = steps.byte;
  for (let n: usize = 0; n < <usize>steps.count; n++) {
    memory.fill(sum, 0, bytes);
    const c = load<i32>(steps.chosen + (n << 2));
    if (c >= 0) {
      const at = first + (<usize>c << 2);
      const end = <usize>load<u32>(at, 4);
      for (let k = <usize>load<u32>(at); k < end; k++) {
        const x = v128.load32_splat(value + (k << 2));
        const from = steps.basis + <usize>load<u32>(row + (k << 2)) * bytes;
        for (let d: usize = 0; d < bytes; d += 16) {
          v128.store(sum + d, f32x4.add(v128.load(sum + d), f32x4.mul(x, v128.load(from + d))));
        }
      }
    }
    const scale = v128.load32_splat(steps.scale + (n << 2));
    let most = f32x4.splat(0);
    for (let d: usize = 0; d < bytes; d += 16) {
      const x = f32x4.mul(v128.load(sum + d), scale);
      v128.store(sum + d, x);
      most = f32x4.max(most, f32x4.abs(x));
    }
    const greatest = max(
      max(f32x4.extract_lane(most, 0), f32x4.extract_lane(most, 1)),
      max(f32x4.extract_lane(most, 2), f32x4.extract_lane(most, 3)),
    );
    // A matrix of zeros has no step.
    const factor = step > 0 ? min<f64>(255, max<f64>(1, Math.ceil(<f64>greatest / (127 * step)))) : 1;
    store<u8>(steps.factor + n, <u8>factor);
    const toBytes = f32x4.splat(step > 0 ? <f32>(1 / (factor * step)) : 0);
    for (let d: usize = 0; d < bytes; d += 16) {
      const x = i32x4.trunc_sat_f32x4_s(f32x4.nearest(f32x4.mul(v128.load(sum + d), toBytes)));
      const y = i8x16.narrow_i16x8_s(i16x8.narrow_i32x4_s(x, x), i16x8.narrow_i32x4_s(x, x));
      v128.store32_lane(byte + (d >> 2), y, 0);
    }
    byte += width;
  }
}
