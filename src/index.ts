/** The public names of `optllm`. The solver alone is `optllm/solve`; see also `optllm/metrics` and `optllm/report`. */
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "./errors.js";
export { version } from "./package.js";
export { loadCore, type CoreSource } from "./core/module.js";
export { Pool } from "./pool/pool.js";
export type { RunningOptions } from "./pool/running.js";
export type {
  Block,
  BlockSource,
  Costs,
  Dataset,
  GroupIds,
  OnProgress,
  Problem,
  QueryVectors,
} from "./types.js";

// Rows, from native files or other tools' files.
export {
  datasetFrom,
  type DatasetFromOptions,
  type DatasetRow,
  type ModelRecord,
} from "./rows/datasetFrom.js";
export { readDataset, importDataset } from "./rows/dataset.js";
export type { DatasetOptions, Imported } from "./rows/reading.js";
export type { RecordedCosts } from "./rows/givenPrices.js";
export type { ScoreChoice } from "./rows/formats/answers/metrics.js";
export type { BuilderOptions } from "./rows/builder/builder.js";
export type { ImportCounts } from "./rows/formats/observations.js";
export type { Condition } from "./rows/where.js";
export { readNpy, type NpyMatrix } from "./rows/npy.js";
export { embedTexts, type EmbeddedTexts, type EmbeddingsOptions } from "./embed/embeddings.js";
export {
  simulate,
  simulateProblem,
  type SimulatedModel,
  type SimulatedRow,
  type SimulatedWorkload,
  type SimulateOptions,
} from "./simulate/simulate.js";

// Prices and tokens.
export { readPrices, type Found, type PriceTable } from "./prices/table.js";
export type { GivenPrices } from "./prices/given.js";
export type { BadPrice, Discount, Mode, Price, Rates, Tier } from "./prices/price.js";
export { priceCall, type PriceCall } from "./prices/call.js";
export { costOf, type Pricing } from "./prices/cost.js";
export { billOf, type Bill, type BillLine } from "./prices/bill.js";
export { readUsage, type Usage } from "./prices/usage.js";
export { tokenCounter, type TokenCounter } from "./prices/tokens/counter.js";
export type { Encoding } from "./prices/tokens/encoding.js";
export type { Family } from "./prices/tokens/ratio.js";
export { countRequest } from "./prices/tokens/chat.js";

// Prediction.
export {
  fitPredictor,
  extendPredictor,
  predictProblem,
  type PredictOptions,
  type Prediction,
} from "./plan/predictProblem.js";
export { loadPredictor, savePredictor } from "./predict/saved.js";
export { readPredictor } from "./plan/savedPredictor.js";
export type { HeldOut, PredictOptions as PredictorOptions, Predictor } from "./predict/predictor.js";
export type { ColumnTexts } from "./predict/features/columnCells.js";
export type { PredictorChoice, FitOptions } from "./predict/fit.js";
export type { MethodKind, Setting } from "./predict/methods/method.js";
export type { CandidateScore } from "./predict/state.js";
export type { CostError, CostFit, TokenPrice } from "./predict/cost/fitOne.js";
export type { Form } from "./predict/cost/costShape.js";
export type { CostPredictionOptions, PredictedCost } from "./plan/predictedCosts.js";
export type { Source } from "./plan/source.js";

// Allocation.
export { solveFront, type Algorithm, type Front, type Resolution, type SolveOptions } from "./solve/front.js";
export type { SolveInput } from "./solve/input.js";
export type { Points } from "./core/solve/points.js";
export type { Target } from "./solve/target.js";
export type { Choice, Chosen, Infeasible } from "./solve/choice.js";
export { choose, type ChooseOptions } from "./solve/choose.js";
export type { Constraint, Group, Measure } from "./solve/constraints/constraint.js";
export { chooseUnder, type ChooseUnderOptions } from "./solve/constraints/choose.js";
export {
  frontUnder,
  type FrontUnder,
  type FrontUnderOptions,
  type FrontUnderPoint,
} from "./solve/constraints/front.js";
export type {
  ChoiceUnder,
  ChosenUnder,
  InfeasibleUnder,
  Limit,
  NotFound,
} from "./solve/constraints/result.js";
export { allocateAt } from "./solve/allocate.js";
export { traceFront } from "./solve/trace.js";
export { searchFront, pick, type SearchOptions, type SearchedFront } from "./solve/search.js";
export { evaluate, realisedAccuracy, type Objective } from "./solve/objective.js";
export { bestSingle, type Single, type SingleObjective } from "./solve/single.js";
export { hypervolume, normalisedHypervolume } from "./solve/metrics/indicator.js";
export type { Bounds, Point, PointSet } from "./solve/metrics/pointSet.js";

// Plans and backtests.
export { planAllocation, type Plan, type PlanOptions } from "./plan/plan.js";
export type { PrepareOptions } from "./plan/prepare.js";
export type { Limits } from "./plan/limits/read.js";
export type { LimitSpec } from "./plan/limits/spec.js";
export type { HeldOutCheck } from "./plan/heldOutCheck.js";
export type { GroupFigures } from "./plan/groups.js";
export type { BreakEven } from "./solve/breakEven.js";
export { changeProblem, type Changes, type Recorded } from "./plan/whatIf.js";
export { withBatchArm, type BatchArmOptions, type Options } from "./plan/batchArm.js";
export type { BatchChoice } from "./plan/batchArms.js";
export { backtest } from "./backtest/backtest.js";
export type {
  Backtest,
  BacktestFigures,
  BacktestOptions,
  BacktestRepeat,
  JudgedRepeat,
  OverRepeats,
  PlanSummary,
  PredictionFigures,
  Routers,
  World,
} from "./backtest/backtestTypes.js";
export type {
  ChosenPlan,
  CostAccuracy,
  InfeasiblePlan,
  JudgedPlan,
  PlanRating,
  RatedPlan,
} from "./backtest/chosenPlans.js";
export type { Alone } from "./backtest/alone.js";
export type { Alternative, Comparators, Records, SingleAlternative } from "./backtest/comparators.js";
export type { CostPrediction, CostPredictionSummary } from "./backtest/costPrediction.js";
export type { Advantage, Difference, Judged, Resampling } from "./backtest/evidence.js";
export type { Interval } from "./backtest/figures/interval.js";
export type { Decision } from "./backtest/figures/verdict.js";
export type { JudgedLimit, LimitSummary } from "./backtest/limits.js";
export type { MeanDeviation } from "./backtest/means.js";
export type { JudgedPoint, SingleModel } from "./backtest/realised.js";
export type { JudgedSize } from "./backtest/recorded.js";
export type { NamedReliability } from "./backtest/reliabilityOver.js";
export type { RouterMetrics } from "./backtest/routerMetrics.js";
export type { CallFigures, TwoModelFigures } from "./backtest/twoModelFigures.js";
export type { Verdict } from "./backtest/verdict.js";
export type { ReliabilityBin } from "./predict/selection/bins.js";
export type { ModelReliability, Reliability, ReliabilityReport } from "./predict/selection/reliability.js";
export type { Part } from "./plan/rows.js";

// Files.
export { writeOut, type Chunks, type WriteOptions } from "./write/file.js";
export type { TableFormat } from "./write/table.js";
export { allocationRows, type AllocationTable } from "./write/allocation.js";
export { frontRows, type Floats, type FrontTable } from "./write/front.js";
export {
  datasetRows,
  nativeTable,
  type DatasetFormat,
  type NativeRow,
  type NativeTable,
} from "./write/dataset.js";
export { exportAllocation, type Exported, type ExportTarget } from "./write/targets/exportAllocation.js";
export type { ExportOptions } from "./write/targets/options.js";
export type { BatchFile, Manifest } from "./write/batches/writeBatches.js";
export type { Part as BatchPart } from "./write/batches/parts.js";
export type { Vendor } from "./write/batches/vendors.js";
export { readAllocation, type AllocationFile } from "./rows/allocation.js";
