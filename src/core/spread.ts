/**
 * Chooses at most `most` points of a front that are spread along it: the first, the last, all that `isKept` marks (also
 * when they are more), and of the others those at a distance from the one chosen before. Distance is measured in units
 * of the front's extent, cost and gain added up, so that the way from end to end is 2 long. Indices, rising; O(points).
 */
export function spread(
  cost: Float64Array,
  gain: Float64Array,
  most: number,
  isKept?: Uint8Array,
): Uint32Array {
  const last = cost.length - 1;
  if (last < most) return Uint32Array.from(cost, (_, k) => k);
  const isEnd = (k: number): boolean => k === 0 || k === last;
  const fixed = cost.reduce((sum, _, k) => sum + (isEnd(k) || isKept?.[k] ? 1 : 0), 0);
  const distance = 2 / Math.max(0, most - fixed);
  const chosen: number[] = [];
  let before = 0;
  for (let k = 0; k <= last; k++) {
    const away =
      (cost[k] - cost[before]) / (cost[last] - cost[0]) + (gain[k] - gain[before]) / (gain[last] - gain[0]);
    if (!isEnd(k) && !isKept?.[k] && !(away > distance)) continue;
    chosen.push(k);
    before = k;
  }
  return Uint32Array.from(chosen);
}
