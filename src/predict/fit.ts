import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import { cellRows, fitColumns, type ColumnTexts } from "./features/columnCells.js";
import { replicator, type Replicate, type Resampled } from "./selection/bootstrap.js";
import { BESIDE, choose } from "./selection/choose.js";
import type { Features, FeaturiserState } from "./features/features.js";
import { Featuriser } from "./features/featuriser.js";
import { fitMember } from "./selection/fitMember.js";
import { FOLDS, planFolds } from "./selection/folds.js";
import { labelRates } from "./methods/labelRates.js";
import type { Examples } from "./methods/examples.js";
import { METHODS, type MethodKind } from "./methods/method.js";
import { methodOf } from "./methods/methods.js";
import { breathe } from "../pool/breathe.js";
import { MeanPredictor, type HeldOut, type Predictor } from "./predictor.js";
import { runTasks } from "./runTasks.js";
import type { RunningOptions } from "../pool/running.js";
import { checkSample } from "./sample.js";
import type { LabelledSample } from "./sample.js";
import { featureless } from "./score.js";
import { share } from "./share.js";
import { pickRows } from "./features/sparse.js";
import type { Bootstrap, Member, PredictorState } from "./state.js";
import { nextOwner } from "./tasks.js";
import { BEATEN, findUnbeaten } from "./selection/unbeaten.js";
import { tryMethods } from "./selection/tryMethods.js";
import { rolesOf, vectorFeatures, vectorRows } from "./vectors.js";
import { rowOf, selectRows } from "../matrix.js";

/** Whether a method is not of texts, but stands beside those that are. */
function isBeside(kind: MethodKind): boolean {
  return BESIDE.includes(kind);
}

/** The accepted values of `kind`: a method of texts, or `auto`. */
export const PREDICTORS = ["auto", ...METHODS.filter((kind) => !isBeside(kind))] as const;
/** A method by name, or `auto`: the methods are compared by cross-validation and combined. */
export type PredictorChoice = (typeof PREDICTORS)[number];

/**
 * The methods that `auto` tries, slowest first. The paper's forest is not among them: it was never the best in
 * measurements and takes longer than the others together.
 */
const AUTO: readonly MethodKind[] = [
  "trees",
  "logistic",
  "rank-one",
  "knn",
  "columns",
  "vectors",
  "base-rate",
];

/** Each replicate is kept, and scores every query. */
const MAX_REPLICATES = 1_000;

export interface FitOptions extends RunningOptions {
  /**
   * Default "auto": the methods weighted by their performance on held-out rows, or the base rate if they do no better.
   */
  kind?: PredictorChoice;
  /** Texts to be predicted later; they improve the text features and are not used with vectors. Default: none. */
  unlabelled?: readonly string[];
  /** Whole number, default 1. The same sample, options and seed give the same bytes. */
  seed?: number;
  /** Bootstrap replicates, 0 … 1,000; default 0. With them predictions are their weighted mean + alpha · deviation. */
  replicates?: number;
  /**
   * Number of standard deviations added to the mean of the replicates; negative is cautious. Default 0; the paper uses
   * 0.5.
   */
  alpha?: number;
}

/**
 * Fits a predictor of how likely each model is to answer a query well.
 *
 * Methods and their settings are compared by seeded 5-fold cross-validation inside the sample (on at most 1,000 rows of
 * it), each calibrated out of fold; the best are fitted to all rows. With `vectors`, predictors use these in place of
 * the texts, or both if they are `beside`. A model without labels is predicted as the mean of the others, query by query. Throws InputError for a
 * sample without labels or ill-formed.
 */
export async function fitSample(sample: LabelledSample, options: FitOptions = {}): Promise<Predictor> {
  const { state, heldOut } = await fitState(sample, options);
  return new MeanPredictor(state, heldOut);
}

/** The same as plain data, with the predictions for held-out rows. `eyes`: the featuriser of an earlier fit. */
export async function fitState(
  sample: LabelledSample,
  options: FitOptions,
  eyes?: FeaturiserState,
): Promise<{ state: PredictorState; heldOut?: HeldOut }> {
  checkSample(sample);
  checkOptions(options);
  options.signal?.throwIfAborted();
  const { seed = 1 } = options;
  const { models, queries, outcome } = sample;
  const labels = models.map((_, m) => labelsOf(sample, m));
  const labelled = labelledRows(sample);
  const kinds = kindsFor(labelled.length, sample, options);
  const { featuriser, features: own } = await featuresOf(sample, kinds, options, eyes);
  const featureColumns = kinds.includes("columns") ? fitColumns(sample.columns!) : undefined;
  const cells = featureColumns && cellRows(featureColumns, sample.columns, 0, queries.length);
  const vectors = kinds.includes("vectors") ? vectorRows(sample.vectors!, 0, queries.length) : undefined;
  const features = { ...own, ...(cells && { cells }), ...(vectors && { vectors }) };
  const weight = new Float64Array(queries.length).fill(1);
  const examples: Examples = { features, models: models.length, outcome, weight };

  const folds = planFolds(labelled, seed);
  const choosing = pickExamples(examples, folds.rows);
  const candidates = await tryMethods(kinds, { examples: choosing, fold: folds.fold, seed }, options);
  const choice = choose(candidates, choosing, folds.fold);
  const members = await fitMembers(choice.members, examples, options);
  const needs = members.map(({ kind }) => methodOf(kind).needs);
  const looks = needs.some((need) => need !== "nothing");
  const looksAtTexts = needs.some((need) => need === "sparse" || need === "dense");
  const usesColumns = needs.includes("columns");
  const { inPlace, beside } = rolesOf(sample.vectors);
  const usesVectors = needs.includes("vectors");
  const calibration = looks ? choice.calibration : undefined;
  const probability = looks ? choice.heldOut : choice.members[0].heldOut;
  // A robust score is not a probability, and a few rows are not enough to judge.
  const isTelling =
    labelled.length >= 2 * FOLDS && ((options.replicates ?? 0) === 0 || (options.alpha ?? 0) === 0);
  const unbeaten = isTelling ? findUnbeaten(probability, choosing, folds.fold) : undefined;
  const state = {
    models: [...models],
    labels: labels.map(({ length }) => length),
    labelledRows: labelled.length,
    ...(unbeaten &&
      unbeaten.model !== BEATEN && {
        unbeaten: { model: unbeaten.model, isMatched: unbeaten.isMatched },
      }),
    notes: [
      ...models.flatMap((name, m) => rateNotes(name, labels[m])),
      ...beliefNotes(choice.share),
      ...columnNotes(sample.columns, usesColumns),
      ...(beside === undefined || usesVectors ? [] : [VECTORS_UNUSED]),
    ],
    featuriser: looksAtTexts ? featuriser?.state : undefined,
    vectorColumns: inPlace?.columns,
    ...(usesVectors && { vectorsBeside: beside!.columns }),
    ...(usesColumns && { featureColumns }),
    members,
    calibration,
    bootstrap: await bootstrap({ examples, members, calibration, seed }, options),
    candidates: candidates
      .map(({ kind, setting, logLoss }) => ({ kind, setting, logLoss }))
      .sort((a, b) => a.logLoss - b.logLoss),
  };
  return {
    state,
    ...(unbeaten && { heldOut: { rows: folds.rows, probability, unbeaten: unbeaten.byRow } }),
  };
}

/** The methods to try. With too few rows to hold any out, methods cannot be compared and texts are ignored. */
function kindsFor(
  labelled: number,
  { columns, vectors }: LabelledSample,
  { kind = "auto" }: FitOptions,
): readonly MethodKind[] {
  if (labelled < 2 * FOLDS || kind === "base-rate") return ["base-rate"];
  const given: MethodKind[] = [];
  if (columns !== undefined && columns.size > 0) given.push("columns");
  if (vectors?.beside) given.push("vectors");
  if (kind === "auto") return AUTO.filter((one) => !isBeside(one) || given.includes(one));
  return [kind, ...given];
}

/** The features that the methods need, and the featuriser that makes them from texts. */
async function featuresOf(
  { queries, vectors }: LabelledSample,
  kinds: readonly MethodKind[],
  { unlabelled = [], seed = 1, signal, onProgress }: FitOptions,
  eyes: FeaturiserState | undefined,
): Promise<{ featuriser?: Featuriser; features: Features }> {
  if (kinds.every((kind) => methodOf(kind).needs === "nothing"))
    return { features: featureless(queries.length) };
  const { inPlace } = rolesOf(vectors);
  if (inPlace !== undefined) return { features: vectorFeatures(inPlace, 0, queries.length) };
  if (queries.every((text) => text.trim() === ""))
    throw new InputError("every query of the sample is blank; expected texts, vectors, or kind base-rate", {
      field: "queries",
    });
  const featuriser =
    eyes === undefined
      ? await Featuriser.fit(queries, unlabelled, { seed, signal, onProgress })
      : new Featuriser(eyes);
  return { featuriser, features: featuriser.features(queries) };
}

/** Fits what was chosen to all rows. */
async function fitMembers(
  chosen: readonly Pick<Member, "kind" | "setting">[],
  examples: Examples,
  options: FitOptions,
): Promise<Member[]> {
  const { seed = 1, signal } = options;
  const members: Member[] = [];
  for (const member of chosen) {
    await breathe(signal);
    members.push(await fitMember(member, examples, seed, options));
  }
  return members;
}

/** Fits the replicates, over the pool when there is one. */
async function bootstrap(
  { examples, members, calibration, seed }: Resampled,
  options: FitOptions,
): Promise<Bootstrap | undefined> {
  const { replicates = 0, alpha = 0 } = options;
  if (replicates === 0) return undefined;
  const resampled = {
    examples,
    members: members.map(({ kind, setting }) => ({ kind, setting })),
    calibration,
    seed,
  };
  const made = await runTasks<Replicate>(
    replicates,
    {
      pooled() {
        const task = { kind: "replicate" as const, owner: nextOwner(), resampled: share(resampled) };
        return (replicate) => ({ ...task, replicate });
      },
      here() {
        const make = replicator(resampled);
        return function* (b) {
          yield;
          return make(b);
        };
      },
    },
    options,
    (done) => options.onProgress?.({ phase: "bootstrap", done, total: replicates }),
  );
  return {
    members: members.map(({ kind }, k) => ({ kind, learned: made.map(({ learned }) => learned[k]) })),
    weight: made.map(({ weight }) => weight),
    alpha,
  };
}

function pickExamples({ features, models, outcome, weight }: Examples, chosen: Uint32Array): Examples {
  const { cells, vectors, sparse, dense } = features;
  return {
    features: {
      rows: chosen.length,
      sparse: pickRows(sparse, chosen),
      ...(cells && { cells: pickRows(cells, chosen) }),
      ...(vectors && { vectors: pickRows(vectors, chosen) }),
      dense: {
        rows: chosen.length,
        columns: dense.columns,
        value: selectRows(dense.value, dense.columns, chosen),
      },
    },
    models,
    outcome: selectRows(outcome, models, chosen),
    weight: Float64Array.from(chosen, (r) => weight[r]),
  };
}

/** Rows with a label, ascending. */
function labelledRows({ models, queries, outcome }: LabelledSample): Uint32Array {
  const rows = Uint32Array.from(queries.keys());
  return rows.filter((q) => rowOf(outcome, models.length, q).some((y) => !Number.isNaN(y)));
}

/** The labels of one model, in the order of the rows. */
function labelsOf({ models, outcome }: LabelledSample, m: number): Float32Array {
  return outcome.filter((y, i) => i % models.length === m && !Number.isNaN(y));
}

function rateNotes(name: string, labels: Float32Array): string[] {
  if (labels.length === 0)
    return [`model "${name}" has no labels: predicted as the mean of the other models`];
  const isRight = labels.every((y) => y === 1);
  if (!isRight && labels.some((y) => y !== 0)) return [];
  const [rate] = labelRates(labels, new Float64Array(labels.length).fill(1), 1);
  return [
    `model "${name}" is always ${isRight ? "right" : "wrong"} in its ${labels.length} ${labels.length === 1 ? "label" : "labels"}: ` +
      `its base rate is set to ${rate.toFixed(4)}`,
  ];
}

/** From this share on, predictions count as fully supported. */
const BELIEVED = 0.99;

function beliefNotes(share: number): string[] {
  if (share >= BELIEVED) return [];
  const shrunk = (100 * (1 - share)).toFixed(0);
  return [
    `the labels only weakly support text-based predictions; they were shrunk ${shrunk} % towards the base rates`,
  ];
}

function columnNotes(columns: ColumnTexts | undefined, isUsed: boolean): string[] {
  if (columns === undefined || columns.size === 0 || isUsed) return [];
  const names = [...columns.keys()].map((name) => shown(name)).join(", ");
  return [`feature columns ${names} are not used: they did not improve the predictions of held-out rows`];
}

const VECTORS_UNUSED = "the vectors are not used: they did not improve the predictions of held-out rows";

function checkOptions({ kind = "auto", seed = 1, replicates = 0, alpha = 0 }: FitOptions): void {
  if (!(PREDICTORS as readonly string[]).includes(kind)) {
    throw new InputError(`kind is "${kind}"; expected one of ${PREDICTORS.join(", ")}`, {
      field: "kind",
      value: kind,
    });
  }
  if (!Number.isSafeInteger(seed)) {
    throw new InputError(`seed is ${seed}; expected a whole number`, { field: "seed", value: seed });
  }
  if (!Number.isInteger(replicates) || replicates < 0 || replicates > MAX_REPLICATES) {
    throw new InputError(`replicates is ${replicates}; expected a whole number from 0 to ${MAX_REPLICATES}`, {
      field: "replicates",
      value: replicates,
    });
  }
  if (!Number.isFinite(alpha)) {
    throw new InputError(`alpha is ${alpha}; expected a number`, { field: "alpha", value: alpha });
  }
}
