import type { Core } from "../core.js";

/** Indices by falling value, equal values by rising index. O(n). */
export function orderFalling(core: Core, values: Float64Array): Uint32Array {
  const { arena } = core;
  const n = values.length;
  return arena.scoped(() => {
    const value = arena.write(values);
    const sorted = sortFalling(core, value, n, arena.reserve(n * 8), arena.reserve(n * 8));
    return arena.u32(sorted, n).slice();
  });
}

/** `sortFalling` for values in memory, with two scratch buffers of 8 bytes per value. Returns the address of the order. */
export function sortFalling(
  { arena, kernels }: Core,
  value: number,
  n: number,
  item: number,
  otherItem: number,
): number {
  const sorted = arena.reserve(n * 4);
  const counts = arena.reserve(kernels.sortCountBytes());
  kernels.sortFalling(value, n, sorted, item, otherItem, counts);
  return sorted;
}
