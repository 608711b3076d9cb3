/**
 * Logarithms and the exponential with the bits of Node's, in the place of the browser's own, whose last bits differ
 * from engine to engine: a predictor that is fitted in the page is then the one of the command line. Ports of fdlibm
 * [https://www.netlib.org/fdlibm/], which V8 11 (Node 20) calls; only sums, products and quotients.
 */

const float = new Float64Array(1);
const words = new Uint32Array(float.buffer);
/** The places of the two halves, which depend on the machine. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;
const LOW = 1 - HIGH;

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const TWO_54 = 18_014_398_509_481_984;

/** `Math.log`. */
export function log(x: number): number {
  float[0] = x;
  let high = words[HIGH] | 0;
  let low = words[LOW];
  let k = 0;
  if (high < 0x00100000) {
    if (((high & 0x7fffffff) | low) === 0) return -Infinity;
    if (high < 0) return NaN;
    // Below the normal numbers.
    k -= 54;
    float[0] = x * TWO_54;
    high = words[HIGH] | 0;
    low = words[LOW];
  }
  if (high >= 0x7ff00000) return x + x;
  k += (high >> 20) - 1023;
  high &= 0x000fffff;
  const i = (high + 0x95f64) & 0x100000;
  // x or x / 2, between √2 / 2 and √2.
  words[HIGH] = high | (i ^ 0x3ff00000);
  k += i >> 20;
  const f = float[0] - 1;
  if ((0x000fffff & (2 + high)) < 3) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + k * LN2_LOW;
    const R = f * f * (0.5 - 0.33333333333333333 * f);
    return k === 0 ? f - R : k * LN2_HIGH - (R - k * LN2_LOW - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const w = z * z;
  const even = w * (3.999999999940941908e-1 + w * (2.222219843214978396e-1 + w * 1.531383769920937332e-1));
  const odd =
    z *
    (6.66666666666673513e-1 +
      w * (2.857142874366239149e-1 + w * (1.818357216161805012e-1 + w * 1.479819860511658591e-1)));
  const R = odd + even;
  if (((high - 0x6147a) | (0x6b851 - high)) > 0) {
    const half = 0.5 * f * f;
    if (k === 0) return f - (half - s * (half + R));
    return k * LN2_HIGH - (half - (s * (half + R) + k * LN2_LOW) - f);
  }
  if (k === 0) return f - s * (f - R);
  return k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f);
}

/** `Math.log1p`. */
export function log1p(x: number): number {
  float[0] = x;
  const high = words[HIGH] | 0;
  const size = high & 0x7fffffff;
  let k = 1;
  let f = 0;
  let top = 1;
  let lost = 0;
  if (high < 0x3fda827a) {
    if (size >= 0x3ff00000) return x === -1 ? -Infinity : NaN;
    if (size < 0x3e200000) return size < 0x3c900000 ? x : x - x * x * 0.5;
    if (high > 0 || high <= (0xbfd2bec4 | 0)) {
      k = 0;
      f = x;
    }
  }
  if (high >= 0x7ff00000) return x + x;
  if (k !== 0) {
    const isSmall = high < 0x43400000;
    float[0] = isSmall ? 1 + x : x;
    const u = float[0];
    top = words[HIGH] | 0;
    k = (top >> 20) - 1023;
    // What 1 + x lost.
    if (isSmall) lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    top &= 0x000fffff;
    if (top < 0x6a09e) words[HIGH] = top | 0x3ff00000;
    else {
      k++;
      words[HIGH] = top | 0x3fe00000;
      top = (0x00100000 - top) >> 2;
    }
    f = float[0] - 1;
  }
  const half = 0.5 * f * f;
  if (top === 0) {
    if (f === 0) return k === 0 ? 0 : k * LN2_HIGH + (lost + k * LN2_LOW);
    const R = half * (1 - 0.66666666666666666 * f);
    return k === 0 ? f - R : k * LN2_HIGH - (R - (k * LN2_LOW + lost) - f);
  }
  const s = f / (2 + f);
  const z = s * s;
  const R =
    z *
    (6.66666666666673513e-1 +
      z *
        (3.999999999940941908e-1 +
          z *
            (2.857142874366239149e-1 +
              z *
                (2.222219843214978396e-1 +
                  z *
                    (1.818357216161805012e-1 +
                      z * (1.531383769920937332e-1 + z * 1.479819860511658591e-1))))));
  if (k === 0) return f - (half - s * (half + R));
  return k * LN2_HIGH - (half - (s * (half + R) + (k * LN2_LOW + lost)) - f);
}

const OVERFLOW = 7.09782712893383973096e2;
const UNDERFLOW = -7.4513321910194110842e2;
const INVERSE_LN2 = 1.442695040888963387;
const E = 2.718281828459045;

/** `Math.exp`. */
export function exp(x: number): number {
  float[0] = x;
  const isNegative = words[HIGH] >>> 31;
  const high = words[HIGH] & 0x7fffffff;
  if (high >= 0x40862e42) {
    if (Number.isNaN(x)) return x;
    if (x > OVERFLOW) return Infinity;
    if (x < UNDERFLOW) return 0;
  }
  let most = 0;
  let least = 0;
  let k = 0;
  let rest = x;
  if (high > 0x3fd62e42) {
    if (high < 0x3ff0a2b2) {
      if (x === 1) return E;
      most = isNegative ? x + LN2_HIGH : x - LN2_HIGH;
      least = isNegative ? -LN2_LOW : LN2_LOW;
      k = isNegative ? -1 : 1;
    } else {
      k = (INVERSE_LN2 * x + (isNegative ? -0.5 : 0.5)) | 0;
      most = x - k * LN2_HIGH;
      least = k * LN2_LOW;
    }
    rest = most - least;
  } else if (high < 0x3e300000) {
    return 1 + x;
  }
  const t = rest * rest;
  const c =
    rest -
    t *
      (1.66666666666666019037e-1 +
        t *
          (-2.77777777770155933842e-3 +
            t *
              (6.61375632143793436117e-5 + t * (-1.6533902205465251539e-6 + t * 4.13813679705723846039e-8))));
  if (k === 0) return 1 - ((rest * c) / (c - 2) - rest);
  const y = 1 - (least - (rest * c) / (2 - c) - most);
  if (k === 1024) return y * 2 * power(1023);
  return k >= -1021 ? y * power(k) : y * power(k + 1000) * power(-1000);
}

/** 2 to this power, −1022 … 1023. */
function power(exponent: number): number {
  words[HIGH] = (exponent + 1023) << 20;
  words[LOW] = 0;
  return float[0];
}
