import type { Core } from "./core.js";
import { invert } from "./inverse.js";
import type { Part } from "./parts.js";

/** Basic amounts may be wrong by this. */
const FEASIBLE = 1e-9;
const LEAST_PIVOT = 1e-9;

/**
 * The linear relaxation of a part, in which queries may be shared among options: the dual simplex method with generalised
 * upper bounds [DantzigVanSlyke1967]. Of the basic options of each query one, its key, stays out of the matrix, which so has
 * as many rows as there are limits. Whatever rounding does, `bound` holds: it is the dual at the prices that were reached.
 */
export class Relaxation {
  /** No allocation of the part has a smaller gap; ∞ if none keeps the rows. */
  bound = 0;
  /** By option: what its value lacks of its query's best, for the options of the last part. */
  readonly reduced: Float64Array;
  /** By row: the amount of what is basic. */
  readonly basic: Float64Array;
  /** Options × rows that were gone through. */
  work = 0;

  /** By query: its place among the open ones. */
  private readonly placeOf: Int32Array;
  private readonly isOpen: Uint8Array;
  private readonly inverse: Float64Array;
  private readonly matrix: Float64Array;
  /** By row: prices less those of the core; what the keys leave of the room; the direction of the prices. */
  private readonly shift: Float64Array;
  private readonly left: Float64Array;
  private readonly ray: Float64Array;
  /** By option, and by open query for its key: how fast its value changes along the ray. */
  private readonly speed: Float64Array;
  private readonly keySpeed: Float64Array;
  private part!: Part;

  constructor(private readonly core: Core) {
    const { rows, start, option } = core;
    const queries = start.length - 1;
    this.reduced = new Float64Array(option.length);
    this.speed = new Float64Array(option.length);
    this.keySpeed = new Float64Array(queries);
    this.placeOf = new Int32Array(queries);
    this.isOpen = new Uint8Array(option.length);
    this.inverse = new Float64Array(rows * rows);
    this.matrix = new Float64Array(rows * rows);
    this.basic = new Float64Array(rows);
    this.shift = new Float64Array(rows);
    this.left = new Float64Array(rows);
    this.ray = new Float64Array(rows);
  }

  /** Moves the keys and the basis of a part to the relaxation's optimum, or until its bound reaches `cutoff`. */
  solve(part: Part, cutoff: number, pivots: number): void {
    this.part = part;
    part.queries.forEach((q, place) => (this.placeOf[q] = place));
    for (const o of part.options) this.isOpen[o] = 1;
    this.descend(cutoff, pivots);
    for (const o of part.options) this.isOpen[o] = 0;
  }

  /** The amount of an option that is open. */
  amountOf(option: number): number {
    const place = this.placeOfOption(option);
    if (this.part.key[place] === option) return this.keyAmount(place);
    const at = this.part.basis.indexOf(option);
    return at < 0 ? 0 : this.basic[at];
  }

  /** The option of an open query that has the largest amount. */
  largestOption(place: number): number {
    const { key, basis, queries } = this.part;
    let [option, largest] = [key[place], this.keyAmount(place)];
    basis.forEach((basic, j) => {
      if (this.isOf(basic, queries[place]) && this.basic[j] > largest)
        [option, largest] = [basic, this.basic[j]];
    });
    return option;
  }

  /**
   * What the bound rises by at least if the option at a place in the basis is left out, and if it is taken in full: one step of
   * the dual simplex method in each direction [Driebeek1966].
   */
  penalties(place: number): { down: number; up: number } {
    const { core, part, ray, reduced, inverse, basic } = this;
    const { rows, price } = core;
    for (let k = 0; k < rows; k++) ray[k] = inverse[place * rows + k];
    let [up, down] = [Infinity, Infinity];
    for (let i = 0; i < part.queries.length; i++) {
      const own = this.speedOf(part.key[i]);
      for (let at = part.start[i]; at < part.start[i + 1]; at++) {
        const o = part.options[at];
        const pivot = this.speedOf(o) - own;
        if (pivot > LEAST_PIVOT) down = Math.min(down, reduced[o] / pivot);
        else if (pivot < -LEAST_PIVOT) up = Math.min(up, reduced[o] / -pivot);
      }
    }
    for (let k = 0; k < rows; k++) {
      const slackPrice = Math.max(0, this.shift[k] + price[k]);
      if (ray[k] > LEAST_PIVOT) down = Math.min(down, slackPrice / ray[k]);
      else if (ray[k] < -LEAST_PIVOT) up = Math.min(up, slackPrice / -ray[k]);
    }
    this.work += part.options.length * rows;
    return { down: down * basic[place], up: up * (1 - basic[place]) };
  }

  /** The amount of the key of an open query. */
  private keyAmount(place: number): number {
    const { basis, queries } = this.part;
    let amount = 1;
    for (let j = 0; j < basis.length; j++) if (this.isOf(basis[j], queries[place])) amount -= this.basic[j];
    return amount;
  }

  /** The place among the open queries of the query of an option. */
  private placeOfOption(option: number): number {
    return this.placeOf[this.core.query[option]];
  }

  private isOf(basic: number, query: number): boolean {
    return basic >= 0 && this.core.query[basic] === query;
  }

  private descend(cutoff: number, pivots: number): void {
    const { rows } = this.core;
    this.invertBasis();
    this.priceBasis();
    this.valueOptions();
    this.fillKeys();
    let rough = this.evaluate();
    for (let pivot = 0; pivot < pivots && rough < cutoff; pivot++) {
      this.fillBasis();
      const leaving = this.leaving();
      if (leaving < 0) break;
      const amount = this.basic[leaving];
      const sign = amount < 0 ? 1 : -1;
      for (let k = 0; k < rows; k++) this.ray[k] = sign * this.inverse[leaving * rows + k];
      const step = this.enter(leaving);
      if (step === Infinity) {
        if (!this.isImpossible()) break;
        this.bound = Infinity;
        return;
      }
      rough += step * Math.abs(amount);
      if (rough >= cutoff) rough = this.evaluate();
    }
    this.bound = this.evaluate();
    this.relate();
  }

  private invertBasis(): void {
    const { core, part, matrix } = this;
    const { rows, amount } = core;
    part.basis.forEach((basic, j) => {
      if (basic < 0) {
        for (let k = 0; k < rows; k++) matrix[k * rows + j] = k === -1 - basic ? 1 : 0;
        return;
      }
      const key = part.key[this.placeOfOption(basic)];
      for (let k = 0; k < rows; k++) matrix[k * rows + j] = amount[basic * rows + k] - amount[key * rows + k];
    });
    invert(matrix, rows, this.inverse);
    this.work += rows * rows * rows;
  }

  /** The prices at which all that is basic has no reduced cost. */
  private priceBasis(): void {
    const { core, part, inverse, shift } = this;
    const { rows, loss, price } = core;
    shift.fill(0);
    part.basis.forEach((basic, j) => {
      // The price of a slack that is basic is 0.
      const cost = basic < 0 ? price[-1 - basic] : loss[basic] - loss[part.key[this.placeOfOption(basic)]];
      if (cost !== 0) for (let k = 0; k < rows; k++) shift[k] -= cost * inverse[j * rows + k];
    });
  }

  private valueOptions(): void {
    const { part, reduced } = this;
    for (const o of part.options) reduced[o] = this.valueOf(o);
    for (const o of part.key) if (this.isOpen[o] === 0) reduced[o] = this.valueOf(o);
    this.work += part.options.length * this.core.rows;
  }

  private valueOf(option: number): number {
    const { core, shift } = this;
    let value = core.loss[option];
    for (let k = 0, at = option * core.rows; k < core.rows; k++) value += shift[k] * core.amount[at + k];
    return value;
  }

  private speedOf(option: number): number {
    const { core, ray } = this;
    let speed = 0;
    for (let k = 0, at = option * core.rows; k < core.rows; k++) speed += ray[k] * core.amount[at + k];
    return speed;
  }

  private fillKeys(): void {
    const { core, part, left } = this;
    left.set(part.room);
    for (const o of part.key) for (let k = 0; k < core.rows; k++) left[k] -= core.amount[o * core.rows + k];
  }

  private fillBasis(): void {
    const { inverse, left, basic } = this;
    const { rows } = this.core;
    for (let j = 0; j < rows; j++) {
      let sum = 0;
      for (let k = 0; k < rows; k++) sum += inverse[j * rows + k] * left[k];
      basic[j] = sum;
    }
  }

  /** The place in the basis of the amount that is most wrong, −1 if none is. A key that is wrong becomes basic first. */
  private leaving(): number {
    const { part, basic } = this;
    const { basis, key } = part;
    let worst = FEASIBLE;
    let found = -1;
    let isKey = false;
    for (let j = 0; j < basis.length; j++) {
      const wrong = this.wrongBy(basis[j], basic[j]);
      if (wrong > worst) [worst, found, isKey] = [wrong, j, false];
      if (basis[j] < 0) continue;
      const place = this.placeOfOption(basis[j]);
      const keyWrong = this.wrongBy(key[place], this.keyAmount(place));
      if (keyWrong > worst) [worst, found, isKey] = [keyWrong, j, true];
    }
    if (isKey) return this.exchange(this.placeOfOption(basis[found]));
    if (found < 0 && this.replaceKeys()) {
      this.fillBasis();
      return this.leaving();
    }
    return found;
  }

  /** By how much an amount is below 0, or, of an option that may not be used, off 0. */
  private wrongBy(basic: number, amount: number): number {
    return basic >= 0 && this.isOpen[basic] === 0 ? Math.abs(amount) : -amount;
  }

  /** Makes the largest basic option of a query its key, and the key basic in its place, which is returned. */
  private exchange(place: number): number {
    const { part, basic, reduced } = this;
    const { basis, queries, key } = part;
    let largest = -1;
    for (let j = 0; j < basis.length; j++) {
      if (!this.isOf(basis[j], queries[place])) continue;
      if (largest < 0 || basic[j] > basic[largest]) largest = j;
    }
    const before = key[place];
    const after = basis[largest];
    basis[largest] = before;
    this.setKey(place, after);
    reduced[after] = reduced[before];
    this.invertBasis();
    this.fillBasis();
    return largest;
  }

  private setKey(place: number, option: number): void {
    const { core, part, left } = this;
    const { rows, amount } = core;
    const before = part.key[place] * rows;
    part.key[place] = option;
    for (let k = 0; k < rows; k++) left[k] += amount[before + k] - amount[option * rows + k];
  }

  /** Gives queries whose key may not be used, and that have no other basic option, their best option. Returns whether there are any. */
  private replaceKeys(): boolean {
    const { part, reduced, isOpen } = this;
    const { key, start, options, basis, queries } = part;
    let isAny = false;
    for (let i = 0; i < key.length; i++) {
      if (isOpen[key[i]] === 1 || basis.some((basic) => this.isOf(basic, queries[i]))) continue;
      let best = options[start[i]];
      for (let at = start[i] + 1; at < start[i + 1]; at++) {
        if (reduced[options[at]] < reduced[best]) best = options[at];
      }
      this.setKey(i, best);
      isAny = true;
    }
    return isAny;
  }

  /** Moves the prices along the ray up to the first option or slack of no reduced cost, which becomes basic. Returns the step, or ∞. */
  private enter(leaving: number): number {
    const { core, part, ray, reduced, shift, speed, keySpeed, isOpen } = this;
    const { rows, price } = core;
    const { queries, start, options, key, basis } = part;
    let entering = 0;
    let step = Infinity;
    let size = 0;
    for (let i = 0; i < queries.length; i++) {
      const own = this.speedOf(key[i]);
      keySpeed[i] = own;
      const least = reduced[key[i]];
      for (let at = start[i]; at < start[i + 1]; at++) {
        const o = options[at];
        speed[o] = this.speedOf(o);
        const pivot = own - speed[o];
        if (pivot <= LEAST_PIVOT) continue;
        const ratio = Math.max(0, reduced[o] - least) / pivot;
        if (ratio < step || (ratio === step && pivot > size)) [entering, step, size] = [o, ratio, pivot];
      }
    }
    for (let k = 0; k < rows; k++) {
      if (ray[k] >= -LEAST_PIVOT) continue;
      const ratio = Math.max(0, shift[k] + price[k]) / -ray[k];
      if (ratio < step || (ratio === step && -ray[k] > size))
        [entering, step, size] = [-1 - k, ratio, -ray[k]];
    }
    this.work += options.length * rows;
    if (step === Infinity) return step;
    for (let k = 0; k < rows; k++) shift[k] += step * ray[k];
    for (const o of options) reduced[o] += step * speed[o];
    for (let i = 0; i < key.length; i++) if (isOpen[key[i]] === 0) reduced[key[i]] += step * keySpeed[i];
    basis[leaving] = entering;
    this.invertBasis();
    return step;
  }

  /** Whether the ray proves that no allocation of the part keeps the rows. */
  private isImpossible(): boolean {
    const { part, ray } = this;
    ray.forEach((r, k) => (ray[k] = Math.max(0, r)));
    let value = 0;
    let size = 0;
    ray.forEach((r, k) => {
      value -= r * part.room[k];
      size += Math.abs(r * part.room[k]);
    });
    for (let i = 0; i < part.queries.length; i++) {
      let least = Infinity;
      for (let at = part.start[i]; at < part.start[i + 1]; at++) {
        least = Math.min(least, this.speedOf(part.options[at]));
      }
      value += least;
      size += Math.abs(least);
    }
    return value > 1e-11 * size;
  }

  /** The dual at the prices, none of them below 0. */
  private evaluate(): number {
    const { core, part, shift, reduced } = this;
    let bound = part.base;
    shift.forEach((s, k) => {
      shift[k] = Math.max(s, -core.price[k]);
      bound -= shift[k] * part.room[k];
    });
    this.valueOptions();
    for (let i = 0; i < part.queries.length; i++) {
      let least = Infinity;
      for (let at = part.start[i]; at < part.start[i + 1]; at++) {
        least = Math.min(least, reduced[part.options[at]]);
      }
      bound += least;
    }
    return bound;
  }

  private relate(): void {
    const { part, reduced } = this;
    for (let i = 0; i < part.queries.length; i++) {
      let least = Infinity;
      for (let at = part.start[i]; at < part.start[i + 1]; at++)
        least = Math.min(least, reduced[part.options[at]]);
      for (let at = part.start[i]; at < part.start[i + 1]; at++) reduced[part.options[at]] -= least;
    }
  }
}
