import type { Matrices } from "../../core/solve/block.js";
import { placesOf, POWERS } from "../../decimal.js";

/** Sums of whole numbers below it are exact. */
const MOST_EXACT = 2 ** 53;
/** So many units are a decimal of 15 digits. */
const MOST_UNITS = 10n ** 15n;
/** The bits of a float32 weight that may stand behind the point. */
const MOST_BITS = 40;

/**
 * Cost and summed probability of an allocation, row after row.
 *
 * Where costs are decimals (`Float64Array`, each of up to 15 digits and 18 places) their sum is kept in whole units of the
 * last place and is exact, whatever the order and the number of rows. Otherwise it is the float64 sum in the order of the
 * rows, to the bit that of a plain loop, and within rows · 2⁻⁵³ of the exact one, relatively. The summed probability is
 * such a float64 sum.
 */
export class AllocationSum {
  /** Σ weight · probability. */
  gain = 0;
  private plain = 0;
  private units = new UnitSum();
  private isDecimal = true;

  /** Adds rows, each with the model that `modelOf` gives. */
  add({ models, cost, successProbability, weight }: Matrices, modelOf: ArrayLike<number> | number): void {
    const rows = cost.length / models;
    if (!(cost instanceof Float64Array)) {
      this.isDecimal = false;
      if (weight === undefined && modelOf instanceof Uint8Array) {
        this.addPlain(cost, successProbability, models, modelOf);
        return;
      }
    }
    let { plain, gain } = this;
    const { units } = this;
    for (let q = 0, row = 0; q < rows; q++, row += models) {
      const option = row + (typeof modelOf === "number" ? modelOf : modelOf[q]);
      const w = weight === undefined ? 1 : weight[q];
      const dollars = cost[option];
      plain += w * dollars;
      gain += w * successProbability[option];
      if (this.isDecimal) this.isDecimal = units.add(dollars, w);
    }
    this.plain = plain;
    this.gain = gain;
  }

  /** The usual case of `add`, whose loop has nothing to ask. */
  private addPlain(
    cost: Float32Array,
    probability: Float32Array,
    models: number,
    allocation: Uint8Array,
  ): void {
    let { plain, gain } = this;
    for (let q = 0, row = 0; q < allocation.length; q++, row += models) {
      const option = row + allocation[q];
      plain += cost[option];
      gain += probability[option];
    }
    this.plain = plain;
    this.gain = gain;
  }

  /** Dollars: the least float64 that, written as a decimal, is not below the sum. */
  get cost(): number {
    return this.isDecimal ? this.units.dollars : this.plain;
  }
}

/** A sum of weight · cost, both ≥ 0, in whole units of 10⁻ᵖˡᵃᶜᵉˢ · 2⁻ᵇⁱᵗˢ dollars. */
export class UnitSum {
  private places = 0;
  private bits = 0;
  /** Units: those beyond 2⁵³ are moved to `rest`. */
  private near = 0;
  private rest = 0n;

  /** False, and nothing more can be added, if the cost is not a decimal or the weight has too many bits. */
  add(dollars: number, weight: number): boolean {
    const power = POWERS[this.places];
    let units = Math.round(dollars * power);
    if (units / power !== dollars || units > 1e15) {
      const places = placesOf(dollars, this.places);
      if (places < 0) {
        // It may have fewer places than others, but more digits in front.
        const own = placesOf(dollars);
        if (own < 0) return false;
        this.addWide(BigInt(Math.round(dollars * POWERS[own])) * 10n ** BigInt(this.places - own), weight);
        return this.bits <= MOST_BITS;
      }
      this.settle();
      this.rest *= 10n ** BigInt(places - this.places);
      this.places = places;
      units = Math.round(dollars * POWERS[places]);
    }
    if (weight !== 1 || this.bits > 0) {
      if (!this.scaleFor(weight)) return false;
      const whole = weight * 2 ** this.bits;
      if (units * whole >= MOST_EXACT) {
        this.rest += BigInt(units) * BigInt(whole);
        return true;
      }
      units *= whole;
    }
    if (this.near + units >= MOST_EXACT) this.settle();
    this.near += units;
    return true;
  }

  get dollars(): number {
    this.settle();
    // A decimal of 15 digits is the shortest one of its float64.
    if (this.bits === 0 && this.rest <= MOST_UNITS) return Number(this.rest) / POWERS[this.places];
    return leastAbove(this.rest, (10n ** BigInt(this.places)) << BigInt(this.bits));
  }

  private addWide(units: bigint, weight: number): void {
    if (!this.scaleFor(weight)) this.bits = MOST_BITS + 1;
    else this.rest += units * BigInt(weight * 2 ** this.bits);
  }

  /** Refines the unit until the weight is whole. */
  private scaleFor(weight: number): boolean {
    let bits = this.bits;
    if (Number.isInteger(weight * 2 ** bits)) return true;
    while (bits <= MOST_BITS && !Number.isInteger(weight * 2 ** bits)) bits++;
    if (bits > MOST_BITS) return false;
    this.settle();
    this.rest <<= BigInt(bits - this.bits);
    this.bits = bits;
    return true;
  }

  private settle(): void {
    this.rest += BigInt(this.near);
    this.near = 0;
  }
}

/** The least float64 whose shortest decimal is not below a fraction ≥ 0. */
export function leastAbove(numerator: bigint, denominator: bigint): number {
  let value = nearest(numerator, denominator);
  while (compare(value, numerator, denominator) < 0) value = nextUp(value);
  for (let below = nextDown(value); compare(below, numerator, denominator) >= 0; below = nextDown(value)) {
    value = below;
  }
  return value;
}

/** A float64 near a fraction. */
function nearest(numerator: bigint, denominator: bigint): number {
  const shift = BigInt(Math.max(0, denominator.toString(2).length - numerator.toString(2).length + 64));
  return Number((numerator << shift) / denominator) / 2 ** Number(shift);
}

/** The sign of value − numerator / denominator, for the shortest decimal of the value. */
function compare(value: number, numerator: bigint, denominator: bigint): number {
  const { units, places } = decimalOf(value);
  const left = units * denominator;
  const right = numerator * 10n ** BigInt(places);
  return left < right ? -1 : left > right ? 1 : 0;
}

/** The shortest decimal of a finite float64, as whole units of 10⁻ᵖˡᵃᶜᵉˢ. */
export function decimalOf(value: number): { units: bigint; places: number } {
  const [mantissa, exponent = "0"] = String(value).split("e");
  const [whole, fraction = ""] = mantissa.split(".");
  const places = fraction.length - Number(exponent);
  const units = BigInt(whole + fraction);
  return places >= 0 ? { units, places } : { units: units * 10n ** BigInt(-places), places: 0 };
}

const float = new Float64Array(1);
const bits = new BigUint64Array(float.buffer);

function nextUp(value: number): number {
  float[0] = value;
  bits[0]++;
  return float[0];
}

function nextDown(value: number): number {
  if (value === 0) return -1;
  float[0] = value;
  bits[0]--;
  return float[0];
}
