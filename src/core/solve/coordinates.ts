import { PointSet } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";
import { Struct, type StructAddress } from "../struct.js";

/** Points in the plane of the objectives: dollars and 0 … 1, arrays of equal length. */
export interface Coordinates {
  cost: Float64Array;
  accuracy: Float64Array;
}

/** Copies a set of points in; returns the address of its struct. */
export function writeSet(arena: Arena, { cost, accuracy }: Coordinates): StructAddress {
  const set = { cost: arena.write(cost), accuracy: arena.write(accuracy), points: cost.length };
  return new Struct(arena, PointSet, set).address;
}
