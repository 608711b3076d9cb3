export type { Block, BlockSource, Problem, Dataset, OnProgress, QueryVectors } from "./types.js";
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "./errors.js";
export { version } from "./package.js";
export { Pool, wasmMemoryBytes } from "./pool/index.js";
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
export { idealNadir, normalise, type Bounds, type Point, type PointSet } from "./solve/pointSet.js";
export { nondominated, nondominatedRanks } from "./solve/dominance.js";
export {
  additiveEpsilon,
  hypervolume,
  igd,
  igdPlus,
  normalisedHypervolume,
  spread,
} from "./solve/indicator.js";
export {
  trainPredictor,
  addModels,
  loadPredictor,
  savePredictor,
  reliability,
  type ModelReliability,
  type Reliability,
  type ReliabilityBin,
  type ReliabilityReport,
  PREDICTORS,
  type Predictor,
  type LabelledSample,
  type PredictorChoice,
  type MethodKind,
  type Setting,
  type CandidateScore,
  fitCosts,
  predictCosts,
  type CostError,
  type CostFit,
  type CostOptions,
  type CostPredictor,
  type CostSample,
  type TokenPrice,
} from "./predict/index.js";
export { importDataset, readDataset, type DatasetOptions, type Imported } from "./data/dataset.js";
export { FORMATS } from "./data/import/formats.js";
export { parseCondition, type Condition } from "./data/where.js";
export type { ImportCounts } from "./data/import/observations.js";
export { priceCall, type PriceCall } from "./data/prices/call.js";
export { readNpy, type NpyMatrix } from "./data/npy.js";
export { embedTexts, type EmbeddedTexts, type EmbeddingsOptions } from "./data/embeddings.js";
export { simulate, simulateProblem, type SimulatedRow, type SimulatedWorkload } from "./data/simulate.js";
export { checkOutput, outputFormat, writeOut } from "./export/file.js";
export { allocationRows } from "./export/allocation.js";
export { frontRows } from "./export/front.js";
export { datasetRows, nativeTable, type DatasetFormat, type NativeTable } from "./export/dataset.js";
export { parquetBytes, type ParquetColumn, type ParquetValues } from "./export/parquet.js";
export type { TableFormat } from "./export/table.js";
export {
  fitPredictor,
  extendPredictor,
  predictProblem,
  type PredictOptions,
  type Prediction,
} from "./workflow/predictProblem.js";
export { readPredictor } from "./workflow/savedPredictor.js";
export { npyBytes, probabilityRows, type ProbabilityTable } from "./export/probabilities.js";
export { planAllocation, type Plan, type PlanOptions } from "./workflow/plan.js";
export { backtest } from "./workflow/backtest.js";
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
} from "./workflow/backtestTypes.js";
export type { NamedReliability } from "./workflow/reliabilityOver.js";
export type { CostPrediction, CostPredictionSummary } from "./workflow/costPrediction.js";
export { predictedCosts, type CostPredictionOptions, type PredictedCost } from "./workflow/predictedCosts.js";
export type { Part } from "./workflow/rows.js";
export { simulatedParts } from "./workflow/simulatedParts.js";
export { thin } from "./workflow/thin.js";
export { armOf, PriceTable, readPrices, type Found } from "./data/prices/table.js";
export { MODES, type Discount, type Mode, type Price, type Rates, type Tier } from "./data/prices/price.js";
export { billOf, type Bill, type BillLine } from "./data/prices/bill.js";
export { readUsage, type Usage } from "./data/prices/usage.js";
export {
  EXPORT_TARGETS,
  checkExport,
  exportAllocation,
  type Exported,
  type ExportOptions,
  type ExportTarget,
} from "./workflow/exportAllocation.js";
export type { Manifest } from "./export/batches.js";
export { readAllocation, type AllocationFile } from "./data/allocation.js";
export { costOf, costsOf, type Pricing } from "./data/prices/cost.js";
export { withBatchArm, type BatchArmOptions } from "./data/prices/batchArm.js";
export { tokenCounter, tokenizerOf, type TokenCounter } from "./data/tokens/counter.js";
export { countChat, countRequest } from "./data/tokens/chat.js";
export {
  compare,
  METHOD_TITLES,
  type CompareOptions,
  type CompareRepeat,
  type Comparison,
  type Method,
  type MethodFigures,
  type MethodResult,
  type MethodSummary,
  type RankedFigure,
  type SingleSummary,
  type Standing,
} from "./workflow/compare.js";
export type { RankTest } from "./workflow/ranks.js";
export {
  accuracyAt,
  aiq,
  aiqRepo,
  apgr,
  costAt,
  costSave,
  cpt,
  gapToOracle,
  nonDecreasingHull,
  perfGain,
  quantilePoints,
  relativeGain,
  routerArenaScore,
  type CallCurve,
  type Curve,
  type Decision,
  type Hull,
  type Interval,
  type ModelPair,
} from "./evaluate/index.js";
export { breakEvens, type BreakEven } from "./solve/breakEven.js";
export { changeDataset, changeProblem, hypervolumes, type Changes } from "./workflow/whatIf.js";
export type { Alternative, Comparators, SingleAlternative } from "./workflow/comparators.js";
export type {
  ChosenPlan,
  CostAccuracy,
  InfeasiblePlan,
  JudgedPlan,
  PlanRating,
  RatedPlan,
} from "./workflow/chosenPlans.js";
export type { Advantage, Difference, Resampling } from "./workflow/evidence.js";
export type { MeanDeviation } from "./workflow/means.js";
export type { JudgedPoint, SingleModel } from "./workflow/realised.js";
export type { RouterMetrics } from "./workflow/routerMetrics.js";
export type { CallFigures, TwoModelFigures } from "./workflow/twoModelFigures.js";
export type { Verdict } from "./workflow/verdict.js";
export type { HeldOutCheck } from "./workflow/heldOutCheck.js";
export { DEADLINE_COLUMN, type BatchChoice } from "./workflow/batchArms.js";
export type { GroupFigures } from "./workflow/groups.js";
export { fileDigest } from "./data/digest.js";
export { reportPage } from "./export/report/page.js";
export type { ReportData } from "./export/report/data.js";
export { solveReport, type SolveReportInput } from "./workflow/report/solveReport.js";
export type { Origin } from "./workflow/report/origin.js";
export { backtestReport, type BacktestReportInput } from "./workflow/report/backtestReport.js";
export { compareReport } from "./workflow/report/compareReport.js";
export {
  withUsage,
  type LabelsWithUsage,
  type UsageFile,
  type UsageOptions,
} from "./data/import/batchUsage.js";
export { withQueries } from "./data/queryTexts.js";
