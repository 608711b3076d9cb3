import { Random } from "../../random.js";
import type { Stratum } from "./strata.js";

/** A stream of the seed for drawing labels. */
const DRAWING = 101;

/** Draws as many rows of each stratum as it gets, with equal chance; ascending. */
export function draw(
  strata: readonly Stratum[],
  counts: readonly number[],
  seed: number,
): { row: number; stratum: number; probability: number }[] {
  const random = new Random(seed, DRAWING);
  const first = strata[0]?.variance === 0 ? 0 : 1;
  return strata
    .flatMap(({ rows }, h) =>
      [...random.permutation(rows.length).subarray(0, counts[h])].map((k) => ({
        row: rows[k],
        stratum: h + first,
        probability: counts[h] / rows.length,
      })),
    )
    .sort((a, b) => a.row - b.row);
}
