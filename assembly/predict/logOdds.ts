// Log-odds and probabilities, four at a time, in float32: log and exp have relative errors of about 10⁻⁷.

/** Natural logarithms of positive normal numbers x = 2^e · m with m between √½ and √2: log m = 2 artanh((m − 1) / (m + 1)). */
// @ts-ignore: decorator
@inline
function log(x: v128): v128 {
  const one = f32x4.splat(1);
  // The exponent bits of the distance from √½ give the power of two.
  const above = i32x4.sub(x, i32x4.splat(0x3f3504f3));
  const e = i32x4.shr_s(above, 23);
  const m = i32x4.sub(x, i32x4.shl(e, 23));
  const s = f32x4.div(f32x4.sub(m, one), f32x4.add(m, one));
  const z = f32x4.mul(s, s);
  // |s| < 0.1716: the next term is below 10⁻⁹.
  let sum = f32x4.splat(1.0 / 9.0);
  sum = f32x4.add(f32x4.mul(sum, z), f32x4.splat(1.0 / 7.0));
  sum = f32x4.add(f32x4.mul(sum, z), f32x4.splat(1.0 / 5.0));
  sum = f32x4.add(f32x4.mul(sum, z), f32x4.splat(1.0 / 3.0));
  sum = f32x4.add(f32x4.mul(sum, z), one);
  const twice = f32x4.mul(f32x4.add(s, s), sum);
  return f32x4.add(twice, f32x4.mul(f32x4.convert_i32x4_s(e), f32x4.splat(0.6931471805599453)));
}

/** e^x for |x| ≤ 80: 2^n · e^r with |r| ≤ ½ log 2. */
// @ts-ignore: decorator
@inline
function exp(x: v128): v128 {
  const n = f32x4.nearest(f32x4.mul(x, f32x4.splat(1.4426950408889634)));
  // log 2 in two parts; products of the first with n are exact.
  let r = f32x4.sub(x, f32x4.mul(n, f32x4.splat(0.693145751953125)));
  r = f32x4.sub(r, f32x4.mul(n, f32x4.splat(1.4286068203094172e-6)));
  let sum = f32x4.splat(1.0 / 5040.0);
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 720.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 120.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 24.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1.0 / 6.0));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(0.5));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  sum = f32x4.add(f32x4.mul(sum, r), f32x4.splat(1));
  return i32x4.add(sum, i32x4.shl(i32x4.trunc_sat_f32x4_s(n), 23));
}

/** σ(x). Beyond ±80, where it is 0 or 1 in float32, σ(±80). */
// @ts-ignore: decorator
@inline
function sigmoid(x: v128): v128 {
  const one = f32x4.splat(1);
  const held = f32x4.max(f32x4.min(f32x4.neg(x), f32x4.splat(80)), f32x4.splat(-80));
  return f32x4.div(one, f32x4.add(one, exp(held)));
}

/** log(p / (1 − p)), with p clipped to `clip` … 1 − `clip`. */
// @ts-ignore: decorator
@inline
function logit(p: v128, clip: f32): v128 {
  const one = f32x4.splat(1);
  const held = f32x4.max(f32x4.min(p, f32x4.splat(1 - clip)), f32x4.splat(clip));
  return log(f32x4.div(held, f32x4.sub(one, held)));
}

/**
 * Turns margins into probabilities: σ(intercept + margin), in place. `margin`: float32, rows × width, a multiple of 4, of
 * which the first `models` are used; `intercept`: float32, `width` of them. The results are rows × models, without gaps.
 * O(rows × width).
 */
export function toProbabilities(margin: usize, rows: i32, width: i32, intercept: usize, models: i32): void {
  assert(width % 4 == 0 && models <= width && models > width - 4);
  let to = margin;
  let from = margin;
  for (let r = 0; r < rows; r++) {
    for (let d: usize = 0; d < <usize>width << 2; d += 16) {
      // Numbers written beyond the end of the row were read before, and the next row overwrites them.
      v128.store(to + d, sigmoid(f32x4.add(v128.load(from + d), v128.load(intercept + d))));
    }
    to += <usize>models << 2;
    from += <usize>width << 2;
  }
}

/** The members of a replicate, how they are combined, and sums over replicates. All arrays are float32. */
// @ts-ignore: decorator
@unmanaged
export class Replicates {
  /** Probabilities: one matrix after another, each of `values` numbers. */
  member: usize = 0;
  /** 0: there is a single matrix, whose probabilities are used unchanged. */
  members: i32 = 0;
  /** One number per member. */
  weight: usize = 0;
  /** `period` numbers each, a multiple of 4, which repeat along a matrix. */
  base: usize = 0;
  slope: usize = 0;
  period: i32 = 0;
  /** Sums, `values` numbers each: the first replicate's probabilities, and with d the distance from them Σ share · d, Σ d, Σ d². */
  origin: usize = 0;
  mean: usize = 0;
  sum: usize = 0;
  squares: usize = 0;
}

/**
 * Combines the members of one replicate, σ(base + slope · Σ weight · log-odds), and adds the result to the sums over
 * replicates.
 *
 * `values`: rows × models, a multiple of 4; `clip`: probabilities are kept this far from 0 and 1; `isFirst`: begins new
 * sums; `share`: the weight of this replicate in the mean. O(values × members).
 */
export function addReplicate(replicates: Replicates, values: i32, clip: f32, isFirst: bool, share: f32): void {
  const member = replicates.member;
  const members = replicates.members;
  const weight = replicates.weight;
  const base = replicates.base;
  const slope = replicates.slope;
  const period = replicates.period;
  const origin = replicates.origin;
  const mean = replicates.mean;
  const sum = replicates.sum;
  const squares = replicates.squares;
  assert(values % 4 == 0 && period % 4 == 0);
  const bytes = <usize>values << 2;
  const shares = f32x4.splat(share);
  let phase: usize = 0;
  for (let at: usize = 0; at < bytes; at += 16) {
    let p: v128;
    if (members == 0) {
      p = v128.load(member + at);
    } else {
      let margin = f32x4.splat(0);
      let source = member + at;
      for (let k = 0; k < members; k++, source += bytes) {
        const w = v128.load32_splat(weight + (<usize>k << 2));
        margin = f32x4.add(margin, f32x4.mul(w, logit(v128.load(source), clip)));
      }
      p = sigmoid(f32x4.add(v128.load(base + phase), f32x4.mul(v128.load(slope + phase), margin)));
      phase += 16;
      if (phase == <usize>period << 2) phase = 0;
    }
    if (isFirst) {
      const zero = f32x4.splat(0);
      v128.store(origin + at, p);
      v128.store(mean + at, zero);
      v128.store(sum + at, zero);
      v128.store(squares + at, zero);
      continue;
    }
    const d = f32x4.sub(p, v128.load(origin + at));
    v128.store(mean + at, f32x4.add(v128.load(mean + at), f32x4.mul(shares, d)));
    v128.store(sum + at, f32x4.add(v128.load(sum + at), d));
    v128.store(squares + at, f32x4.add(v128.load(squares + at), f32x4.mul(d, d)));
  }
}

/**
 * Replaces `origin` by the robust scores of `count` replicates whose shares add up to 1:
 * origin + mean + alpha · √(squares / count − (sum / count)²), clipped to 0 … 1. O(values).
 */
export function robustScores(replicates: Replicates, values: i32, count: i32, alpha: f32): void {
  const origin = replicates.origin;
  const mean = replicates.mean;
  const sum = replicates.sum;
  const squares = replicates.squares;
  const part = f32x4.splat(<f32>(1.0 / <f64>count));
  const zero = f32x4.splat(0);
  const one = f32x4.splat(1);
  for (let at: usize = 0; at < <usize>values << 2; at += 16) {
    const d = f32x4.mul(v128.load(sum + at), part);
    const variance = f32x4.max(zero, f32x4.sub(f32x4.mul(v128.load(squares + at), part), f32x4.mul(d, d)));
    const deviation = f32x4.mul(f32x4.splat(alpha), f32x4.sqrt(variance));
    const score = f32x4.add(f32x4.add(v128.load(origin + at), v128.load(mean + at)), deviation);
    v128.store(origin + at, f32x4.max(zero, f32x4.min(one, score)));
  }
}
