import { ReplicateMean } from "../core/predict/replicateMean.js";
import { SparseTexts } from "../core/predict/sparseTexts.js";
import { predictSpace, type PredictSpace } from "../core/predict/space.js";
import { Reused } from "../memory.js";
import { calibrate, voiceOf, type Calibration } from "./selection/calibration.js";
import { DenseTexts } from "./features/denseTexts.js";
import type { Features } from "./features/features.js";
import { cellRows, type ColumnTexts } from "./features/columnCells.js";
import { BUCKETS, readable } from "./features/ngrams.js";
import type { BagScorer, Method, Scorer } from "./methods/method.js";
import { productScorer, sideBySide, type Linear } from "./methods/linear.js";
import { methodOf } from "./methods/methods.js";
import type { QueryVectors } from "../types.js";
import { partsOf, type Bootstrap, type Member, type PredictorState } from "./state.js";
import { vectorFeatures, vectorRows } from "./vectors.js";

/** Queries to predict: texts, and vectors if the predictor was fitted to vectors. */
export interface Queries {
  texts: readonly string[];
  vectors?: QueryVectors;
  /** The feature columns of the predictor. */
  columns?: ColumnTexts;
}

/** Writes success probabilities of the queries from … to − 1, rows × models. */
export type QueryScorer = (queries: Queries, from: number, to: number, out: Float32Array) => void;

/**
 * Prepares prediction on the calling thread: one instance of the core, whose memory holds all tables, and scratch that is used
 * call after call. Keeps nothing else of the state. Parts that use the same features share them.
 */
export function queryScorer(state: PredictorState, space: PredictSpace = predictSpace()): QueryScorer {
  const groups = groupsOf(state, space);
  const models = partsOf(state).reduce((sum, part) => sum + part.models.length, 0);
  return (queries, from, to, out) => {
    for (const { read, scorers } of groups) {
      const features = read(queries, from, to);
      for (const { first, width, score, own } of scorers) {
        if (width === models) {
          score(features, out);
          continue;
        }
        const values = own.of((to - from) * width);
        score(features, values);
        for (let q = 0; q < to - from; q++) {
          for (let m = 0; m < width; m++) out[q * models + first + m] = values[q * width + m];
        }
      }
    }
  };
}

type FeatureReader = (queries: Queries, from: number, to: number) => Features;

/** Parts that use the same features: how these are read, and how each part's columns are scored. */
interface Group {
  read: FeatureReader;
  scorers: { first: number; width: number; score: Scorer; own: Reused }[];
}

function groupsOf(state: PredictorState, space: PredictSpace): Group[] {
  const alike = new Map<unknown, { part: PredictorState; first: number }[]>();
  let first = 0;
  for (const part of partsOf(state)) {
    const eyes = part.featureColumns ?? part.featuriser?.projection.byte;
    alike.set(eyes, [...(alike.get(eyes) ?? []), { part, first }]);
    first += part.models.length;
  }
  return [...alike.values()].map((group) => {
    const needs: Needs = { linear: [], sparse: false, dense: false, columns: false, vectors: false, space };
    const scorers = group.map(({ part, first }) => ({
      first,
      width: part.models.length,
      score: partScorer(part, needs),
      own: new Reused(),
    }));
    return { read: featureReader(group[0].part, needs), scorers };
  });
}

/** What the scorers need, collected as they are made. */
interface Needs {
  space: PredictSpace;
  /** Matrices whose products with the sparse features are needed, side by side. */
  linear: Linear[];
  sparse: boolean;
  dense: boolean;
  columns: boolean;
  vectors: boolean;
}

/** Scores with the members that were fitted at one time. */
function partScorer(state: PredictorState, needs: Needs): Scorer {
  const { bootstrap, labels } = state;
  const score = bootstrap === undefined ? plainScorer(state, needs) : robustScorer(state, bootstrap, needs);
  if (labels.every((n) => n > 0)) return score;
  const isLabelled = labels.map((n) => n > 0);
  return (features, out) => {
    score(features, out);
    fillUnlabelled(out, isLabelled);
  };
}

function plainScorer(state: PredictorState, needs: Needs): Scorer {
  const { members, calibration } = blended(state);
  const scorers = members.map((member) => memberScorer(member, state.vectorColumns !== undefined, needs));
  if (calibration === undefined) return scorers[0];
  const scored = scorers.map(() => new Reused());
  return (features, out) => {
    const values = scored.map((one, k) => {
      const probability = one.of(out.length);
      scorers[k](features, probability);
      return probability;
    });
    calibrate(calibration, values, out);
  };
}

function memberScorer({ kind, learned }: Learned, isOfVectors: boolean, needs: Needs): Scorer {
  const method = methodOf(kind);
  // Vectors are already rows.
  if (method.linear === undefined || isOfVectors) {
    note(needs, method);
    return method.scorer(learned, needs.space);
  }
  const linear = method.linear(learned);
  const first = needs.linear.reduce((sum, { columns }) => sum + columns, 0);
  needs.linear.push(linear);
  return productScorer(linear, first);
}

/** The same with fewer members: those that can be blended become one. */
function blended({ members, calibration }: Together): Together {
  if (calibration === undefined) return { members, calibration };
  const groups = new Map<unknown, { member: Learned; weight: number }[]>();
  members.forEach((member, k) => {
    const key = methodOf(member.kind).blend ?? member;
    groups.set(key, [...(groups.get(key) ?? []), { member, weight: calibration.weight[k] }]);
  });
  const left = [...groups.values()].flatMap((group) => {
    const [{ member }] = group;
    const learned =
      group.length === 1
        ? undefined
        : methodOf(member.kind).blend?.(
            group.map((one) => one.member.learned),
            group.map((one) => one.weight),
            calibration.anchor,
          );
    return learned === undefined ? group : [{ member: { ...member, learned }, weight: 1 }];
  });
  return {
    members: left.map(({ member }) => member),
    calibration: { ...calibration, weight: Float64Array.from(left, ({ weight }) => weight) },
  };
}

/** Members and how they are combined. */
interface Together {
  members: readonly Learned[];
  calibration?: Calibration;
}

type Learned = Pick<Member, "kind" | "learned">;

/**
 * Over the replicates: the weighted mean (equal weights if no weight is above 0), plus alpha times the population
 * standard deviation (unweighted), clipped to 0 … 1 [Liu et al. 2024, §3].
 */
function robustScorer(state: PredictorState, bootstrap: Bootstrap, needs: Needs): Scorer {
  const { weight, alpha } = bootstrap;
  const { scorers, calibration } = bagScorers(state, bootstrap, needs);
  const part = shares(weight);
  const voice = calibration && voiceOf(calibration);
  const mean = new ReplicateMean(state.models.length, scorers.length, voice, needs.space);
  const scored = scorers.map(() => part.map(() => new Reused()));
  return (features, out) => {
    const values = scored.map((bag, k) => {
      const probability = bag.map((one) => one.of(out.length));
      scorers[k](features, probability);
      return probability;
    });
    mean.run(values, part, alpha, out);
  };
}

/** If no replicate is ever right outside its resample, as may happen with a handful of rows, all count equally. */
function shares(weight: readonly number[]): number[] {
  const mass = weight.reduce((sum, w) => sum + w, 0);
  return weight.map((w) => (mass > 0 ? w / mass : 1 / weight.length));
}

/** A scorer per member, of all replicates. */
function bagScorers(
  state: PredictorState,
  { members, weight }: Bootstrap,
  needs: Needs,
): { scorers: BagScorer[]; calibration?: Calibration } {
  const apart = weight.map((_, b) => ({
    members: members.map(({ kind, learned }) => ({ kind, learned: learned[b] })),
    calibration: state.calibration,
  }));
  const mixed = apart.map(blended);
  // Replicates have the same rows and blend alike, but those in a forged file may not.
  const isAlike = mixed.every((replicate) => replicate.members.length === mixed[0].members.length);
  const replicates = isAlike ? mixed : apart;
  const scorers = replicates[0].members.map(({ kind }, k) => {
    const method = methodOf(kind);
    note(needs, method);
    return bagScorerOf(
      method,
      replicates.map((replicate) => replicate.members[k].learned),
      needs.space,
    );
  });
  return { scorers, calibration: replicates[0].calibration };
}

function bagScorerOf(method: Method, bag: unknown[], space: PredictSpace): BagScorer {
  if (method.bagScorer !== undefined) return method.bagScorer(bag, space);
  const scorers = bag.map((learned) => method.scorer(learned, space));
  return (features, out) => scorers.forEach((scorer, b) => scorer(features, out[b]));
}

function note(needs: Needs, method: Method): void {
  needs.sparse ||= method.needs === "sparse";
  needs.dense ||= method.needs === "dense";
  needs.columns ||= method.needs === "columns";
  needs.vectors ||= method.needs === "vectors";
}

/** Reads the features that are needed, into scratch. */
function featureReader(part: PredictorState, needs: Needs): FeatureReader {
  const read = ownReader(part, needs);
  const { featureColumns } = part;
  const { columns, vectors } = needs;
  if (!columns && !vectors) return read;
  return (queries, from, to) => ({
    ...read(queries, from, to),
    ...(columns && { cells: cellRows(featureColumns!, queries.columns, from, to) }),
    ...(vectors && { vectors: vectorRows(queries.vectors!, from, to) }),
  });
}

/** Reads the features of texts or vectors. */
function ownReader(
  { featuriser, vectorColumns }: PredictorState,
  { linear, sparse, dense, space }: Needs,
): FeatureReader {
  if (vectorColumns !== undefined && (sparse || dense)) {
    return ({ vectors }, from, to) => vectorFeatures(vectors!, from, to, { sparse, dense });
  }
  if (featuriser === undefined) return (_, from, to) => featureless(to - from);
  return textReader(
    sparse ? new SparseTexts(featuriser.scale, space) : undefined,
    dense || linear.length > 0
      ? new DenseTexts(featuriser, { weights: sideBySide(linear), hasDense: dense, space })
      : undefined,
  );
}

function textReader(sparseTexts: SparseTexts | undefined, denseTexts: DenseTexts | undefined): FeatureReader {
  const [dense, products] = [new Reused(), new Reused()];
  return ({ texts }, from, to) => {
    const rows = to - from;
    const features = featureless(rows);
    if (sparseTexts !== undefined) {
      features.sparse = { ...sparseTexts.rows(readable(texts, from, to)), columns: BUCKETS };
    }
    if (denseTexts !== undefined) {
      const { columns, productColumns } = denseTexts;
      features.dense = { rows, columns, value: dense.of(rows * columns) };
      features.products = { rows, columns: productColumns, value: products.of(rows * productColumns) };
      denseTexts.write(texts, from, to, features.dense.value, features.products.value);
    }
    return features;
  };
}

/** Rows without any feature. */
export function featureless(rows: number): Features {
  const start = new Uint32Array(rows + 1);
  const [column, value] = [new Int32Array(0), new Float32Array(0)];
  return { rows, sparse: { rows, columns: 0, start, column, value }, dense: { rows, columns: 0, value } };
}

/** Gives models without labels the mean of the labelled models, query by query. O(queries · models). */
function fillUnlabelled(probability: Float32Array, isLabelled: readonly boolean[]): void {
  const models = isLabelled.length;
  const labelled = isLabelled.filter(Boolean).length;
  for (let base = 0; base < probability.length; base += models) {
    let sum = 0;
    for (let m = 0; m < models; m++) if (isLabelled[m]) sum += probability[base + m];
    for (let m = 0; m < models; m++) if (!isLabelled[m]) probability[base + m] = sum / labelled;
  }
}
