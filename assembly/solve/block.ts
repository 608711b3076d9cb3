/** A block of queries that the host has copied in. */
// @ts-ignore: decorator
@unmanaged
export class Block {
  /** float32, queries × models, row-major, followed by rows of zeros up to a multiple of LANES rows. */
  cost: usize = 0;
  probability: usize = 0;
  /** float32 per query, ≥ 0; without an address every query counts once. */
  weight: usize = 0;
  models: i32 = 0;
  /** Scratch: GROUP_BYTES. */
  scratch: usize = 0;
  /** The costs as float64, in the same order, or 0; then `cost` is what `narrow` writes. */
  wide: usize = 0;
  /** float64 per query, from `narrow`: the lowest cost. */
  least: usize = 0;
  /** Decimal places of the unit in which float64 costs are added up; negative: they are added in dollars. */
  places: i32 = 0;
}
