import type { Coordinates } from "../../src/core/solve/coordinates.js";

/**
 * Thins a front to `keep` points by leaving out, again and again, the one whose area nothing else dominates is least
 * [BeumeNaujoksEmmerich2007] (ties: the cheaper); both ends stay. `front`: indices of nondominated points by rising
 * cost, no two equal; returns what stays, in that order. O(front × points left out).
 */
export function dropLeast(points: Coordinates, front: Uint32Array, keep: number): Uint32Array {
  const { cost, accuracy } = points;
  const kept = Array.from(front);
  while (kept.length > keep) {
    let least = 0;
    let smallest = Infinity;
    for (let k = 1; k + 1 < kept.length; k++) {
      const area = (cost[kept[k + 1]] - cost[kept[k]]) * (accuracy[kept[k]] - accuracy[kept[k - 1]]);
      if (area < smallest) {
        smallest = area;
        least = k;
      }
    }
    // If only the two ends remain, the cheaper stays.
    kept.splice(least > 0 ? least : kept.length - 1, 1);
  }
  return Uint32Array.from(kept);
}
