import { InputError } from "../../errors.js";
import { accuracyAt, areaUnder, type Curve } from "./curve.js";
import { nonDecreasingHull } from "./hull.js";

/**
 * Average improvement in quality, as RouterBench's paper defines it [Hu2024]: the mean accuracy of the points'
 * non-decreasing hull over the costs `low` … `high` (dollars; default: the hull's own ends). The hull goes on level
 * beyond its dearest corner and counts 0 below its cheapest. `low` = `high`: the accuracy there.
 *
 * @throws InputError for an empty or infinite set, and for `low` above `high`.
 */
export function aiq(points: Curve, range?: { low: number; high: number }): number {
  const hull = nonDecreasingHull(points);
  const ends = { low: hull.cost[0], high: hull.cost[hull.cost.length - 1] };
  const { low, high } = range ?? ends;
  if (!(low <= high && high < Infinity)) {
    throw new InputError(`costs from ${low} to ${high}; expected low ≤ high`, { field: "range" });
  }
  if (low === high) return low < ends.low ? 0 : accuracyAt(hull, low);
  const from = Math.max(low, ends.low);
  return from >= high ? 0 : areaUnder(hull, from, high) / (high - low);
}

/**
 * Average improvement in quality as RouterBench's repository computes it: the area under the non-decreasing hull from
 * its own cheapest corner, level beyond its dearest, to `maxCost`, divided by `maxCost`. So a router whose cheapest
 * point is dear loses area. `maxCost`: dollars > 0, that of the dearest of all routers compared.
 *
 * @throws InputError for an empty or infinite set, and for a `maxCost` below the hull's dearest corner.
 */
export function aiqRepo(points: Curve, maxCost: number): number {
  const hull = nonDecreasingHull(points);
  if (!(maxCost > 0 && maxCost < Infinity && maxCost >= hull.cost[hull.cost.length - 1])) {
    throw new InputError(`maxCost is ${maxCost}; expected dollars > 0, not below the curve's dearest point`, {
      field: "maxCost",
    });
  }
  return areaUnder(hull, hull.cost[0], maxCost) / maxCost;
}
