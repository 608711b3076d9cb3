import { BUCKETS, BUCKET_SHIFT, LANES } from "./layout";

/**
 * Loads four rows of a row-major matrix as columns: column m, one lane a query, lands at `to + 32 m`.
 * Reads whole vectors, so up to three elements beyond the last row; those columns are never used.
 */
// @ts-ignore: decorator
@inline
function transposeGroup(from: usize, models: i32, to: usize): void {
  const stride = <usize>models << 2;
  const quads = (models + 3) >> 2;
  for (let k = 0; k < quads; k++) {
    const at = from + (<usize>k << 4);
    const a = v128.load(at);
    const b = v128.load(at + stride);
    const c = v128.load(at + 2 * stride);
    const d = v128.load(at + 3 * stride);
    const lowAB = v128.shuffle<i32>(a, b, 0, 4, 1, 5);
    const highAB = v128.shuffle<i32>(a, b, 2, 6, 3, 7);
    const lowCD = v128.shuffle<i32>(c, d, 0, 4, 1, 5);
    const highCD = v128.shuffle<i32>(c, d, 2, 6, 3, 7);
    const column = to + (<usize>k << 7);
    v128.store(column, v128.shuffle<i64>(lowAB, lowCD, 0, 2));
    v128.store(column, v128.shuffle<i64>(lowAB, lowCD, 1, 3), 32);
    v128.store(column, v128.shuffle<i64>(highAB, highCD, 0, 2), 64);
    v128.store(column, v128.shuffle<i64>(highAB, highCD, 1, 3), 96);
  }
}

/** Adds one step to its efficiency bucket. */
// @ts-ignore: decorator
@inline
function addStep(efficiency: f32, dCost: f64, dGain: f64, bucketCost: usize, bucketGain: usize): void {
  const bucket = <usize>(reinterpret<u32>(efficiency) >> BUCKET_SHIFT);
  assert(bucket < <usize>BUCKETS);
  const at = bucket << 3;
  store<f64>(bucketCost + at, load<f64>(bucketCost + at) + dCost);
  store<f64>(bucketGain + at, load<f64>(bucketGain + at) + dGain);
}

/**
 * Walks the upper-left hull of every query and adds its increments to their efficiency buckets.
 *
 * `cost`, `probability`: float32, rows × models, row-major; `rows` a multiple of LANES (pad with rows
 * of zeros), every row with a finite cost; `scratch`: GROUP_BYTES.
 * `bucketCost`, `bucketGain`: BUCKETS float64 sums of Δcost and Δprobability, added to.
 * `total`: two float64, to which the cost and the probability of the cheapest allocation are added.
 * Returns the number of increments.
 *
 * Ties: of equally cheap models the more probable starts the walk. Of equal slopes the lower index is
 * taken and the farther follows with the same efficiency, hence into the same bucket. An efficiency is
 * never above the one before it in the same query, whatever float32 rounding says.
 *
 * O(rows × models × hull) time, no extra memory: the gift wrapping of [Jarvis1973] on the convex hull
 * that [SinhaZoltners1979] showed to be all that a supported allocation can use.
 */
export function sumHulls(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  scratch: usize,
  bucketCost: usize,
  bucketGain: usize,
  total: usize,
): i32 {
  assert(rows % LANES == 0 && models > 0);
  const zero = f32x4.splat(0);
  const rowBytes = <usize>models << 2;
  const end = scratch + (<usize>models << 5);
  let steps = 0;
  let startCost: f64 = load<f64>(total);
  let startGain: f64 = load<f64>(total, 8);
  for (let row = 0; row < rows; row += LANES) {
    const at = <usize>row * rowBytes;
    transposeGroup(cost + at, models, scratch);
    transposeGroup(probability + at, models, scratch + 16);

    // Start at the cheapest model; of equally cheap ones at the most probable.
    let c = v128.load(scratch);
    let p = v128.load(scratch, 16);
    for (let column = scratch + 32; column < end; column += 32) {
      const nextC = v128.load(column);
      const nextP = v128.load(column, 16);
      const better = v128.or(
        f32x4.lt(nextC, c),
        v128.and(f32x4.eq(nextC, c), f32x4.gt(nextP, p)),
      );
      c = v128.bitselect(nextC, c, better);
      p = v128.bitselect(nextP, p, better);
    }
    startCost += <f64>f32x4.extract_lane(c, 0);
    startCost += <f64>f32x4.extract_lane(c, 1);
    startCost += <f64>f32x4.extract_lane(c, 2);
    startCost += <f64>f32x4.extract_lane(c, 3);
    startGain += <f64>f32x4.extract_lane(p, 0);
    startGain += <f64>f32x4.extract_lane(p, 1);
    startGain += <f64>f32x4.extract_lane(p, 2);
    startGain += <f64>f32x4.extract_lane(p, 3);

    // Step to the model of best slope until no lane finds a more probable one.
    let last = f32x4.splat(Infinity);
    while (true) {
      let best = zero;
      let bestC = c;
      let bestP = p;
      for (let column = scratch; column < end; column += 32) {
        const nextC = v128.load(column);
        const nextP = v128.load(column, 16);
        const gain = f32x4.sub(nextP, p);
        const slope = f32x4.div(gain, f32x4.sub(nextC, c));
        const better = v128.and(f32x4.gt(slope, best), f32x4.gt(gain, zero));
        best = v128.bitselect(slope, best, better);
        bestC = v128.bitselect(nextC, bestC, better);
        bestP = v128.bitselect(nextP, bestP, better);
      }
      const moved = i32x4.bitmask(f32x4.gt(best, zero));
      if (moved == 0) break;
      last = f32x4.pmin(best, last);
      if (moved & 1) {
        addStep(
          f32x4.extract_lane(last, 0),
          <f64>f32x4.extract_lane(bestC, 0) - <f64>f32x4.extract_lane(c, 0),
          <f64>f32x4.extract_lane(bestP, 0) - <f64>f32x4.extract_lane(p, 0),
          bucketCost,
          bucketGain,
        );
      }
      if (moved & 2) {
        addStep(
          f32x4.extract_lane(last, 1),
          <f64>f32x4.extract_lane(bestC, 1) - <f64>f32x4.extract_lane(c, 1),
          <f64>f32x4.extract_lane(bestP, 1) - <f64>f32x4.extract_lane(p, 1),
          bucketCost,
          bucketGain,
        );
      }
      if (moved & 4) {
        addStep(
          f32x4.extract_lane(last, 2),
          <f64>f32x4.extract_lane(bestC, 2) - <f64>f32x4.extract_lane(c, 2),
          <f64>f32x4.extract_lane(bestP, 2) - <f64>f32x4.extract_lane(p, 2),
          bucketCost,
          bucketGain,
        );
      }
      if (moved & 8) {
        addStep(
          f32x4.extract_lane(last, 3),
          <f64>f32x4.extract_lane(bestC, 3) - <f64>f32x4.extract_lane(c, 3),
          <f64>f32x4.extract_lane(bestP, 3) - <f64>f32x4.extract_lane(p, 3),
          bucketCost,
          bucketGain,
        );
      }
      steps += popcnt(moved);
      c = bestC;
      p = bestP;
    }
  }
  store<f64>(total, startCost);
  store<f64>(total, startGain, 8);
  return steps;
}

/**
 * Walks the hull of every query from model `from[q]` to model `to[q]`, in float64, and lists the increments.
 *
 * `cost`, `probability`: as in `sumHulls`, any number of rows; `from`, `to`: one byte a query, both on the
 * query's hull, `from` the cheaper. Outputs, room for rows × (models − 1) each: `efficiency`, `dCost`,
 * `dGain` float64, `query` uint32 (`firstQuery` + row), `stepFrom`, `stepTo` bytes. Returns the count;
 * queries come in order, and within a query efficiencies fall.
 *
 * Ties: among equal slopes the farthest model (a collinear one between is no strict vertex), of equal
 * points the lower index. O(rows × models × hull) time.
 */
export function listSteps(
  cost: usize,
  probability: usize,
  rows: i32,
  models: i32,
  from: usize,
  to: usize,
  firstQuery: u32,
  efficiency: usize,
  dCost: usize,
  dGain: usize,
  query: usize,
  stepFrom: usize,
  stepTo: usize,
): i32 {
  let steps = 0;
  const rowBytes = <usize>models << 2;
  for (let row = 0; row < rows; row++) {
    let at = <i32>load<u8>(from + row);
    const target = <i32>load<u8>(to + row);
    assert(at < models && target < models);
    if (at == target) continue;
    const c = cost + <usize>row * rowBytes;
    const p = probability + <usize>row * rowBytes;
    const targetC = <f64>load<f32>(c + (<usize>target << 2));
    const targetP = <f64>load<f32>(p + (<usize>target << 2));
    let atC = <f64>load<f32>(c + (<usize>at << 2));
    let atP = <f64>load<f32>(p + (<usize>at << 2));
    let last: f64 = Infinity;
    while (atP < targetP) {
      let best: f64 = 0;
      let bestM = -1;
      let bestC: f64 = 0;
      let bestP: f64 = 0;
      for (let m = 0; m < models; m++) {
        const nextP = <f64>load<f32>(p + (<usize>m << 2));
        const nextC = <f64>load<f32>(c + (<usize>m << 2));
        if (!(nextP > atP && nextP <= targetP && nextC <= targetC)) continue;
        const rise = nextC - atC;
        const slope = rise > 0 ? (nextP - atP) / rise : Infinity;
        if (
          bestM < 0 ||
          slope > best ||
          (slope == best && (nextP > bestP || (nextP == bestP && nextC < bestC)))
        ) {
          best = slope;
          bestM = m;
          bestC = nextC;
          bestP = nextP;
        }
      }
      assert(bestM >= 0);
      last = min(best, last);
      store<f64>(efficiency + (<usize>steps << 3), last);
      store<f64>(dCost + (<usize>steps << 3), bestC - atC);
      store<f64>(dGain + (<usize>steps << 3), bestP - atP);
      store<u32>(query + (<usize>steps << 2), firstQuery + row);
      store<u8>(stepFrom + steps, <u8>at);
      store<u8>(stepTo + steps, <u8>bestM);
      steps++;
      at = bestM;
      atC = bestC;
      atP = bestP;
    }
  }
  return steps;
}
