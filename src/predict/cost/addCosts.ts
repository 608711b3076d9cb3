import { knownCosts } from "./cost.js";
import type { CostPredictor } from "./fitOne.js";
import { MeanPredictor, stateOf, type Predictor } from "../predictor.js";

/** The predictor, extended by a cost predictor for its models, or for those that were added last. */
export function addCosts(predictor: Predictor, learned: CostPredictor): Predictor {
  const state = stateOf(predictor);
  const costs = knownCosts(learned);
  if (costs.models.length === 0) return predictor;
  const { added } = state;
  return new MeanPredictor(
    added === undefined
      ? { ...state, costs }
      : { ...state, added: [...added.slice(0, -1), { ...added[added.length - 1], costs }] },
  );
}
