/** Far beyond what is ever fitted, and far from where sums of products overflow. */
const LARGEST = 1e9;

/** Whether no value is NaN or so large that sums with it could be. O(values). */
export function areModerate(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i] >= -LARGEST && values[i] <= LARGEST)) return false;
  return true;
}

/** Whether all values are at least `least` and below `end`. O(values). */
export function areWithin(values: ArrayLike<number>, least: number, end: number): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i] >= least && values[i] < end)) return false;
  return true;
}

/** Whether all values are 0 … 1. O(values). */
export function areShares(values: ArrayLike<number>): boolean {
  for (let i = 0; i < values.length; i++) if (!(values[i] >= 0 && values[i] <= 1)) return false;
  return true;
}
