/**
 * Chooses at most `most` points that are spread along a front: the first, the last, all that `isKept` marks (even if these
 * are more), and others that keep a distance from the point chosen before. The distance is the smallest that leaves few
 * enough points; it is the difference in cost plus that in gain, in units of the front's extent, so that the path from
 * end to end has length 2. Returns rising indices. O(points).
 */
export function spread(
  cost: Float64Array,
  gain: Float64Array,
  most: number,
  isKept?: Uint8Array,
): Uint32Array {
  const last = cost.length - 1;
  if (last < most) return Uint32Array.from(cost, (_, k) => k);
  const place = cost.map(
    (c, k) => (c - cost[0]) / (cost[last] - cost[0]) + (gain[k] - gain[0]) / (gain[last] - gain[0]),
  );
  const isFixed = place.map((_, k) => Number(k === 0 || k === last || isKept?.[k] === 1));
  let chosen = walk(place, isFixed, Infinity);
  let near = 0;
  let far = 2;
  for (let halving = 0; halving < 24; halving++) {
    const distance = (near + far) / 2;
    const found = walk(place, isFixed, distance);
    if (found.length > most) near = distance;
    else {
      far = distance;
      chosen = found;
    }
  }
  return Uint32Array.from(chosen);
}

function walk(place: Float64Array, isFixed: Float64Array, distance: number): number[] {
  const chosen: number[] = [];
  let before = 0;
  for (let k = 0; k < place.length; k++) {
    if (!isFixed[k] && place[k] - place[before] < distance) continue;
    chosen.push(k);
    before = k;
  }
  return chosen;
}
