/** Powers of ten that a float64 holds exactly. */
const POWERS = Float64Array.from({ length: 23 }, (_, k) => Number(`1e${k}`));
const DECIMAL = /^[+-]?(\d+(\.\d*)?|\.\d+)(e[+-]?\d+)?$/i;

/** Whether a text, without blanks around it, is a number in decimal. Linear in its length. */
export function isDecimal(text: string): boolean {
  return DECIMAL.test(text);
}

/**
 * The number that a text writes in decimal ("0.5", "1e-3", ".5"), blanks around it allowed; NaN for any other text,
 * such as "", "abc", "NaN", "0x1f" or "1,5". The value equals that of `Number`.
 */
export function parseDecimal(text: string): number {
  let whole = 0;
  let digits = 0;
  let point = -1;
  for (let i = 0; i < text.length; i++) {
    const c = text.charCodeAt(i);
    if (c >= 48 && c <= 57) {
      whole = whole * 10 + (c - 48);
      digits++;
    } else if (c === 46 && point < 0) {
      point = digits;
    } else {
      return parseAny(text);
    }
  }
  // Up to 15 digits both numbers are exact, so the quotient is rounded once, as the decimal itself would be.
  if (digits === 0 || digits > 15) return parseAny(text);
  return point < 0 ? whole : whole / POWERS[digits - point];
}

function parseAny(text: string): number {
  const trimmed = text.trim();
  return isDecimal(trimmed) ? Number(trimmed) : NaN;
}

const ZERO = 48;
const POINT = 46;
const BIG_E = 69;
const SMALL_E = 101;
/** Bounds the relative error of up to 25 rounded steps of the scan. */
const ERROR = 2 ** -47;

/** Reads decimals from bytes. `end` is where the last one ended. */
export class DecimalScanner {
  end = 0;

  /**
   * The number without sign that begins at `from` ("0.5", "1e-3", ".5"); NaN when none does. The byte after the last
   * must exist. With `isExact` it is what `Number` gives. Without, it is so rounded to float32, and it is above 1 exactly
   * when `Number` is.
   *
   * Up to 15 significant digits and powers up to 10^22 both operands are exact, so one rounding is the right one
   * [Clinger1990]. Beyond, an approximation is enough wherever its whole error interval rounds to one float32.
   */
  scan(bytes: Buffer, from: number, isExact = false): number {
    let at = from;
    let whole = 0;
    let c = bytes[at];
    for (; c >= ZERO && c <= ZERO + 9; c = bytes[++at]) whole = whole * 10 + (c - ZERO);
    let digits = at - from;
    let scale = 0;
    if (c === POINT) {
      const first = ++at;
      for (c = bytes[at]; c >= ZERO && c <= ZERO + 9; c = bytes[++at]) whole = whole * 10 + (c - ZERO);
      scale = first - at;
      digits -= scale;
    }
    if (digits === 0) return NaN;
    if (c === BIG_E || c === SMALL_E) {
      const sign = bytes[++at];
      if (sign === 43 || sign === 45) at++;
      const first = at;
      let exponent = 0;
      for (c = bytes[at]; c >= ZERO && c <= ZERO + 9; c = bytes[++at]) exponent = exponent * 10 + (c - ZERO);
      if (at === first) return NaN;
      scale += sign === 45 ? -exponent : exponent;
    }
    this.end = at;
    if (scale >= -22 && scale <= 22) {
      const value = scale < 0 ? whole / POWERS[-scale] : whole * POWERS[scale];
      // Below 10¹⁵ there are at most 15 significant digits, with any number of zeros before them.
      if (whole < 1e15) return value;
      const low = value * (1 - ERROR);
      const high = value * (1 + ERROR);
      const isSure = digits <= 24 && Math.fround(low) === Math.fround(high) && !(low < 1 && high > 1);
      if (isSure && !isExact) return value;
    }
    return Number(bytes.toString("latin1", from, at));
  }
}
