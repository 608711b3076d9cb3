import { sumFound } from "./sparse";

/** The rows near some queries, the fits whose rows vote, and where the results are written. */
// @ts-ignore: decorator
@unmanaged
export class Votes {
  /** Queries × listed, nearest first: rows (uint32), and how much the vote of each counts (float64). */
  near: usize = 0;
  closeness: usize = 0;
  listed: i32 = 0;
  /** float32, fits × rows, ≥ 0. */
  weight: usize = 0;
  /** uint32 per fit: the number of rows that vote. */
  wanted: usize = 0;
  /** float64, fits × models. */
  rate: usize = 0;
  fits: i32 = 0;
  rows: i32 = 0;
  /** float32, rows × width: `models` labels (0 if missing), then a mask per model, or a single 1 if `isComplete`. */
  ballot: usize = 0;
  models: i32 = 0;
  /** A multiple of 4. */
  width: i32 = 0;
  /** 1: no label is missing. */
  isComplete: i32 = 0;
  /** Scratch: 8 bytes × listed, then 4 bytes × width. */
  scratch: usize = 0;
  /** Result: float32, fits × queries × models. */
  out: usize = 0;
  /** Result, a byte per query: 1 if some fit has too few rows with weight; the query's probabilities are then not valid. */
  isShort: usize = 0;
}

/**
 * Success probabilities by the votes of the rows near each query, for several fits at once. Each fit has its own weights
 * of the rows; the first `wanted[fit]` of a query's rows that have weight in the fit vote.
 *
 * `prior`: the number of votes that the fit's rate counts for. Votes are summed in float32, in the order of the rows,
 * probabilities in float64. O(queries × fits × (listed + wanted × width)).
 */
export function countVotes(votes: Votes, queries: i32, prior: f64): void {
  const near = votes.near;
  const closeness = votes.closeness;
  const listed = votes.listed;
  const weight = votes.weight;
  const wanted = votes.wanted;
  const rate = votes.rate;
  const fits = votes.fits;
  const rows = votes.rows;
  const ballot = votes.ballot;
  const models = votes.models;
  const width = votes.width;
  const isComplete = votes.isComplete != 0;
  const scratch = votes.scratch;
  const out = votes.out;
  const isShort = votes.isShort;
  assert(width % 4 == 0);
  const ballotBytes = <usize>width << 2;
  const sum = scratch + (<usize>listed << 3);
  const cast = sum + (<usize>models << 2);
  const fitBytes = (<usize>queries * <usize>models) << 2;
  for (let q = 0; q < queries; q++) {
    const first = <usize>q * <usize>listed;
    let short = false;
    for (let b = 0; b < fits && !short; b++) {
      const weights = weight + ((<usize>b * <usize>rows) << 2);
      const want = load<u32>(wanted + (<usize>b << 2));
      let end = scratch;
      let found: u32 = 0;
      for (let j: usize = first; j < first + listed && found < want; j++) {
        const row = <usize>load<u32>(near + (j << 2));
        const w = load<f32>(weights + (row << 2));
        // Always written, and kept only if the row has weight: no branch to mispredict.
        store<u32>(end, <u32>(ballot + row * ballotBytes));
        store<f32>(end, <f32>(<f64>w * load<f64>(closeness + (j << 3))), 4);
        const taken = u32(w != 0);
        found += taken;
        end += <usize>taken << 3;
      }
      short = found < want;
      sumFound(scratch, end, ballotBytes, sum);
      const rates = rate + ((<usize>b * <usize>models) << 3);
      const to = out + <usize>b * fitBytes + ((<usize>q * <usize>models) << 2);
      for (let m = 0; m < models; m++) {
        const at = <usize>m << 2;
        const count = <f64>load<f32>(cast + (isComplete ? 0 : at));
        const right = prior * load<f64>(rates + (at << 1)) + <f64>load<f32>(sum + at);
        store<f32>(to + at, <f32>(right / (prior + count)));
      }
    }
    store<u8>(isShort + <usize>q, u8(short));
  }
}
