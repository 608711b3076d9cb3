/** A set of points in the plane of the two objectives. */
// @ts-ignore: decorator
@unmanaged
export class PointSet {
  /** float64, finite, per point. */
  cost: usize = 0;
  accuracy: usize = 0;
  points: i32 = 0;
}
