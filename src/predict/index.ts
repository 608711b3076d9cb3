export { trainPredictor, type TrainOptions } from "./train.js";
export type { Predictor, PredictorKind } from "./predictor.js";
export { reliability } from "./reliability.js";

/** What can be asked for: a predictor, or `auto`, which chooses one. */
export const PREDICTORS = ["auto", "base-rate", "logistic"] as const;
export type PredictorChoice = (typeof PREDICTORS)[number];
