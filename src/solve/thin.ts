/** At most `most` indices of 0 … length − 1, evenly spaced, both ends among them. */
export function thin(length: number, most: number): Uint32Array {
  const count = Math.min(length, Math.max(1, most));
  if (count === 1) return Uint32Array.of(length - 1);
  return Uint32Array.from({ length: count }, (_, k) => Math.round((k * (length - 1)) / (count - 1)));
}
