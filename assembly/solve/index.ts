// The export list of the module that solves: every kernel that the host may call, and nothing else.
import { SOLVE } from "../layout";

export { allFinite, forbid } from "./check";
export { sumHulls, sumWideHulls } from "./hull";
export { narrow } from "./wide";
export { listSteps } from "./steps";
export { firstBucket, lastBucket, scanBuckets, scanSteps, scanPrices } from "./front";
export { allocateCheapest, allocateMostProbable, allocateAtPrice, allocateWide } from "./allocate";
export { sumAllocated, addAllocated } from "./objective";
export { sortFalling, sortCountBytes } from "./sort";
export { beginSweep, destroy, rebuild } from "./rebuild";
export { sortPoints, markFront, rankPoints } from "./dominance";
export { hypervolume, igd, igdSorted, additiveEpsilon, spread } from "./indicator";
export { seedRandom, nextUint32, nextUniform } from "../random";
export { extendStates } from "./states";
export { insertPoint } from "./archive";
export { searchSteps } from "./search";
export { abi, heapBase } from "../module";

/** Which module of the core this is. */
export function part(): i32 {
  return SOLVE;
}
