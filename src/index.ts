export type { Problem, Dataset, OnProgress } from "./types.js";
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "./errors.js";
export { version } from "./package.js";
export { Pool } from "./pool/index.js";
export { solveFront, type Front, type Resolution, type SolveOptions } from "./solve/front.js";
export {
  choose,
  bestSingle,
  type Choice,
  type Chosen,
  type Infeasible,
  type Target,
} from "./solve/choose.js";
export { evaluate, realisedAccuracy, type Objective } from "./solve/objective.js";
export { traceFront, countShares } from "./solve/trace.js";
export { nondominated, hypervolume, igd, type PointSet } from "./solve/indicator.js";
