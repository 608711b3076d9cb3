import type { Calibration } from "./selection/calibration.js";
import type { CostPredictor } from "./cost/fitOne.js";
import type { FeatureColumns } from "./features/columnCells.js";
import type { FeaturiserState } from "./features/features.js";
import type { MethodKind, Setting } from "./methods/method.js";

/** A method and setting that was tried, and its log-loss on rows held out. */
export interface CandidateScore {
  kind: MethodKind;
  setting: Setting;
  logLoss: number;
}

/** One method's part in a predictor. */
export interface Member {
  kind: MethodKind;
  setting: Setting;
  learned: unknown;
}

/** Fits to resampled rows, which measure the uncertainty. */
export interface Bootstrap {
  /** For each member its replicates' fits. */
  members: { kind: MethodKind; learned: unknown[] }[];
  /** For each replicate the share of labels outside its resample that it gets right, at ½. */
  weight: number[];
  /** How many standard deviations are added. */
  alpha: number;
}

/** A fitted predictor as plain data. */
export interface PredictorState {
  models: string[];
  /** Undefined if no member uses the texts. */
  featuriser?: FeaturiserState;
  /** Columns of the vectors that are used in place of texts; undefined: texts. */
  vectorColumns?: number;
  /** Columns of the vectors that a member uses beside the texts; undefined: none does. */
  vectorsBeside?: number;
  /** Columns that a member uses; undefined: none does. */
  featureColumns?: FeatureColumns;
  /** At least one. */
  members: Member[];
  /** How the members are combined; undefined: there is one, used as it is. */
  calibration?: Calibration;
  /** Undefined: the members are used themselves. */
  bootstrap?: Bootstrap;
  /** Labels of each model. */
  labels: number[];
  /**
   * Index of the best single model, unless held-out rows show that choosing query by query is more accurate; and whether they
   * show it to be no less accurate.
   */
  unbeaten?: { model: number; isMatched: boolean };
  /** Rows with a label of any model; absent in files of version 0.1. */
  labelledRows?: number;
  notes: string[];
  /** Everything that was tried, best first. */
  candidates: CandidateScore[];
  /** Cost predictors of the models whose costs the sample had; undefined: it had none. */
  costs?: CostPredictor;
  /**
   * Models that were added later, one part for each addition; their columns follow in this order. A part has no parts.
   */
  added?: PredictorState[];
}

/** The parts, each fitted at one time: the first one and those added later. */
export function partsOf(state: PredictorState): PredictorState[] {
  return [state, ...(state.added ?? [])];
}
