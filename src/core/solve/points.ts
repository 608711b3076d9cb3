import { FrontLists } from "../../../assembly/layout.js";
import type { Arena } from "../arena.js";
import { Struct } from "../struct.js";

/** The points of a front, by rising cost. */
export interface Points {
  totalCost: Float64Array;
  expectedAccuracy: Float64Array;
  lambda: Float64Array;
}

/** Room for the points that a scan writes. */
export type FrontRoom = Struct<typeof FrontLists>;

/** Reserves room for `points` points. */
export function reserveFront(arena: Arena, points: number): FrontRoom {
  return new Struct(arena, FrontLists, {
    cost: arena.reserve(points * 8),
    accuracy: arena.reserve(points * 8),
    lambda: arena.reserve(points * 8),
  });
}

/** Copies out the first n points. */
export function readFront(arena: Arena, front: FrontRoom, n: number): Points {
  return {
    totalCost: arena.f64(front.get("cost"), n).slice(),
    expectedAccuracy: arena.f64(front.get("accuracy"), n).slice(),
    lambda: arena.f64(front.get("lambda"), n).slice(),
  };
}
