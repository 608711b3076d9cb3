export { accuracyAt, areaUnder, costAt, type Curve } from "./curve.js";
export { nonDecreasingHull, type Hull } from "./hull.js";
export { aiq, aiqRepo } from "./aiq.js";
export { apgr, cpt, quantilePoints, type CallCurve, type ModelPair } from "./twoModels.js";
export { routerArenaScore } from "./arena.js";
export { costSave, gapToOracle, perfGain, relativeGain } from "./gains.js";
export { meanOfKnown, observed, overRepeats, resample, type BlockSums, type Statistic } from "./bootstrap.js";
export { interval, type Interval } from "./interval.js";
export { decide, labelsToSettle, type Decision } from "./verdict.js";
