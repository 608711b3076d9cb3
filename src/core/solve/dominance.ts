import { writeSet, type Coordinates } from "./coordinates.js";
import type { Core } from "../core.js";

/** Indices by rising cost, then falling accuracy, then index, and the number of comparisons. */
export function sortPoints(
  { arena, kernels }: Core,
  points: Coordinates,
): { order: Uint32Array; comparisons: number } {
  return arena.scoped(() => {
    const n = points.cost.length;
    const comparisons = arena.write(Float64Array.of(0));
    const order = arena.reserve(n * 4);
    kernels.sortPoints(writeSet(arena, points), order, arena.reserve(n * 4), comparisons);
    return { order: arena.u32(order, n).slice(), comparisons: arena.f64(comparisons, 1)[0] };
  });
}

/** The number of the front on which each point lies, 0 the best; the number of fronts; comparisons, with those of the sort. */
export function rankPoints(
  { arena, kernels }: Core,
  points: Coordinates,
): { rank: Uint32Array; fronts: number; comparisons: number } {
  return arena.scoped(() => {
    const n = points.cost.length;
    const set = writeSet(arena, points);
    const comparisons = arena.write(Float64Array.of(0));
    const order = arena.reserve(n * 4);
    const rank = arena.reserve(n * 4);
    const last = arena.reserve(n * 8);
    // The sort uses the result as scratch before it is written.
    kernels.sortPoints(set, order, rank, comparisons);
    const fronts = kernels.rankPoints(set, order, rank, last, comparisons);
    return { rank: arena.u32(rank, n).slice(), fronts, comparisons: arena.f64(comparisons, 1)[0] };
  });
}

/** Marks nondominated points with 1; `order`: by rising cost, then falling accuracy, then index. */
export function markFront({ arena, kernels }: Core, order: Uint32Array, accuracy: Float64Array): Uint8Array {
  const n = accuracy.length;
  return arena.scoped(() => {
    const keep = arena.reserve(n);
    kernels.markFront(arena.write(order), arena.write(accuracy), n, keep);
    return arena.u8(keep, n).slice();
  });
}
