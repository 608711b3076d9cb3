import type { Random } from "../../src/random.js";

/**
 * Simulated binary crossover [DebAgrawal1995] of genes 0 … `last`: a spread factor β with
 * density ∝ β^η inside and β^−(η+2) outside the parents, children at mean ∓ β · half their distance.
 *
 * Half of the genes in which the parents differ are crossed, and half of those change sides, as in pymoo. Children are
 * rounded to the nearest model and clamped: mirroring the models mirrors the children, so that nothing drifts towards
 * either end. β comes from a table of 2¹² equally likely values, so that one 32-bit random number does for a gene.
 */
export class Crossover {
  private readonly beta: Float64Array;

  /** `rate`: share of pairs that are crossed at all; `index`: η ≥ 0, the larger the nearer to the parents. */
  constructor(
    private readonly rate: number,
    index: number,
    private readonly last: number,
  ) {
    this.beta = Float64Array.from({ length: BETA_VALUES }, (_, k) => {
      const u = (k + 0.5) / BETA_VALUES;
      return (u < 0.5 ? 2 * u : 1 / (2 - 2 * u)) ** (1 / (index + 1));
    });
  }

  /** Writes two children of two parents, all of one length and apart from each other. */
  cross(random: Random, a: Uint8Array, b: Uint8Array, first: Uint8Array, second: Uint8Array): void {
    first.set(a);
    second.set(b);
    if (random.uniform() >= this.rate) return;
    const { beta, last } = this;
    for (let q = 0; q < a.length; q++) {
      const x = a[q];
      const y = b[q];
      if (x === y) continue;
      const bits = random.uint32();
      if ((bits & IS_LEFT) !== 0) continue;
      const half = (beta[bits >>> (32 - BETA_BITS)] * (y - x)) / 2;
      const low = nearest((x + y) / 2 - half, last);
      const high = nearest((x + y) / 2 + half, last);
      const isExchanged = (bits & IS_EXCHANGED) !== 0;
      first[q] = isExchanged ? high : low;
      second[q] = isExchanged ? low : high;
    }
  }
}

const BETA_BITS = 12;
const BETA_VALUES = 2 ** BETA_BITS;
/** Bits of the random number that β does not use. */
const IS_LEFT = 1;
const IS_EXCHANGED = 2;

/**
 * Polynomial mutation [DebGoyal1996] of genes 0 … `last`, bounded at half a model beyond both ends, where each model
 * owns an interval of equal length: rounding is fair, the ends are reached, and nothing drifts.
 */
export class Mutation {
  /** `rate`: share of allocations that mutate, one gene each on average; `index`: η ≥ 0, larger: smaller steps. */
  constructor(
    private readonly rate: number,
    private readonly index: number,
    private readonly last: number,
  ) {}

  /** Changes one allocation in place. */
  mutate(random: Random, genes: Uint8Array): void {
    if (random.uniform() >= this.rate) return;
    const share = Math.min(0.5, 1 / genes.length);
    // Geometric strides from one mutated gene to the next.
    const scale = 1 / Math.log(1 - share);
    const stride = (): number => Math.floor(Math.log(1 - random.uniform()) * scale);
    for (let q = stride(); q < genes.length; q += 1 + stride())
      genes[q] = this.moved(genes[q], random.uniform());
  }

  /** The gene that the quantile `u`, 0 … 1, moves a gene to. */
  moved(gene: number, u: number): number {
    const range = this.last + 1;
    const power = this.index + 1;
    const below = (gene + 0.5) / range;
    const delta =
      u < 0.5
        ? (2 * u + (1 - 2 * u) * (1 - below) ** power) ** (1 / power) - 1
        : 1 - (2 - 2 * u + (2 * u - 1) * below ** power) ** (1 / power);
    return nearest(gene + delta * range, this.last);
  }
}

/**
 * Differential variation [LiZhang2009] of genes 0 … `last`, with the published rates (every gene, F = ½):
 * child = own + ½ (a − b), clamped. A half is rounded up or down with equal chance, so that nothing drifts.
 */
export function differ(
  random: Random,
  own: Uint8Array,
  a: Uint8Array,
  b: Uint8Array,
  child: Uint8Array,
  last: number,
): void {
  for (let q = 0; q < child.length; q++) {
    const twice = a[q] - b[q];
    const isHalf = (twice & 1) !== 0;
    const step = (isHalf ? twice + ((random.uint32() & 1) === 0 ? 1 : -1) : twice) / 2;
    child[q] = Math.min(last, Math.max(0, own[q] + step));
  }
}

/** The nearest of 0 … `last`. */
export function nearest(value: number, last: number): number {
  return value <= 0 ? 0 : value >= last ? last : Math.round(value);
}
