/**
 * Logarithms and the exponential with the bits of Node's, in the place of the browser's own, whose last bits differ
 * from engine to engine: a predictor that is fitted in the page is then the one of the command line. Ports of fdlibm
 * [https://www.netlib.org/fdlibm/], which V8 11 (Node 20) calls; only sums, products and quotients.
 *
 * fdlibm takes numbers apart and puts them together by their upper halves. Here only the exponent of a logarithm's argument
 * is read so: the other comparisons of upper halves are comparisons of numbers, and a number is moved to another power of
 * two by a product, which is exact. A number that is written in halves and then read whole costs more than the rest.
 */

const float = new Float64Array(1);
const words = new Int32Array(float.buffer);
/** The place of the upper half, which depends on the machine. */
const HIGH = new Uint8Array(Uint32Array.of(1).buffer)[0] === 1 ? 1 : 0;

const LEAST_POWER = -1074;
/** 2 to the powers −1074 … 1023. */
const POWERS = powers();

function powers(): Float64Array {
  const all = new Float64Array(1024 - LEAST_POWER);
  all[-LEAST_POWER] = 1;
  for (let k = 1; k < 1024; k++) all[k - LEAST_POWER] = 2 * all[k - 1 - LEAST_POWER];
  for (let k = -1; k >= LEAST_POWER; k--) all[k - LEAST_POWER] = all[k + 1 - LEAST_POWER] / 2;
  return all;
}

const LN2_HIGH = 6.9314718036912381649e-1;
const LN2_LOW = 1.90821492927058770002e-10;
const LEAST_NORMAL = 2.2250738585072014e-308;
const TWO_54 = 18_014_398_509_481_984;
const TWO_53 = 9_007_199_254_740_992;
const TWO_MINUS_20 = 9.5367431640625e-7;
const TWO_MINUS_28 = 3.725290298461914e-9;
const TWO_MINUS_29 = 1.862645149230957e-9;
const TWO_MINUS_54 = 5.551115123125783e-17;

/** `Math.log`. */
export function log(x: number): number {
  let number = x;
  let k = 0;
  if (!(x >= LEAST_NORMAL)) {
    if (x === 0) return -Infinity;
    // Negative or NaN.
    if (!(x > 0)) return NaN;
    k = -54;
    number = x * TWO_54;
  } else if (x === Infinity) return x;
  float[0] = number;
  const exponent = (words[HIGH] >> 20) - 1023;
  k += exponent;
  // Between 1 and 2.
  const part = number * POWERS[-exponent - LEAST_POWER];
  let f = part - 1;
  if (part >= 1.4142112731933594) {
    k++;
    f = part * 0.5 - 1;
  }
  if (f < TWO_MINUS_20 && f >= -TWO_MINUS_20) {
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
  if (part >= 1.3799991607666016 && part < 1.4200000762939453) {
    const half = 0.5 * f * f;
    if (k === 0) return f - (half - s * (half + R));
    return k * LN2_HIGH - (half - (s * (half + R) + k * LN2_LOW) - f);
  }
  if (k === 0) return f - s * (f - R);
  return k * LN2_HIGH - (s * (f - R) - k * LN2_LOW - f);
}

/** `Math.log1p`. */
export function log1p(x: number): number {
  let f = x;
  let k = 0;
  let lost = 0;
  let isTiny = false;
  if (!(x > -1)) return x === -1 ? -Infinity : NaN;
  if (x < TWO_MINUS_29 && x > -TWO_MINUS_29)
    return x < TWO_MINUS_54 && x > -TWO_MINUS_54 ? x : x - x * x * 0.5;
  if (!(x < 0.4142136573791504 && x > -0.292893648147583)) {
    if (x === Infinity) return x;
    const isSmall = x < TWO_53;
    const u = isSmall ? 1 + x : x;
    float[0] = u;
    k = (words[HIGH] >> 20) - 1023;
    // What 1 + x lost.
    if (isSmall) lost = (k > 0 ? 1 - (u - x) : x - (u - 1)) / u;
    const part = u * POWERS[-k - LEAST_POWER];
    f = part - 1;
    if (part >= 1.4142131805419922) {
      k++;
      f = part * 0.5 - 1;
    }
    isTiny = f < TWO_MINUS_20 && f >= -1.5 * TWO_MINUS_20;
  }
  const half = 0.5 * f * f;
  if (isTiny) {
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
  const size = Math.abs(x);
  let most = 0;
  let least = 0;
  let k = 0;
  let rest = x;
  if (size >= 0.3465735912322998) {
    if (size < 1.0397205352783203) {
      if (x === 1) return E;
      k = x < 0 ? -1 : 1;
    } else {
      if (x > OVERFLOW) return Infinity;
      if (x < UNDERFLOW) return 0;
      k = (INVERSE_LN2 * x + (x < 0 ? -0.5 : 0.5)) | 0;
    }
    most = x - k * LN2_HIGH;
    least = k * LN2_LOW;
    rest = most - least;
  } else if (size < TWO_MINUS_28) {
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
  if (k === 1024) return y * 2 * POWERS[1023 - LEAST_POWER];
  return k >= -1021
    ? y * POWERS[k - LEAST_POWER]
    : y * POWERS[k + 1000 - LEAST_POWER] * POWERS[-1000 - LEAST_POWER];
}
