// Linear algebra on tall dense matrices: float32, row-major, rows × width, `width` a multiple of 4.
import { highLanes, lowLanes } from "../solve/columns";

/**
 * Yᵀ·Y: the inner products of the columns of a tall matrix.
 *
 * `gram`: float64, width × width, the result; sums are float64, in the order of the rows. O(rows × width²).
 */
export function gramMatrix(matrix: usize, rows: i32, width: i32, gram: usize): void {
  assert(width % 4 == 0);
  const rowBytes = <usize>width << 2;
  const gramBytes = <usize>width << 3;
  memory.fill(gram, 0, <usize>width * gramBytes);
  for (let r = 0; r < rows; r++) {
    const row = matrix + <usize>r * rowBytes;
    for (let i = 0; i < width; i++) {
      const x = f64x2.splat(<f64>load<f32>(row + (<usize>i << 2)));
      const line = gram + <usize>i * gramBytes;
      // Start at the vector that holds the diagonal; the rest is mirrored below.
      for (let j = i & ~3; j < width; j += 4) {
        const y = v128.load(row + (<usize>j << 2));
        const at = line + (<usize>j << 3);
        v128.store(at, f64x2.add(v128.load(at), f64x2.mul(x, lowLanes(y))));
        v128.store(at, f64x2.add(v128.load(at, 16), f64x2.mul(x, highLanes(y))), 16);
      }
    }
  }
  for (let i = 0; i < width; i++) {
    for (let j = 0; j < i; j++) {
      store<f64>(
        gram + <usize>i * gramBytes + (<usize>j << 3),
        load<f64>(gram + <usize>j * gramBytes + (<usize>i << 3)),
      );
    }
  }
}

/**
 * Replaces Y by Y·T: each row of `matrix` gets `outWidth` numbers; the distance between rows stays `width`. `factor`: T,
 * float32, width × outWidth; `scratch`: outWidth float32. Needs outWidth ≤ width, both multiples of 4. Sums are float32,
 * in the order of T's rows. O(rows × width × outWidth).
 */
export function timesSmall(
  matrix: usize,
  rows: i32,
  width: i32,
  factor: usize,
  outWidth: i32,
  scratch: usize,
): void {
  assert(width % 4 == 0 && outWidth % 4 == 0 && outWidth <= width);
  const rowBytes = <usize>width << 2;
  const outBytes = <usize>outWidth << 2;
  for (let r = 0; r < rows; r++) {
    const row = matrix + <usize>r * rowBytes;
    memory.fill(scratch, 0, outBytes);
    for (let i = 0; i < width; i++) {
      const x = v128.load32_splat(row + (<usize>i << 2));
      const line = factor + <usize>i * outBytes;
      for (let d: usize = 0; d < outBytes; d += 16) {
        v128.store(
          scratch + d,
          f32x4.add(v128.load(scratch + d), f32x4.mul(x, v128.load(line + d))),
        );
      }
    }
    memory.copy(row, scratch, outBytes);
  }
}

/**
 * Scales rows to unit length: the first `width` numbers of each, rows `stride` numbers apart. A row shorter than 10⁻³⁰,
 * too short for float32, becomes zeros. Squares are summed in float64. O(rows × width).
 */
export function toUnitLength(matrix: usize, rows: i32, width: i32, stride: i32): void {
  assert(width % 4 == 0 && stride >= width);
  for (let r = 0; r < rows; r++) {
    const row = matrix + <usize>r * (<usize>stride << 2);
    let low = f64x2.splat(0);
    let high = low;
    const end = row + (<usize>width << 2);
    for (let at = row; at < end; at += 16) {
      const x = v128.load(at);
      const a = lowLanes(x);
      const b = highLanes(x);
      low = f64x2.add(low, f64x2.mul(a, a));
      high = f64x2.add(high, f64x2.mul(b, b));
    }
    const sum = f64x2.add(low, high);
    const squares = f64x2.extract_lane(sum, 0) + f64x2.extract_lane(sum, 1);
    const scale = f32x4.splat(squares < 1e-60 ? 0 : <f32>(1 / Math.sqrt(squares)));
    for (let at = row; at < end; at += 16) v128.store(at, f32x4.mul(v128.load(at), scale));
  }
}

/**
 * Replaces each row x of a float64 matrix, rows × width, by x·B. `factor`: B, float64, width × width; `scratch`: `width`
 * float64. Each sum adds in the order of B's rows and leaves out those whose number in x is 0. O(rows × width²).
 */
export function timesSquare(matrix: usize, rows: i32, width: i32, factor: usize, scratch: usize): void {
  const bytes = <usize>width << 3;
  const pairs = bytes & ~15;
  for (let r = 0; r < rows; r++) {
    const row = matrix + <usize>r * bytes;
    memory.fill(scratch, 0, bytes);
    let line = factor;
    for (let l: usize = 0; l < bytes; l += 8, line += bytes) {
      const x = load<f64>(row + l);
      if (x == 0) continue;
      const splat = f64x2.splat(x);
      for (let m: usize = 0; m < pairs; m += 16) {
        v128.store(scratch + m, f64x2.add(v128.load(scratch + m), f64x2.mul(splat, v128.load(line + m))));
      }
      if (pairs < bytes) {
        store<f64>(scratch + pairs, load<f64>(scratch + pairs) + x * load<f64>(line + pairs));
      }
    }
    memory.copy(row, scratch, bytes);
  }
}
