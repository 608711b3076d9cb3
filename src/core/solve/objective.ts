import { blocksOf, writeBlock, type Matrices } from "./block.js";
import type { Core } from "../core.js";

/**
 * Σ weight[q] · value[q, allocation[q]] over all queries, one after another in float64, to the bit as in one plain loop.
 * `value`: queries × models; without `weight` every query counts once.
 */
export function sumAllocated(
  { arena, at, kernels }: Core,
  value: Float32Array,
  models: number,
  allocation: Uint8Array,
  weight?: Float32Array,
): number {
  let sum = 0;
  for (const { from, to } of blocksOf(models, 0, allocation.length)) {
    arena.f32(at.cost, (to - from) * models).set(value.subarray(from * models, to * models));
    arena.u8(at.from, to - from).set(allocation.subarray(from, to));
    if (weight !== undefined) arena.f32(at.weight, to - from).set(weight.subarray(from, to));
    const weightAt = weight === undefined ? 0 : at.weight;
    sum = kernels.sumAllocated(at.cost, weightAt, to - from, models, at.from, sum);
  }
  return sum;
}

/** Both objectives of an allocation of all queries, to the bit as in plain loops. `gain` is a sum, not a mean. */
export function addAllocated(
  core: Core,
  problem: Matrices,
  allocation: Uint8Array,
): { cost: number; gain: number } {
  const { arena, at, kernels } = core;
  arena.f64(at.total, 2).fill(0);
  for (const { from, to } of blocksOf(problem.models, 0, allocation.length)) {
    writeBlock(core, problem, from, to);
    arena.u8(at.from, to - from).set(allocation.subarray(from, to));
    kernels.addAllocated(core.block.address, to - from, at.from, at.total);
  }
  const [cost, gain] = arena.f64(at.total, 2);
  return { cost, gain };
}
