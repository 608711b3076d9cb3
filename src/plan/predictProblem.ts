import { InputError } from "../errors.js";
import { addCosts } from "../predict/cost/addCosts.js";
import { addModels } from "../predict/addModels.js";
import { fitSample, type PredictorChoice, type FitOptions } from "../predict/fit.js";
import type { Predictor } from "../predict/predictor.js";
import type { RunningOptions } from "../pool/running.js";
import type { Costs, Dataset, Problem } from "../types.js";
import {
  among,
  costNotes,
  fitSampleCosts,
  withPredictedCosts,
  type CostPredictionOptions,
  type PredictedCost,
} from "./predictedCosts.js";
import { columnHas, takeModels } from "./rows.js";
import { isSample, type Source } from "./source.js";
import { someOf } from "../text/names.js";
import { shown } from "../text/shown.js";
import { rowOf, selectColumns } from "../matrix.js";

/** How success probabilities and costs are predicted. */
export interface PredictOptions
  extends RunningOptions, CostPredictionOptions, Pick<FitOptions, "seed" | "replicates" | "alpha"> {
  /** Default `auto`. */
  predictor?: PredictorChoice;
  /**
   * Columns of the sample and the work, as they were read, that tell kinds of queries apart, such as a task or a tenant. The
   * predictor uses them where that improves predictions of held-out rows. Default: none.
   */
  featureColumns?: readonly string[];
}

/** A problem made from work and a predictor. */
export interface Prediction {
  problem: Problem;
  predictor: Predictor;
  /** Notes for the user: models left out, models with few labels. */
  notes: string[];
  /** How costs were predicted, for each model with a predicted cost. */
  predictedCosts: PredictedCost[];
}

/**
 * Fits a predictor to the labelled rows of a sample: for every model that has labels, and for its cost where the sample
 * has costs.
 * `unlabelled`: texts to be predicted later.
 *
 * @throws InputError for arguments of another shape, and for a sample without labels.
 */
export async function fitPredictor(
  sample: Dataset,
  unlabelled: readonly string[],
  options: PredictOptions = {},
): Promise<Predictor> {
  checkFitting(sample, unlabelled, options);
  const predictor = await fit(sample, labelledModels(sample), unlabelled, options);
  return addCosts(predictor, await fitSampleCosts(sample, predictor.models, unlabelled, options));
}

/** A caller in JavaScript may have left out or mistaken an argument. */
function checkFitting(sample: unknown, unlabelled: unknown, options: unknown): void {
  const refuse = (field: string, expected: string): never => {
    throw new InputError(`${field} of fitPredictor is not what is expected: ${expected}`, { field });
  };
  const { models, queries, outcome } = (sample ?? {}) as Partial<Dataset>;
  if (!Array.isArray(models) || !Array.isArray(queries) || !ArrayBuffer.isView(outcome))
    refuse("sample", "a Dataset, as readDataset and datasetFrom give it");
  if (!Array.isArray(unlabelled) || unlabelled.some((text) => typeof text !== "string"))
    refuse("unlabelled", "a list of texts, which may be empty");
  if (typeof options !== "object" || options === null) refuse("options", "an object");
}

function fit(
  sample: Dataset,
  models: string[],
  unlabelled: readonly string[],
  { predictor, featureColumns, ...options }: PredictOptions,
): Promise<Predictor> {
  const { queries, outcome, vectors } = takeModels(sample, models);
  const columns = featureTexts(sample, featureColumns);
  return fitSample(
    { models, queries, outcome, vectors, columns },
    { ...options, kind: predictor, unlabelled },
  );
}

/**
 * Predicts the work, from a labelled sample or with a predictor fitted before: one problem row for each row of `work`, with
 * its recorded cost, or one predicted by the source where the whole column is blank or missing (`predictCost`: wherever it
 * is blank). Only models that the source knows and that have costs take part. Throws `InputError` for a row that no model
 * may answer.
 */
export async function predictProblem(
  recorded: Dataset,
  source: Source,
  options: PredictOptions = {},
): Promise<Prediction> {
  if (isSample(source)) checkVectorsMatch(recorded, source);
  else checkKnown(options.models, source.models);
  const known = among(options.models, isSample(source) ? labelledModels(source) : source.models);
  const { work, predicted } = await withPredictedCosts(recorded, source, options);
  const models = commonModels(work, known);
  const { ids, queries, cost, vectors } = takeModels(work, models);
  checkAnswerable(ids, cost, models.length);
  const predictor = isSample(source) ? await fit(source, models, queries, options) : source;
  checkTexts(queries, predictor);
  const columns = featureTexts(work, predictor.featureColumns);
  const probability = await predictor.predict(queries, { ...options, vectors, columns });
  const predictedCosts = predicted.filter(({ model }) => models.includes(model));
  return {
    problem: { models, cost, successProbability: takeColumns(probability, predictor.models, models), ids },
    predictor,
    predictedCosts,
    notes: [...leftOut(work, known), ...costNotes(predictedCosts), ...predictor.notes],
  };
}

/** Adds to a predictor the models that the sample labels and it does not have, with their costs; see `addModels`. */
export async function extendPredictor(
  known: Predictor,
  sample: Dataset,
  unlabelled: readonly string[],
  options: PredictOptions = {},
): Promise<Predictor> {
  labelledModels(sample);
  const columns = featureTexts(sample, options.featureColumns);
  const fitting = { ...options, kind: options.predictor, unlabelled };
  const larger = await addModels(known, { ...sample, columns }, fitting);
  const added = larger.models.slice(known.models.length);
  return addCosts(larger, await fitSampleCosts(sample, added, unlabelled, options));
}

function checkKnown(asked: readonly string[] = [], known: readonly string[]): void {
  const unknown = asked.find((name) => !known.includes(name));
  if (unknown === undefined) return;
  throw new InputError(
    `the predictor does not know model "${unknown}"; it knows ${someOf(known, MOST_NAMED)}`,
    {
      field: "models",
      model: unknown,
    },
  );
}

/** The texts of feature columns. Throws `InputError` where one is missing, or blank throughout. */
export function featureTexts(
  { columns }: Pick<Dataset, "columns">,
  names: readonly string[] = [],
): Map<string, string[]> | undefined {
  if (names.length === 0) return undefined;
  return new Map(
    names.map((name) => {
      const texts = columns?.get(name);
      if (texts?.some((text) => text !== "")) return [name, texts];
      throw new InputError(`no row has a value in feature column ${shown(name)}`, { column: name });
    }),
  );
}

/** Refuses vectors of one file only, or with different columns: the work is predicted by a fit to the sample. */
function checkVectorsMatch({ vectors: work }: Dataset, { vectors: sample }: Dataset): void {
  const refuse = (problem: string): never => {
    throw new InputError(problem, { field: "vectors" });
  };
  if ((work === undefined) !== (sample === undefined)) {
    const [has, other] = work === undefined ? ["labelled sample", "work"] : ["work", "labelled sample"];
    refuse(`the ${has} has vectors, the ${other} has none; expected both or neither`);
  }
  if (work === undefined || sample === undefined) return;
  if ((work.beside ?? false) !== (sample.beside ?? false))
    refuse(
      "only the work's or only the labelled sample's vectors are beside the texts; expected both or neither",
    );
  if (work.columns !== sample.columns) {
    refuse(
      `vectors of the work have ${work.columns} columns, those of the labelled sample ${sample.columns}`,
    );
  }
  const other =
    work.names?.findIndex((name, c) => sample.names !== undefined && name !== sample.names[c]) ?? -1;
  if (other >= 0) {
    refuse(
      `vectors of the work have a column "${work.names![other]}" where those of the labelled sample have "${sample.names![other]}"`,
    );
  }
}

/** Refuses queries that are all blank where predictions are made from texts. */
export function checkTexts(queries: readonly string[], predictor: Predictor): void {
  const isOfTexts = predictor.vectorColumns === undefined && predictor.kind !== "base-rate";
  if (isOfTexts && queries.every((text) => text.trim() === ""))
    throw new InputError("every query of the work is blank, but the predictor was fitted to texts", {
      field: "queries",
    });
}

function checkAnswerable(ids: readonly string[], cost: Costs, models: number): void {
  for (let q = 0; q < ids.length; q++) {
    if (rowOf(cost, models, q).some(Number.isFinite)) continue;
    throw new InputError(
      `no model may answer query "${ids[q]}": it has no cost for any model with scores in the labelled sample`,
      { query: q, id: ids[q] },
    );
  }
}

/** The columns of some models, in their order; the matrix itself when they are all. */
function takeColumns(matrix: Float32Array, from: readonly string[], to: readonly string[]): Float32Array {
  if (from.length === to.length && from.every((name, m) => name === to[m])) return matrix;
  return selectColumns(
    matrix,
    from.length,
    to.map((name) => from.indexOf(name)),
  );
}

function labelledModels(sample: Dataset): string[] {
  const models = sample.models.filter((_, m) =>
    columnHas(sample, sample.outcome, m, (y) => !Number.isNaN(y)),
  );
  if (models.length === 0) {
    throw new InputError("the labelled sample has no scores; expected columns <model>__score, 0 … 1");
  }
  return models;
}

function pricedModels(work: Dataset): string[] {
  const models = work.models.filter((_, m) => columnHas(work, work.cost, m, Number.isFinite));
  if (models.length === 0) {
    throw new InputError(
      "neither the work nor the labelled sample has costs; expected columns <model>__cost in dollars, or tokens of models with a price (--price MODEL=IN/OUT)",
    );
  }
  return models;
}

function commonModels(work: Dataset, known: readonly string[]): string[] {
  const priced = pricedModels(work);
  const models = priced.filter((name) => known.includes(name));
  if (models.length === 0) {
    throw new InputError(
      `no model has both a cost in the work (${someOf(priced, MOST_NAMED)}) and scores in the sample (${someOf(known, MOST_NAMED)})`,
    );
  }
  return models;
}

function leftOut(work: Dataset, known: readonly string[]): string[] {
  const priced = pricedModels(work);
  return [
    ...priced
      .filter((name) => !known.includes(name))
      .map((name) => `model "${name}" has no labels and is left out`),
    ...known
      .filter((name) => !priced.includes(name))
      .map((name) => `model "${name}" has no cost and is left out`),
  ];
}

const MOST_NAMED = 5;
