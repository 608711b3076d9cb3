import type { Predictor } from "../predict/predictor.js";
import type { Dataset } from "../types.js";

/** What predictions come from: a labelled sample, or a predictor fitted before. */
export type Source = Dataset | Predictor;

export function isSample(source: Source): source is Dataset {
  return !("predict" in source);
}
