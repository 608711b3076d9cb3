// The export list: every kernel that the host may call, and nothing else.
import { ABI } from "./layout";

export { allFinite, forbid } from "./solve/check";
export { sumHulls, sumWideHulls } from "./solve/hull";
export { narrow } from "./solve/wide";
export { listSteps } from "./solve/steps";
export { firstBucket, lastBucket, scanBuckets, scanSteps, scanPrices } from "./solve/front";
export { allocateCheapest, allocateMostProbable, allocateAtPrice, allocateWide } from "./solve/allocate";
export { sumAllocated, addAllocated } from "./solve/objective";
export { sortFalling, sortCountBytes } from "./solve/sort";
export { beginSweep, destroy, rebuild } from "./solve/rebuild";
export { sortPoints, markFront, rankPoints } from "./solve/dominance";
export { hypervolume, igd, igdSorted, additiveEpsilon, spread } from "./solve/indicator";
export { seedRandom, nextUint32, nextUniform } from "./random";
export { extendStates } from "./solve/states";
export { insertPoint } from "./solve/archive";
export { searchSteps } from "./solve/search";
export { smoothPass } from "./solve/constraints/smooth";
export { splitPass } from "./solve/constraints/split";
export { roundPass } from "./solve/constraints/round";
export { findCandidates } from "./solve/constraints/candidates";
export { repair, rebuildSteps, searchAll } from "./solve/constraints/rebuild";
export { multiply } from "./predict/multiply";
export { growTree } from "./predict/grow";
export { applyTrees } from "./predict/trees";
export { findNearest } from "./predict/neighbours";
export { countVotes } from "./predict/votes";
export { timesMatrix, addTransposedTimes, timesFound, innerProducts } from "./predict/sparse";
export { combineColumns, stepColumns } from "./predict/postings";
export { toProbabilities, addReplicate, robustScores } from "./predict/logOdds";
export { sparseTexts, sparseScratchBytes } from "./predict/sparseTexts";
export { sumTexts, sumScratchBytes, keptBytes } from "./predict/sumTexts";
export { gramMatrix, timesSmall, timesSquare, toUnitLength } from "./predict/dense";

/** The version of signatures and structs; the host compares it with its own. */
export function abi(): i32 {
  return ABI;
}

/** The first byte of memory that the module does not use itself. */
export function heapBase(): usize {
  return __heap_base;
}
