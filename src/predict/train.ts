import { InputError } from "../errors.js";
import { Random } from "../random.js";
import type { OnProgress } from "../types.js";
import { baseRate } from "./baseRate.js";
import type { BaseRate } from "./baseRate.js";
import { BaseRatePredictor } from "./baseRatePredictor.js";
import { choose, emptyPredictions, predictGroup } from "./choose.js";
import type { Choice } from "./choose.js";
import { planHeldOut } from "./heldOut.js";
import type { HeldOut } from "./heldOut.js";
import { kernelOf } from "./kernel.js";
import type { Kernel } from "./kernel.js";
import { labelsOf, pickLabels } from "./labels.js";
import type { Labels } from "./labels.js";
import { fitLogistic } from "./logistic.js";
import { LogisticPredictor } from "./logisticPredictor.js";
import { breathe, type Predictor } from "./predictor.js";
import { checkSample } from "./sample.js";
import type { LabelledSample } from "./sample.js";
import { compact, pickRows, sumRows } from "./sparse.js";
import type { SparseRows } from "./sparse.js";
import { TfIdf } from "./tfidf.js";

/** Of the unlabelled texts at most this many, drawn by the seed, are read for document frequencies. */
export const UNLABELLED_TEXTS = 5_000;

export interface TrainOptions {
  /** Default "auto": logistic, shrunk towards the base rate as far as held-out rows advise. */
  kind?: "auto" | "base-rate" | "logistic";
  /**
   * Rows of the sample held out while strength and shrinkage are chosen, and learned from afterwards. Default and when
   * empty: seeded 5-fold cross-validation over the whole sample, which chooses better.
   */
  validation?: Uint32Array;
  /** Texts to be predicted later: their document frequencies help tf-idf. Default: none. */
  unlabelled?: readonly string[];
  /** Whole number, default 1. The same sample, options and seed give the same bytes. */
  seed?: number;
  /** Aborting rejects with the signal's reason. */
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/**
 * Learns from labelled queries how likely each model answers well.
 *
 * A model whose labels are all 0 or all 1 is predicted by (right + ½) / (labels + 1); one without labels gets the
 * mean of the others, query by query. Choosing costs models × 5 folds × 9 strengths fits on at most 1,000 rows.
 * Throws InputError for a sample without labels or ill-formed.
 */
export async function trainPredictor(sample: LabelledSample, options: TrainOptions = {}): Promise<Predictor> {
  checkSample(sample);
  checkOptions(options, sample.queries.length);
  options.signal?.throwIfAborted();
  const labels = sample.models.map((_, m) => labelsOf(sample, m));
  const rates = labels.map(baseRate);
  const models = [...sample.models];
  if (options.kind === "base-rate") {
    return new BaseRatePredictor(
      models,
      rates,
      models.flatMap((name, m) => rateNotes(name, rates[m])),
    );
  }
  return trainLogistic(models, sample.queries, labels, rates, options);
}

async function trainLogistic(
  models: string[],
  queries: readonly string[],
  labels: readonly Labels[],
  rates: readonly BaseRate[],
  options: TrainOptions,
): Promise<Predictor> {
  const { seed = 1, validation } = options;
  const tfidf = new TfIdf([...queries, ...drawTexts(options.unlabelled ?? [], seed)]);
  const { rows, columnOf } = compact(tfidf.rows(queries));
  await breathe(options.signal);

  const heldOut = planHeldOut(queries.length, validation, seed);
  const kernel = kernelOf(rows);
  const choosingKernel = heldOut.rows.length === rows.rows ? kernel : kernelOf(pickRows(rows, heldOut.rows));
  const weights = new Float32Array(rows.columns * models.length);
  const intercepts = new Float64Array(models.length);
  const shrinkage = new Float64Array(models.length);
  const notes: string[] = [];
  const settings: string[] = [];
  for (const [m, name] of models.entries()) {
    options.onProgress?.({ phase: "train", done: m, total: models.length });
    notes.push(...rateNotes(name, rates[m]));
    if (rates[m].hasOneClass) continue;
    const choice = await chooseFor(choosingKernel, labels[m], heldOut, options.signal);
    settings.push(choiceNote(name, choice, rates[m]));
    if (choice.weight === 0) continue;
    shrinkage[m] = choice.weight;
    intercepts[m] = fitColumn(kernel, rows, labels[m], choice.strength, weights, m);
  }
  options.onProgress?.({ phase: "train", done: models.length, total: models.length });
  return new LogisticPredictor(
    models,
    { tfidf, columnOf, weights, intercepts, shrinkage, rates },
    notes,
    settings,
  );
}

/** Strength and shrinkage of one model, from rows held out. */
async function chooseFor(
  kernel: Kernel,
  labels: Labels,
  heldOut: HeldOut,
  signal: AbortSignal | undefined,
): Promise<Choice> {
  const picked = pickLabels(labels, heldOut.rows);
  const predictions = emptyPredictions(heldOut.rows.length);
  for (let held = 0; held < heldOut.groups; held++) {
    predictGroup(kernel, picked, heldOut, held, predictions);
    await breathe(signal);
  }
  return choose(predictions, picked, heldOut);
}

/** Fits one model on all rows, writes its column of `weights` (columns × models), returns the intercept. */
function fitColumn(
  kernel: Kernel,
  rows: SparseRows,
  labels: Labels,
  strength: number,
  weights: Float32Array,
  model: number,
): number {
  const fit = fitLogistic(kernel, labels, strength);
  const column = new Float64Array(rows.columns);
  sumRows(rows, fit.alpha, column);
  const models = weights.length / rows.columns;
  column.forEach((w, c) => (weights[c * models + model] = w));
  return fit.intercept;
}

function drawTexts(texts: readonly string[], seed: number): readonly string[] {
  if (texts.length <= UNLABELLED_TEXTS) return texts;
  const order = new Random(seed, 2).permutation(texts.length);
  return Array.from(order.subarray(0, UNLABELLED_TEXTS), (q) => texts[q]);
}

function rateNotes(name: string, { labels, rate, hasOneClass }: BaseRate): string[] {
  if (labels === 0) return [`model "${name}" has no labels: predicted as the mean of the other models`];
  if (!hasOneClass) return [];
  return [
    `model "${name}" is always ${rate > 0.5 ? "right" : "wrong"} in its ${labels} labels: ` +
      `predicted as ${rate.toFixed(4)} for every query`,
  ];
}

function choiceNote(name: string, { strength, weight }: Choice, { rate }: BaseRate): string {
  if (weight === 0)
    return `model "${name}": the texts did not help on held-out rows; base rate ${rate.toFixed(4)}`;
  return `model "${name}": L2 strength ${strength}, weight ${weight} against the base rate ${rate.toFixed(4)}`;
}

function checkOptions({ kind = "auto", validation, seed = 1 }: TrainOptions, rows: number): void {
  if (!["auto", "base-rate", "logistic"].includes(kind)) {
    throw new InputError(`kind is "${kind}"; expected auto, base-rate or logistic`, {
      field: "kind",
      value: kind,
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new InputError(`seed is ${seed}; expected a whole number`, { field: "seed", value: seed });
  }
  if (validation === undefined) return;
  const outside = validation.find((r) => r >= rows);
  if (outside !== undefined) {
    throw new InputError(`validation row ${outside} is outside the sample; expected 0 … ${rows - 1}`, {
      field: "validation",
      value: outside,
    });
  }
  if (new Set(validation).size === rows) {
    throw new InputError(`validation holds all ${rows} rows; expected some left to learn from`, {
      field: "validation",
      value: rows,
    });
  }
}
