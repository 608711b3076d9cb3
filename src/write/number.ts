const POWERS = Float64Array.from({ length: 16 }, (_, k) => Number(`1e${k}`));

/**
 * A float32 with few digits, which reads back as the same float32 (0.0005, not 0.0005000000237487257). NaN and
 * infinities give `blank`.
 */
export function float32Text(value: number, blank: string): string {
  if (!Number.isFinite(value)) return blank;
  const size = Math.abs(value);
  if (size >= 1e-6 && size < 2 ** 24) {
    for (let k = 0; k < POWERS.length; k++) {
      const short = Math.round(value * POWERS[k]) / POWERS[k];
      if (Math.fround(short) === value) return String(short);
    }
  }
  // Very small or large: one more significant digit at a time; nine are always enough.
  for (let digits = 1; digits < 9; digits++) {
    const short = Number(value.toPrecision(digits));
    if (Math.fround(short) === value) return String(short);
  }
  return String(Number(value.toPrecision(9)));
}

/** A float64 with the fewest digits that read back as the same. NaN and infinities give `blank`. */
export function float64Text(value: number, blank: string): string {
  return Number.isFinite(value) ? String(value) : blank;
}

/** The function that writes the numbers of an array. */
export function textOf(values: Float32Array | Float64Array): (value: number, blank: string) => string {
  return values instanceof Float32Array ? float32Text : float64Text;
}
