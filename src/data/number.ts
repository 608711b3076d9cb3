const POWERS = Float64Array.from({ length: 16 }, (_, k) => Number(`1e${k}`));
const DECIMAL = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i;

/**
 * The number that a text writes in decimal ("0.5", "1e-3", ".5"), blanks around it allowed; NaN for any other
 * text, such as "", "abc", "NaN", "0x1f" or "1,5". The same value as `Number` gives.
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
  return DECIMAL.test(trimmed) ? Number(trimmed) : NaN;
}
