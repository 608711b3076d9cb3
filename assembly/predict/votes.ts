import { sumFound } from "./sparse";

/**
 * Success probabilities by the votes of the rows near each query, for several fits at once: a fit weighs the rows, and the first
 * `wanted[fit]` of a query's rows that have weight in it vote.
 *
 * `near` (uint32): queries × listed rows, nearest first; `closeness` (float64): how much each of these votes count;
 * `weight` (float32): fits × rows, ≥ 0; `wanted` (uint32) one a fit; `rate` (float64): fits × models; `prior`: votes that
 * the rate has. `ballot` (float32): rows × width, a multiple of 4: `models` labels, 0 where there is none, and then for each model 1
 * where there is one, or, if `isComplete`, a single 1 for all. `scratch`: 8 bytes a listed row and 4 each of `width`.
 *
 * Writes `out` (float32): fits × queries × models, and `isShort` (uint8): 1 for queries of which some fit has weight in fewer rows
 * than it wants; their probabilities are not to be used. Votes are summed in float32, in the order of the rows, probabilities in
 * float64. O(queries × fits × (listed + wanted × width)).
 */
export function countVotes(
  near: usize,
  closeness: usize,
  queries: i32,
  listed: i32,
  weight: usize,
  wanted: usize,
  rate: usize,
  prior: f64,
  fits: i32,
  rows: i32,
  ballot: usize,
  models: i32,
  width: i32,
  isComplete: bool,
  scratch: usize,
  out: usize,
  isShort: usize,
): void {
  assert(width % 4 == 0);
  const ballotBytes = <usize>width << 2;
  const sum = scratch + (<usize>listed << 3);
  const votes = sum + (<usize>models << 2);
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
        // Written in any case, and kept only if the row has weight.
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
        const cast = <f64>load<f32>(votes + (isComplete ? 0 : at));
        const right = prior * load<f64>(rates + (at << 1)) + <f64>load<f32>(sum + at);
        store<f32>(to + at, <f32>(right / (prior + cast)));
      }
    }
    store<u8>(isShort + <usize>q, u8(short));
  }
}
