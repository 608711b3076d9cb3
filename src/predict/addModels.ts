import { InputError } from "../errors.js";
import { MeanPredictor, stateOf, type Predictor } from "./predictor.js";
import { checkSample, type LabelledSample } from "./sample.js";
import { partsOf } from "./state.js";
import { fitState, type FitOptions } from "./fit.js";
import { checkVectors, rolesOf } from "./vectors.js";
import { MAX_MODELS } from "../../assembly/layout.js";
import { selectColumns } from "../matrix.js";

/**
 * Adds to the predictor the models that the sample labels and the predictor lacks, in the sample's order, fitted to the
 * sample's rows alone. Predictions of the earlier models stay the same to the byte. Text features stay as they were;
 * vectors must be as wide as the predictor's.
 *
 * @throws InputError: nothing to add, too many models, vectors in place of texts for a predictor of texts, or texts for
 * a predictor of vectors.
 */
export async function addModels(
  predictor: Predictor,
  sample: LabelledSample,
  options: FitOptions = {},
): Promise<Predictor> {
  const state = stateOf(predictor);
  checkSample(sample);
  checkSeen(predictor, sample);
  const { models, queries, outcome, vectors, columns: texts } = sample;
  const columns = [...models.keys()].filter(
    (m) => !predictor.models.includes(models[m]) && isLabelled(sample, m),
  );
  if (columns.length === 0) {
    throw new InputError("nothing to add: the predictor already has every model that the sample labels", {
      field: "models",
    });
  }
  const total = predictor.models.length + columns.length;
  if (total > MAX_MODELS) {
    throw new InputError(`the predictor would have ${total} models; expected at most ${MAX_MODELS}`, {
      field: "models",
    });
  }
  const { state: added } = await fitState(
    {
      models: columns.map((m) => models[m]),
      queries,
      outcome: selectColumns(outcome, models.length, columns),
      vectors,
      columns: texts,
    },
    options,
    partsOf(state).find(({ featuriser }) => featuriser !== undefined)?.featuriser,
  );
  return new MeanPredictor({ ...state, added: [...(state.added ?? []), added] });
}

function isLabelled({ models, outcome }: LabelledSample, m: number): boolean {
  for (let i = m; i < outcome.length; i += models.length) if (!Number.isNaN(outcome[i])) return true;
  return false;
}

function checkSeen({ vectorColumns, vectorsBeside }: Predictor, { vectors, queries }: LabelledSample): void {
  const { inPlace, beside } = rolesOf(vectors);
  if ((vectorColumns === undefined) !== (inPlace === undefined)) {
    throw new InputError(
      inPlace === undefined
        ? `the predictor was fitted to vectors of ${vectorColumns} columns, the sample has none`
        : "the predictor was fitted to texts; expected a sample without vectors, or with vectors beside the texts",
      { field: "vectors" },
    );
  }
  if (vectors !== undefined) checkVectors(vectors, queries.length, beside ? vectorsBeside : vectorColumns);
}
