import { InputError } from "../errors.js";
import type { CostPredictor } from "./cost.js";
import { MeanPredictor, type Predictor } from "./predictor.js";

/** The predictor with what was learned of the costs of its models, or of those that were added last. */
export function addCosts(predictor: Predictor, { models, fits, ...rest }: CostPredictor): Predictor {
  if (!(predictor instanceof MeanPredictor)) {
    throw new InputError("the predictor was not made by trainPredictor or loadPredictor");
  }
  const known = [...models.keys()].filter((m) => fits[m] !== undefined);
  if (known.length === 0) return predictor;
  const costs = { ...rest, models: known.map((m) => models[m]), fits: known.map((m) => fits[m]) };
  const { state } = predictor;
  const { added } = state;
  return new MeanPredictor(
    added === undefined
      ? { ...state, costs }
      : { ...state, added: [...added.slice(0, -1), { ...added[added.length - 1], costs }] },
  );
}
