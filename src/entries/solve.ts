/** The public names of `optllm/solve`: the solver alone, which runs wherever WebAssembly does, a browser included. */
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "../errors.js";
export { loadCore, type CoreSource } from "../core/module.js";
export type { Block, BlockSource, Costs, GroupIds, OnProgress, Problem } from "../types.js";
export type { Pool } from "../pool/pool.js";
export type { RunningOptions } from "../pool/running.js";
export {
  solveFront,
  type Algorithm,
  type Front,
  type Resolution,
  type SolveOptions,
} from "../solve/front.js";
export type { SolveInput } from "../solve/input.js";
export type { Points } from "../core/solve/points.js";
export type { Target } from "../solve/target.js";
export type { Choice, Chosen, Infeasible } from "../solve/choice.js";
export { choose, type ChooseOptions } from "../solve/choose.js";
export type { Constraint, Group, Measure } from "../solve/constraints/constraint.js";
export { chooseUnder, type ChooseUnderOptions } from "../solve/constraints/choose.js";
export {
  frontUnder,
  type FrontUnder,
  type FrontUnderOptions,
  type FrontUnderPoint,
} from "../solve/constraints/front.js";
export type {
  ChoiceUnder,
  ChosenUnder,
  InfeasibleUnder,
  Limit,
  NotFound,
} from "../solve/constraints/result.js";
export { allocateAt } from "../solve/allocate.js";
export { traceFront, countShares } from "../solve/trace.js";
export { searchFront, pick, type SearchOptions, type SearchedFront } from "../solve/search.js";
export { evaluate, realisedAccuracy, type Objective } from "../solve/objective.js";
export { bestSingle, singles, type Single, type SingleObjective } from "../solve/single.js";
export { breakEvens, type BreakEven } from "../solve/breakEven.js";
