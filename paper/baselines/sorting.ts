import { rankPoints, sortPoints } from "../../src/core/solve/dominance.js";
import type { Coordinates } from "../../src/core/solve/coordinates.js";
import { sharedCore } from "../../src/pool/cores.js";

/** Fronts of a set, the best first: indices by rising cost. Points that repeat another come last, in one more front. */
export type Fronts = Uint32Array[];

/**
 * Nondominated sorting [Jensen2003] on the core. Of equal points the first is ranked; the others are put behind
 * everything else, so that copies never crowd out what differs. O(n log n).
 */
export function sortFronts(points: Coordinates): Fronts {
  const core = sharedCore();
  const { order } = sortPoints(core, points);
  const { rank, fronts } = rankPoints(core, points);
  const lists: number[][] = Array.from({ length: fronts + 1 }, () => []);
  order.forEach((i, k) => {
    const before = order[k - 1];
    const isCopy =
      k > 0 && points.cost[i] === points.cost[before] && points.accuracy[i] === points.accuracy[before];
    lists[isCopy ? fronts : rank[i]].push(i);
  });
  return lists.filter((list) => list.length > 0).map((list) => Uint32Array.from(list));
}

/**
 * Crowding distance [Deb2002] of a front by rising cost: for each point the sides of the box between its neighbours,
 * as shares of the front's extent; ∞ at both ends. O(front).
 */
export function crowding({ cost, accuracy }: Coordinates, front: Uint32Array): Float64Array {
  const last = front.length - 1;
  const side = (values: Float64Array, k: number): number =>
    Math.abs(values[front[k + 1]] - values[front[k - 1]]) /
    (Math.abs(values[front[last]] - values[front[0]]) || 1);
  return Float64Array.from(front, (_, k) =>
    k === 0 || k === last ? Infinity : side(cost, k) + side(accuracy, k),
  );
}

/** All points, best first: by front, and within a front by falling crowding distance (ties: the cheaper). */
export function byCrowding(points: Coordinates): Uint32Array {
  return Uint32Array.from(
    sortFronts(points).flatMap((front) => {
      const distance = crowding(points, front);
      return ordered(front, (j, k) => compare(distance[k], distance[j]));
    }),
  );
}

/** The elements of a front sorted by a comparison of their places in it; ties keep their order. */
export function ordered(front: Uint32Array, comparison: (j: number, k: number) => number): number[] {
  return Array.from(front, (_, k) => k)
    .sort(comparison)
    .map((k) => front[k]);
}

/** As a − b, also of infinities. */
export function compare(a: number, b: number): number {
  return a === b ? 0 : a < b ? -1 : 1;
}
