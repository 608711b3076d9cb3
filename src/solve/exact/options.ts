import type { Matrices } from "../../core/solve/block.js";
import { POWERS } from "../../decimal.js";
import { decimalOf } from "./total.js";
import { placesOfAll } from "./units.js";
import { isAllowed } from "../problem.js";

/** Below it, whole numbers and their sums are exact in float64. */
const MOST_EXACT = 2 ** 53;
/** Options for which exactness is tried. */
const MOST_BITS = 160;

/**
 * The options of a problem in whole numbers: costs in units of a decimal (or of a power of two), probabilities in units of a
 * power of two, both weighted. Their sums and differences are exact in float64, so a search over them proves what it says.
 */
export interface ExactOptions {
  /** By option; `Infinity` where it is forbidden. */
  cost: Float64Array;
  gain: Float64Array;
  /** Units of all gains of an allocation add up exactly, not only some. */
  hasExactTotals: boolean;
  /** The most units that a budget buys. */
  unitsOf(budget: number): number;
  /** The fewest units of gain with which the accuracy (gain / weight, in float64) is reached. */
  unitsFor(accuracy: number, weight: number): number;
}

/** Undefined where costs have no common unit, or more digits than float64 adds exactly. O(options). */
export function exactOptions(matrices: Matrices): ExactOptions | undefined {
  const { models, cost, successProbability, weight } = matrices;
  const places = placesOfAll(cost, 0);
  const weightBits = weight === undefined ? 0 : bitsOf(weight);
  const costBits = places < 0 ? bitsOf(cost) : 0;
  const gainBits = bitsOf(successProbability);
  if (weightBits + Math.max(costBits, gainBits) > MOST_BITS) return undefined;
  const power = places < 0 ? 2 ** costBits : POWERS[places];
  const [weightPower, gainPower] = [2 ** weightBits, 2 ** gainBits];
  const mayAnswer = isAllowed(matrices);
  const units = { cost: new Float64Array(cost.length).fill(Infinity), gain: new Float64Array(cost.length) };
  const most = { cost: 0, gain: 0, oneGain: 0 };
  for (let q = 0, option = 0; option < cost.length; q++) {
    const w = (weight?.[q] ?? 1) * weightPower;
    let [dearest, best] = [0, 0];
    for (let m = 0; m < models; m++, option++) {
      if (!mayAnswer(q, m)) continue;
      units.cost[option] = w * Math.round(cost[option] * power);
      units.gain[option] = w * successProbability[option] * gainPower;
      dearest = Math.max(dearest, units.cost[option]);
      best = Math.max(best, units.gain[option]);
    }
    most.cost += dearest;
    most.gain += best;
    most.oneGain = Math.max(most.oneGain, best);
  }
  if (!(most.cost < MOST_EXACT && most.oneGain < MOST_EXACT)) return undefined;
  return {
    ...units,
    hasExactTotals: most.gain < MOST_EXACT,
    unitsOf: (budget) => unitsOf(budget, places, costBits + weightBits),
    unitsFor: (accuracy, total) => unitsFor(accuracy, total, 2 ** (gainBits + weightBits)),
  };
}

/** The fewest bits behind the point that all finite values need; more than MOST_BITS where it is not worth counting. */
function bitsOf(values: ArrayLike<number>): number {
  let bits = 0;
  let power = 1;
  for (let i = 0; i < values.length; i++) {
    if (values[i] === Infinity) continue;
    while (!Number.isInteger(values[i] * power)) {
      if (++bits > MOST_BITS) return bits;
      power *= 2;
    }
  }
  return bits;
}

function unitsOf(budget: number, places: number, bits: number): number {
  if (!(budget > 0)) return budget < 0 ? -1 : 0;
  if (budget * 2 ** bits > 2 ** 200) return MOST_EXACT;
  if (places < 0) return Math.min(MOST_EXACT, Math.floor(budget * 2 ** bits));
  const { units, places: own } = decimalOf(budget);
  const whole = ((units * 10n ** BigInt(places)) << BigInt(bits)) / 10n ** BigInt(own);
  return whole > BigInt(MOST_EXACT) ? MOST_EXACT : Number(whole);
}

function unitsFor(accuracy: number, weight: number, perGain: number): number {
  const isReached = (units: number): boolean => units / perGain / weight >= accuracy;
  let units = Math.max(0, Math.ceil(accuracy * weight * perGain));
  if (!(units < MOST_EXACT)) return MOST_EXACT;
  while (!isReached(units)) units++;
  while (units > 0 && isReached(units - 1)) units--;
  return units;
}
