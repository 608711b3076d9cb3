export { trainPredictor, PREDICTORS, type PredictorChoice, type TrainOptions } from "./train.js";
export type { Predictor } from "./predictor.js";
export type { RunningOptions } from "./runTasks.js";
export { addModels } from "./addModels.js";
export { addCosts } from "./addCosts.js";
export type { LabelledSample } from "./sample.js";
export type { CandidateScore } from "./state.js";
export type { MethodKind, Setting } from "./method.js";
export {
  fitCosts,
  knownCosts,
  predictCosts,
  type CostError,
  type CostFit,
  type CostOptions,
  type CostPredictor,
  type CostSample,
  type TokenPrice,
} from "./cost.js";
export {
  meanOfDefined,
  reliability,
  reportOf,
  type ModelReliability,
  type Reliability,
  type ReliabilityReport,
} from "./reliability.js";
export { loadPredictor, MAX_SAVED_BYTES, savePredictor } from "./saved.js";
export { eceOf, mergeBins, type ReliabilityBin } from "./bins.js";
export { describe } from "./predictor.js";
