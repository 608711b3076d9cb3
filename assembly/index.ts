// The export list: every kernel the host may call, and nothing else.
import { ABI } from "./layout";

export { allFinite, findInvalid, findForbidden, forbid } from "./check";
export { sumHulls } from "./hull";
export { listSteps } from "./steps";
export { firstBucket, lastBucket, scanBuckets, scanSteps, scanPrices } from "./front";
export { allocateCheapest, allocateMostProbable, allocateAtPrice } from "./allocate";
export { sumAllocated, addAllocated } from "./objective";
export { sortFalling, sortCountBytes } from "./sort";
export { beginSweep, destroy, rebuild } from "./rebuild";
export { sortPoints, markFront, rankPoints } from "./dominance";
export { hypervolume, igd, igdSorted, additiveEpsilon, spread } from "./indicator";
export { seedRandom, nextUint32, nextUniform } from "./random";
export { extendStates } from "./states";
export { insertPoint } from "./archive";
export { searchSteps } from "./search";
export { multiply } from "./multiply";
export { growTree } from "./grow";
export { applyTrees } from "./trees";
export { findNearest } from "./neighbours";
export { countVotes } from "./votes";
export { timesMatrix, addTransposedTimes, timesFound, innerProducts } from "./sparse";
export { toProbabilities, addReplicate, robustScores } from "./logOdds";
export { sparseTexts, sparseScratchBytes } from "./sparseTexts";
export { sumTexts, sumScratchBytes, keptBytes } from "./sumTexts";
export { gramMatrix, timesSmall, toUnitLength } from "./dense";

/** The number the host compares with its own. */
export function abi(): i32 {
  return ABI;
}

/** The first byte of memory that the module itself does not use. */
export function heapBase(): usize {
  return __heap_base;
}
