import type { Arena } from "../arena.js";

/** The points of a front, by rising cost. */
export interface Points {
  totalCost: Float64Array;
  expectedAccuracy: Float64Array;
  lambda: Float64Array;
}

/** Copies out the first n points that a scan has written. */
export function readPoints(arena: Arena, n: number, cost: number, accuracy: number, lambda: number): Points {
  return {
    totalCost: arena.f64(cost, n).slice(),
    expectedAccuracy: arena.f64(accuracy, n).slice(),
    lambda: arena.f64(lambda, n).slice(),
  };
}
