export type { Block, BlockSource, Problem, Dataset, OnProgress, QueryVectors } from "./types.js";
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "./errors.js";
export { version } from "./package.js";
export { Pool, wasmMemoryBytes } from "./pool/pool.js";
export {
  solveFront,
  ALGORITHMS,
  type Algorithm,
  type Front,
  type Resolution,
  type SolveOptions,
} from "./solve/front.js";
export { choose, type ChooseOptions } from "./solve/choose.js";
export type { Choice, Chosen, Infeasible } from "./solve/choice.js";
export type { Target } from "./solve/target.js";
export {
  searchFront,
  pick,
  MAX_SEARCH_QUERIES,
  checkSearchable,
  type SearchOptions,
  type SearchedFront,
} from "./solve/search.js";
export { bestSingle, singles, type Single } from "./solve/single.js";
export { allocateAt } from "./solve/allocate.js";
export { evaluate, realisedAccuracy, type Objective } from "./solve/objective.js";
export { traceFront, countShares } from "./solve/trace.js";
export { idealNadir, normalise, type Bounds, type Point, type PointSet } from "./solve/metrics/pointSet.js";
export { nondominated, nondominatedRanks } from "./solve/metrics/dominance.js";
export {
  additiveEpsilon,
  hypervolume,
  igd,
  igdPlus,
  normalisedHypervolume,
  spread,
} from "./solve/metrics/indicator.js";
export { fitSample, PREDICTORS, type PredictorChoice } from "./predict/fit.js";
export { addModels } from "./predict/addModels.js";
export { loadPredictor, savePredictor } from "./predict/saved.js";
export {
  reliability,
  type ModelReliability,
  type Reliability,
  type ReliabilityReport,
} from "./predict/selection/reliability.js";
export type { ReliabilityBin } from "./predict/selection/bins.js";
export type { Predictor } from "./predict/predictor.js";
export type { LabelledSample } from "./predict/sample.js";
export type { MethodKind, Setting } from "./predict/methods/method.js";
export type { CandidateScore } from "./predict/state.js";
export {
  fitCosts,
  predictCosts,
  type CostError,
  type CostFit,
  type CostOptions,
  type CostPredictor,
  type CostSample,
  type TokenPrice,
} from "./predict/cost/cost.js";
export { importDataset, readDataset, type DatasetOptions, type Imported } from "./rows/dataset.js";
export { FORMATS } from "./rows/formats/formats.js";
export { parseCondition, type Condition } from "./rows/where.js";
export type { ImportCounts } from "./rows/formats/observations.js";
export { priceCall, type PriceCall } from "./prices/call.js";
export { readNpy, type NpyMatrix } from "./rows/npy.js";
export { embedTexts, type EmbeddedTexts, type EmbeddingsOptions } from "./embed/embeddings.js";
export { simulate, simulateProblem, type SimulatedRow, type SimulatedWorkload } from "./simulate/simulate.js";
export { checkOutput, outputFormat, writeOut } from "./write/file.js";
export { allocationRows } from "./write/allocation.js";
export { frontRows } from "./write/front.js";
export { datasetRows, nativeTable, type DatasetFormat, type NativeTable } from "./write/dataset.js";
export { parquetBytes, type ParquetColumn, type ParquetValues } from "./write/parquet.js";
export type { TableFormat } from "./write/table.js";
export {
  fitPredictor,
  extendPredictor,
  predictProblem,
  type PredictOptions,
  type Prediction,
} from "./plan/predictProblem.js";
export { readPredictor } from "./plan/savedPredictor.js";
export { npyBytes, probabilityRows, type ProbabilityTable } from "./write/probabilities.js";
export { planAllocation, type Plan, type PlanOptions } from "./plan/plan.js";
export { backtest } from "./backtest/backtest.js";
export type {
  Backtest,
  BacktestFigures,
  BacktestOptions,
  BacktestRepeat,
  JudgedRepeat,
  PlanSummary,
  PredictionFigures,
  Routers,
  World,
} from "./backtest/backtestTypes.js";
export type { NamedReliability } from "./backtest/reliabilityOver.js";
export type { CostPrediction, CostPredictionSummary } from "./backtest/costPrediction.js";
export { predictedCosts, type CostPredictionOptions, type PredictedCost } from "./plan/predictedCosts.js";
export type { Part } from "./plan/rows.js";
export { simulatedParts } from "./simulate/simulatedParts.js";
export { thin } from "./solve/thin.js";
export { armOf, PriceTable, readPrices, type Found } from "./prices/table.js";
export { MODES, type Discount, type Mode, type Price, type Rates, type Tier } from "./prices/price.js";
export { billOf, type Bill, type BillLine } from "./prices/bill.js";
export { readUsage, type Usage } from "./prices/usage.js";
export {
  EXPORT_TARGETS,
  checkExport,
  exportAllocation,
  type Exported,
  type ExportOptions,
  type ExportTarget,
} from "./write/targets/exportAllocation.js";
export type { Manifest } from "./write/targets/batches.js";
export { readAllocation, type AllocationFile } from "./rows/allocation.js";
export { costOf, costsOf, type Pricing } from "./prices/cost.js";
export { withBatchArm, type BatchArmOptions } from "./plan/batchArm.js";
export { tokenCounter, tokenizerOf, type TokenCounter } from "./prices/tokens/counter.js";
export { countChat, countRequest } from "./prices/tokens/chat.js";
export { accuracyAt, costAt, type Curve } from "./backtest/figures/curve.js";
export { aiq, aiqRepo } from "./backtest/figures/aiq.js";
export { apgr, cpt, quantilePoints, type CallCurve, type ModelPair } from "./backtest/figures/twoModels.js";
export { costSave, gapToOracle, perfGain, relativeGain } from "./backtest/figures/gains.js";
export { nonDecreasingHull, type Hull } from "./backtest/figures/hull.js";
export { routerArenaScore } from "./backtest/figures/arena.js";
export type { Decision } from "./backtest/figures/verdict.js";
export type { Interval } from "./backtest/figures/interval.js";
export { breakEvens, type BreakEven } from "./solve/breakEven.js";
export { changeDataset, changeProblem, hypervolumes, type Changes } from "./plan/whatIf.js";
export type { Alternative, Comparators, SingleAlternative } from "./backtest/comparators.js";
export type {
  ChosenPlan,
  CostAccuracy,
  InfeasiblePlan,
  JudgedPlan,
  PlanRating,
  RatedPlan,
} from "./backtest/chosenPlans.js";
export type { Advantage, Difference, Resampling } from "./backtest/evidence.js";
export type { MeanDeviation } from "./backtest/means.js";
export type { JudgedPoint, SingleModel } from "./backtest/realised.js";
export type { RouterMetrics } from "./backtest/routerMetrics.js";
export type { CallFigures, TwoModelFigures } from "./backtest/twoModelFigures.js";
export type { Verdict } from "./backtest/verdict.js";
export type { HeldOutCheck } from "./plan/heldOutCheck.js";
export { DEADLINE_COLUMN, type BatchChoice } from "./plan/batchArms.js";
export type { GroupFigures } from "./plan/groups.js";
export { fileDigest } from "./text/digest.js";
export { reportPage } from "./report/html/page.js";
export type { ReportData } from "./report/data.js";
export { solveReport, type SolveReportInput } from "./report/solveReport.js";
export type { Origin } from "./report/origin.js";
export { backtestReport, type BacktestReportInput } from "./report/backtestReport.js";
export {
  withUsage,
  type LabelsWithUsage,
  type UsageFile,
  type UsageOptions,
} from "./rows/formats/batchUsage.js";
export { withQueries } from "./rows/queryTexts.js";
