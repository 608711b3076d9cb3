/**
 * out = left · right, all float32 and row-major: left rows × inner, right inner × columns, out rows × columns, with
 * `columns` a multiple of four. Each number of `out` is one chain of additions over `inner`, first to last, so it
 * depends on its own row and column alone. Tiles of 4 × 8 numbers stay in registers, and a panel of eight columns stays
 * in the cache. O(rows · inner · columns).
 */
export function multiply(left: usize, right: usize, out: usize, rows: i32, inner: i32, columns: i32): void {
  assert(columns % 4 == 0);
  let column = 0;
  for (; column + 8 <= columns; column += 8) {
    const offset = (<usize>column) << 2;
    let row = 0;
    for (; row + 4 <= rows; row += 4) tile4x8(left, right + offset, out + offset, row, inner, columns);
    for (; row < rows; row++) {
      tile1x4(left, right + offset, out + offset, row, inner, columns);
      tile1x4(left, right + offset + 16, out + offset + 16, row, inner, columns);
    }
  }
  if (column < columns) {
    const offset = (<usize>column) << 2;
    let row = 0;
    for (; row + 4 <= rows; row += 4) tile4x4(left, right + offset, out + offset, row, inner, columns);
    for (; row < rows; row++) tile1x4(left, right + offset, out + offset, row, inner, columns);
  }
}

// @ts-ignore: decorator
@inline
function product(left: usize, right: v128, sum: v128): v128 {
  return f32x4.add(sum, f32x4.mul(v128.load32_splat(left), right));
}

function tile4x8(left: usize, right: usize, out: usize, row: i32, inner: i32, columns: i32): void {
  const stride = (<usize>inner) << 2;
  const step = (<usize>columns) << 2;
  let a = left + <usize>row * stride;
  const end = a + stride;
  let a0 = f32x4.splat(0);
  let a1 = a0;
  let b0 = a0;
  let b1 = a0;
  let c0 = a0;
  let c1 = a0;
  let d0 = a0;
  let d1 = a0;
  const twice = stride * 2;
  const thrice = stride * 3;
  for (; a < end; a += 4) {
    const r0 = v128.load(right);
    const r1 = v128.load(right, 16);
    const va = v128.load32_splat(a);
    a0 = f32x4.add(a0, f32x4.mul(va, r0));
    a1 = f32x4.add(a1, f32x4.mul(va, r1));
    const vb = v128.load32_splat(a + stride);
    b0 = f32x4.add(b0, f32x4.mul(vb, r0));
    b1 = f32x4.add(b1, f32x4.mul(vb, r1));
    const vc = v128.load32_splat(a + twice);
    c0 = f32x4.add(c0, f32x4.mul(vc, r0));
    c1 = f32x4.add(c1, f32x4.mul(vc, r1));
    const vd = v128.load32_splat(a + thrice);
    d0 = f32x4.add(d0, f32x4.mul(vd, r0));
    d1 = f32x4.add(d1, f32x4.mul(vd, r1));
    right += step;
  }
  let to = out + <usize>row * step;
  v128.store(to, a0);
  v128.store(to, a1, 16);
  to += step;
  v128.store(to, b0);
  v128.store(to, b1, 16);
  to += step;
  v128.store(to, c0);
  v128.store(to, c1, 16);
  to += step;
  v128.store(to, d0);
  v128.store(to, d1, 16);
}

function tile4x4(left: usize, right: usize, out: usize, row: i32, inner: i32, columns: i32): void {
  const stride = (<usize>inner) << 2;
  const step = (<usize>columns) << 2;
  let a = left + <usize>row * stride;
  const end = a + stride;
  let s0 = f32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  for (; a < end; a += 4) {
    const r = v128.load(right);
    s0 = product(a, r, s0);
    s1 = product(a + stride, r, s1);
    s2 = product(a + stride * 2, r, s2);
    s3 = product(a + stride * 3, r, s3);
    right += step;
  }
  const to = out + <usize>row * step;
  v128.store(to, s0);
  v128.store(to + step, s1);
  v128.store(to + step * 2, s2);
  v128.store(to + step * 3, s3);
}

function tile1x4(left: usize, right: usize, out: usize, row: i32, inner: i32, columns: i32): void {
  const step = (<usize>columns) << 2;
  let a = left + (<usize>row * <usize>inner << 2);
  const end = a + (<usize>inner << 2);
  let sum = f32x4.splat(0);
  for (; a < end; a += 4) {
    sum = product(a, v128.load(right), sum);
    right += step;
  }
  v128.store(out + <usize>row * step, sum);
}
