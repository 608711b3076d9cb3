import { writeSet, type Coordinates } from "./coordinates.js";
import type { Core } from "../core.js";

/** Area dominated by a nondominated set by rising cost, up to a reference point. */
export function hypervolume(
  { arena, kernels }: Core,
  points: Coordinates,
  reference: { cost: number; accuracy: number },
): number {
  return arena.scoped(() => kernels.hypervolume(writeSet(arena, points), reference.cost, reference.accuracy));
}

/**
 * Mean distance from the points of a reference set to the nearest point of a set, neither empty. With `isPlus` only higher
 * costs and lower accuracies count. O(points × references).
 */
export function igd(
  { arena, kernels }: Core,
  points: Coordinates,
  reference: Coordinates,
  isPlus = false,
): number {
  return arena.scoped(() => kernels.igd(writeSet(arena, points), writeSet(arena, reference), isPlus));
}

/** `igd` of two sets along which neither cost nor accuracy falls, and the number of distances computed. */
export function igdSorted(
  { arena, kernels }: Core,
  points: Coordinates,
  reference: Coordinates,
  isPlus = false,
): { mean: number; distances: number } {
  return arena.scoped(() => {
    const distances = arena.write(Float64Array.of(0));
    const set = writeSet(arena, points);
    const mean = kernels.igdSorted(set, writeSet(arena, reference), isPlus, distances);
    return { mean, distances: arena.f64(distances, 1)[0] };
  });
}

/** Additive epsilon of a nondominated set by rising cost, against a reference set; neither empty. */
export function additiveEpsilon(
  { arena, kernels }: Core,
  points: Coordinates,
  reference: Coordinates,
): number {
  return arena.scoped(() => kernels.additiveEpsilon(writeSet(arena, points), writeSet(arena, reference)));
}

/** Spread Δ of a nondominated set by rising cost, not empty. `ends`: summed distance of its ends to those of a reference. */
export function spread({ arena, kernels }: Core, points: Coordinates, ends: number): number {
  return arena.scoped(() => kernels.spread(writeSet(arena, points), ends));
}
