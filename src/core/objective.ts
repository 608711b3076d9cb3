import { blocksOf } from "./block.js";
import type { Core } from "./core.js";

/**
 * `start` + Σ weight[q] · value[q, allocation[q]] over all queries, one after another in float64: the same bytes as
 * one plain loop. `value`: queries × models; without `weight` every query counts once.
 */
export function sumAllocated(
  { arena, at, kernels }: Core,
  value: Float32Array,
  models: number,
  allocation: Uint8Array,
  weight?: Float32Array,
  start = 0,
): number {
  let sum = start;
  for (const { from, to } of blocksOf(models, 0, allocation.length)) {
    arena.f32(at.cost, (to - from) * models).set(value.subarray(from * models, to * models));
    arena.u8(at.from, to - from).set(allocation.subarray(from, to));
    if (weight !== undefined) arena.f32(at.weight, to - from).set(weight.subarray(from, to));
    const weightAt = weight === undefined ? 0 : at.weight;
    sum = kernels.sumAllocated(at.cost, weightAt, to - from, models, at.from, sum);
  }
  return sum;
}
