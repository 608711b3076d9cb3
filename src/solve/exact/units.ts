import { BLOCK_OPTIONS } from "../../../assembly/layout.js";
import { IN_DOLLARS } from "../../core/solve/block.js";
import type { Points } from "../../core/solve/points.js";
import { placesOf, POWERS } from "../../decimal.js";
import { partsOf, type SolveInput } from "../input.js";

/** Below it, whole numbers and their sums are exact in float64. */
const MOST_EXACT = 2 ** 53;

/**
 * The decimal places of the unit of which all costs are whole numbers, at most 10¹⁵ of them; IN_DOLLARS if there is none, as
 * for costs in float32. One pass over float64 costs. O(queries × models).
 */
export async function placesOfInput(input: SolveInput, signal?: AbortSignal): Promise<number> {
  let places = 0;
  for await (const { matrices } of partsOf(input, signal)) {
    places = placesOfAll(matrices.cost, places);
    if (places < 0) return IN_DOLLARS;
  }
  return places;
}

/** `placesOfInput` of the first queries: mostly those of all. The kernels check every cost that they add up. */
export async function placesOfFirst(input: SolveInput, signal?: AbortSignal): Promise<number> {
  for await (const { matrices } of partsOf(input, signal)) {
    return placesOfAll(matrices.cost.subarray(0, BLOCK_OPTIONS), 0);
  }
  return IN_DOLLARS;
}

/** The fewest places, from `least` on, that all finite costs have; IN_DOLLARS if there is none. */
export function placesOfAll(cost: ArrayLike<number>, least: number): number {
  if (!(cost instanceof Float64Array)) return IN_DOLLARS;
  let places = least;
  let power = POWERS[places];
  let most = 0;
  for (let option = 0; option < cost.length; option++) {
    const dollars = cost[option];
    if (dollars === Infinity) continue;
    if (dollars > most) most = dollars;
    if (Math.round(dollars * power) / power === dollars) continue;
    // Values that the core will refuse are left to it.
    if (!(dollars > 0)) continue;
    places = placesOf(dollars, places);
    if (places < 0) return IN_DOLLARS;
    power = POWERS[places];
  }
  return most * power > 1e15 ? IN_DOLLARS : places;
}

/** Whole units in a dollar, of decimals of so many places; 0 for IN_DOLLARS. */
export function unitsPerDollar(places: number): number {
  return places === IN_DOLLARS ? 0 : POWERS[places];
}

/** Points whose costs are in units, in dollars. */
export function inDollars(points: Points, scale: number): Points {
  if (scale === 0) return points;
  const totalCost = points.totalCost.map((units) => {
    const dollars = units / scale;
    // Beyond, the last unit is not known: a total is never below what its allocation costs.
    return units < MOST_EXACT ? dollars : dollars * (1 + 2 ** -50);
  });
  return { ...points, totalCost };
}

/** Relative: what adding up costs in float64 may leave of a decimal. */
const NOISE = 2 ** -46;

/** A budget that float64 sums put just below a whole number of units is that number: 0.1 + 0.7 is 0.8. */
export function wholeUnits(budget: number, scale: number): number {
  const units = budget * scale;
  const whole = Math.round(units);
  return whole > units && whole - units <= Math.min(1e-3, NOISE * units) ? whole / scale : budget;
}
