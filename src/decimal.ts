/** Decimals in float64: money that people write with a few digits, and what multiplying leaves of them. */

import { LEAST_COST, MOST_COST } from "../assembly/layout.js";

/** What a cost may be, in words. */
export const COST_RANGE = "dollars ≥ 0 (0, or 10⁻¹² … 10¹²)";

/** Whether a finite cost is in range. A float32 counts as the decimal that it is nearest to. */
export function isCost(dollars: number): boolean {
  return dollars === 0 || (dollars >= Math.fround(LEAST_COST) && dollars <= MOST_COST);
}

/** 10⁰ … 10¹⁸: all exact in float64. */
export const POWERS = Float64Array.from({ length: 19 }, (_, k) => Number(`1e${k}`));
/** A decimal of this many units or fewer is told from its neighbours by its float64. */
const MOST_UNITS = 1e15;

/**
 * The fewest places, from `least` on and at most 18, with which a decimal of up to 15 digits is this float64: 2 for 0.25. −1 if
 * there is none, as for 0.1 + 0.2.
 */
export function placesOf(value: number, least = 0): number {
  for (let places = least; places < POWERS.length; places++) {
    const units = Math.round(value * POWERS[places]);
    if (units > MOST_UNITS) return -1;
    if (units / POWERS[places] === value) return places;
  }
  return -1;
}

/** Relative: a few roundings. */
const NOISE = 2 ** -50;

/**
 * The decimal that a product or sum of decimals stands for: 0.003085 for 0.0030849999999999996. A number that is not
 * within rounding of a short decimal stays as it is.
 */
export function tidy(value: number): number {
  for (let places = 6; places < POWERS.length; places += 3) {
    const units = Math.round(value * POWERS[places]);
    if (!(units <= MOST_UNITS)) return value;
    const decimal = units / POWERS[places];
    if (Math.abs(decimal - value) <= NOISE * value) return decimal;
  }
  return value;
}
