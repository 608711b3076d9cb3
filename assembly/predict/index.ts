// The export list of the module that predicts: every kernel that the host may call, and nothing else.
import { PREDICT } from "../layout";

export { seedRandom } from "../random";
export { multiply } from "./multiply";
export { growTree } from "./grow";
export { applyTrees } from "./trees";
export { findNearest } from "./neighbours";
export { countVotes } from "./votes";
export { timesMatrix, addTransposedTimes, timesFound, innerProducts } from "./sparse";
export { combineColumns, stepColumns } from "./postings";
export { toProbabilities, addReplicate, robustScores } from "./logOdds";
export { sparseTexts, sparseScratchBytes } from "./sparseTexts";
export { sumTexts, sumScratchBytes, keptBytes } from "./sumTexts";
export { gramMatrix, timesSmall, timesSquare, toUnitLength } from "./dense";
export { abi, heapBase } from "../module";

/** Which module of the core this is. */
export function part(): i32 {
  return PREDICT;
}
