import { Random } from "../../random.js";

/** Sums over the queries of one repeat, block by block: blocks × columns, row-major; only sums are resampled. */
export interface BlockSums {
  columns: number;
  sums: Float64Array;
}

/** Figures of one repeat from the sums over its (resampled) queries; NaN: not defined for these. */
export type Statistic = (sums: Float64Array) => readonly number[];

/**
 * The paired bootstrap [EfronTibshirani1993]: draws as many blocks as there are, with replacement, and computes all
 * figures from the same draw, `replicates` times. The same seed and number of blocks draw the same blocks, so that
 * repeats that judge on the same queries stay paired. Returns replicates × figures.
 * O(replicates × blocks × columns), whatever the number of queries.
 */
export function resample(
  { columns, sums }: BlockSums,
  statistic: Statistic,
  { replicates, seed }: { replicates: number; seed: number },
): Float64Array[] {
  const blocks = sums.length / columns;
  const random = new Random(seed, RESAMPLING);
  return Array.from({ length: replicates }, () => {
    const times = new Uint32Array(blocks);
    for (let b = 0; b < blocks; b++) times[random.below(blocks)]++;
    return Float64Array.from(statistic(weighted(sums, columns, times)));
  });
}

/** The sums over all blocks, each taken a given number of times. */
function weighted(sums: Float64Array, columns: number, times: Uint32Array): Float64Array {
  const total = new Float64Array(columns);
  for (let b = 0, row = 0; b < times.length; b++, row += columns) {
    const w = times[b];
    if (w === 0) continue;
    for (let c = 0; c < columns; c++) total[c] += w * sums[row + c];
  }
  return total;
}

/** The figures of all blocks taken once. */
export function observed({ columns, sums }: BlockSums, statistic: Statistic): readonly number[] {
  return statistic(weighted(sums, columns, new Uint32Array(sums.length / columns).fill(1)));
}

/**
 * Means over repeats that are themselves resampled, replicate by replicate. `repeats`: for each repeat the output of
 * `resample`, as the replicates of every figure. NaN counts as missing.
 */
export function overRepeats(repeats: readonly Float64Array[][], seed: number): Float64Array[] {
  const random = new Random(seed, REPEATS);
  const [{ length: replicates }] = repeats;
  const figures = Array.from({ length: repeats[0][0].length }, () => new Float64Array(replicates));
  for (let b = 0; b < replicates; b++) {
    const drawn = repeats.map(() => repeats[random.below(repeats.length)][b]);
    figures.forEach((figure, f) => {
      figure[b] = meanOfKnown(drawn.map((values) => values[f]));
    });
  }
  return figures;
}

/** The mean of the values that are not NaN; NaN where none is. */
export function meanOfKnown(values: readonly number[]): number {
  const known = values.filter((value) => !Number.isNaN(value));
  return known.reduce((sum, value) => sum + value, 0) / known.length;
}

/** Streams of the seed, apart from those of splitting and fitting. */
const RESAMPLING = 101;
const REPEATS = 102;
