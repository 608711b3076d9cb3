import { Block } from "./block";
import { areWhole, inUnits, unitsPerDollar } from "./wide";

/**
 * Adds weight[q] · value[q, allocation[q]] over the queries to `start`, one after another in float64. Blocks
 * chained through `start` give the same result, to the bit, as one plain loop over the whole matrix.
 *
 * `value`: float32, rows × models, row-major: outcomes or anything else that an allocation adds up; `weight`: float32 per
 * row, or 0 if there is none; `allocation`: one byte per row. O(rows).
 */
export function sumAllocated(
  value: usize,
  weight: usize,
  rows: i32,
  models: i32,
  allocation: usize,
  start: f64,
): f64 {
  let sum = start;
  for (let row = 0; row < rows; row++) {
    const m = load<u8>(allocation + row);
    assert(<i32>m < models);
    const x = <f64>load<f32>(value + ((<usize>m) << 2));
    sum += weight == 0 ? x : <f64>load<f32>(weight + ((<usize>row) << 2)) * x;
    value += (<usize>models) << 2;
  }
  return sum;
}

/**
 * Both objectives of an allocation: `sumAllocated` of costs and probabilities at once, in the two lanes of a vector. Each
 * is added one query after another in float64, to the bit as in a plain loop.
 *
 * `allocation`: one byte per row. `total`: two float64; cost and summed probability are added. O(rows).
 * Costs of a block that has units are added in them; returns whether each is a whole number of units.
 */
export function addAllocated(block: Block, rows: i32, allocation: usize, total: usize): bool {
  let cost = block.cost;
  let probability = block.probability;
  const weight = block.weight;
  const models = block.models;
  if (block.wide != 0) return addWide(block, rows, allocation, total);
  let sums = v128.load(total);
  const rowBytes = (<usize>models) << 2;
  for (let row = 0; row < rows; row++) {
    const m = load<u8>(allocation + row);
    assert(<i32>m < models);
    const at = (<usize>m) << 2;
    const option = f64x2.promote_low_f32x4(v128.load_lane<f32>(probability + at, v128.load32_zero(cost + at), 1));
    const w = weight == 0 ? 1 : <f64>load<f32>(weight + ((<usize>row) << 2));
    sums = f64x2.add(sums, f64x2.mul(f64x2.splat(w), option));
    cost += rowBytes;
    probability += rowBytes;
  }
  v128.store(total, sums);
  return true;
}

/** `addAllocated` of float64 costs, in the block's units; whether each is a whole number of them. */
function addWide(block: Block, rows: i32, allocation: usize, total: usize): bool {
  const models = block.models;
  const isWhole = block.places >= 0;
  const perDollar = f64x2.splat(unitsPerDollar(block.places));
  let cost = load<f64>(total);
  let gain = load<f64>(total, 8);
  let areAllWhole = i64x2.splat(-1);
  for (let row = 0; row < rows; row++) {
    const m = load<u8>(allocation + row);
    assert(<i32>m < models);
    const option = <usize>(row * models + m);
    const w = block.weight == 0 ? 1 : <f64>load<f32>(block.weight + (<usize>row << 2));
    const dollars = v128.load64_splat(block.wide + (option << 3));
    let c = dollars;
    if (isWhole) {
      c = inUnits(dollars, perDollar);
      areAllWhole = v128.and(areAllWhole, areWhole(c, perDollar, dollars));
    }
    cost += w * f64x2.extract_lane(c, 0);
    gain += w * <f64>load<f32>(block.probability + (option << 2));
  }
  store<f64>(total, cost);
  store<f64>(total, gain, 8);
  return i64x2.all_true(areAllWhole);
}
