import { PREDICT } from "../../../build/embedded/predict.js";
import type { PredictKernels } from "../kernels.js";
import { compilePart, type PartModule } from "../module.js";
import { ownWorkspace, type Workspace } from "../workspace.js";

/** An instance of the module that predicts. */
export type PredictSpace = Workspace<PredictKernels>;

/** The module that predicts. */
export const predictModule = (): PartModule<PredictKernels> => compilePart("predict", PREDICT);

/** A new instance for tables that stay: nobody resets its memory. Several parts of a scorer share one. */
export function predictSpace(module: PartModule<PredictKernels> = predictModule()): PredictSpace {
  return ownWorkspace(module);
}
