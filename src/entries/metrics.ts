/** The public names of `optllm/metrics`: quality indicators of fronts, and the figures by which routers are judged. */
export { OptllmError, InputError, OverloadedError, CoreError, type ErrorCode } from "../errors.js";
export { loadCore, type CoreSource } from "../core/module.js";
export { idealNadir, normalise, type Bounds, type Point, type PointSet } from "../solve/metrics/pointSet.js";
export { nondominated, nondominatedRanks } from "../solve/metrics/dominance.js";
export {
  additiveEpsilon,
  hypervolume,
  igd,
  igdPlus,
  normalisedHypervolume,
  spread,
} from "../solve/metrics/indicator.js";
export { accuracyAt, costAt, type Curve } from "../backtest/figures/curve.js";
export { aiq, aiqRepo } from "../backtest/figures/aiq.js";
export { apgr, cpt, quantilePoints, type CallCurve, type ModelPair } from "../backtest/figures/twoModels.js";
export { costSave, gapToOracle, perfGain, relativeGain } from "../backtest/figures/gains.js";
export { nonDecreasingHull, type Hull } from "../backtest/figures/hull.js";
export { routerArenaScore } from "../backtest/figures/arena.js";
