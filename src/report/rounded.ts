/** A number of seven significant digits: more than a chart shows, and shorter in JSON than all digits. */
export function rounded(value: number): number {
  return Number(value.toPrecision(7));
}

/** Some values of an array, rounded. */
export function pickRounded(values: ArrayLike<number>, points: Uint32Array): number[] {
  return Array.from(points, (k) => rounded(values[k]));
}
