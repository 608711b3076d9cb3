import type { Arena } from "../arena.js";

/** Points of the objective plane: dollars and 0 … 1, as many of each. */
export interface Coordinates {
  cost: Float64Array;
  accuracy: Float64Array;
}

/** Copies a set in: the addresses of both coordinates and the number of points. */
export function writeSet(
  arena: Arena,
  { cost, accuracy }: Coordinates,
): [cost: number, accuracy: number, points: number] {
  return [arena.write(cost), arena.write(accuracy), cost.length];
}
