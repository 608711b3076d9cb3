import { apgr, cpt, quantilePoints, type CallCurve, type ModelPair } from "./figures/twoModels.js";
import type { Front } from "../solve/front.js";
import type { RunningOptions } from "../pool/running.js";
import { countShares } from "../solve/trace.js";
import type { SingleModel } from "./realised.js";

/** RouteLLM's figures of a front over two models. */
export interface TwoModelFigures {
  /** The best single model. */
  strong: string;
  /** Over all points of the front. */
  exact: CallFigures;
  /** Over 11 points at strong shares 0, 10 % … 100 %, as RouteLLM's evaluation takes them. */
  tenSteps: CallFigures;
}

/** Average performance gap recovered, and the share of strong calls that recovers 20, 50 and 80 % of the gap. */
export interface CallFigures {
  apgr: number | null;
  cpt20: number | null;
  cpt50: number | null;
  cpt80: number | null;
}

/** Undefined unless two models are judged alone and the plans know the better one. */
export async function twoModelFigures(
  front: Front,
  realisedAccuracy: Float64Array,
  { singles, best }: { singles: readonly SingleModel[]; best: SingleModel },
  options: RunningOptions,
): Promise<TwoModelFigures | undefined> {
  if (singles.length !== 2) return undefined;
  const other = singles.find((single) => single !== best)!;
  const strong = front.problem.models.indexOf(best.model);
  if (strong < 0) return undefined;
  const points = Uint32Array.from(realisedAccuracy, (_, k) => k);
  const counts = await countShares(front, points, options);
  const share = (k: number): number => counts[2 * k + strong] / front.queries;
  const order = points.sort((a, b) => share(a) - share(b) || a - b);
  const curve = {
    strongShare: Float64Array.from(order, share),
    accuracy: Float64Array.from(order, (k) => realisedAccuracy[k]),
  };
  const pair = { weak: other.accuracy, strong: best.accuracy };
  return {
    strong: best.model,
    exact: callFigures(curve, pair),
    tenSteps: callFigures(quantilePoints(curve), pair),
  };
}

function callFigures(curve: CallCurve, pair: ModelPair): CallFigures {
  return {
    apgr: apgr(curve, pair),
    cpt20: cpt(curve, pair, 0.2),
    cpt50: cpt(curve, pair, 0.5),
    cpt80: cpt(curve, pair, 0.8),
  };
}
