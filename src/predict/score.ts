import { ReplicateMean } from "../core/predict/replicateMean.js";
import { together, voiceOf, type Calibration } from "./selection/calibration.js";
import type { Features } from "./features/features.js";
import { Featuriser } from "./features/featuriser.js";
import type { BagScorer, Method, Scorer } from "./methods/method.js";
import { productScorer, sideBySide, type Linear } from "./methods/linear.js";
import { methodOf } from "./methods/methods.js";
import type { QueryVectors } from "../types.js";
import { partsOf, type Bootstrap, type Member, type PredictorState } from "./state.js";
import { vectorFeatures } from "./vectors.js";

/** Queries to predict: texts, or vectors if the predictor was fitted to vectors. */
export interface Queries {
  texts: readonly string[];
  vectors?: QueryVectors;
}

/** Writes success probabilities of the queries from … to − 1, rows × models. */
export type QueryScorer = (queries: Queries, from: number, to: number, out: Float32Array) => void;

/** Prepares prediction on the calling thread. Parts that use the same features share them. */
export function queryScorer(state: PredictorState): QueryScorer {
  const models = partsOf(state).reduce((sum, part) => sum + part.models.length, 0);
  const alike = new Map<Float32Array | undefined, { part: PredictorState; first: number }[]>();
  let first = 0;
  for (const part of partsOf(state)) {
    const eyes = part.featuriser?.projection;
    alike.set(eyes, [...(alike.get(eyes) ?? []), { part, first }]);
    first += part.models.length;
  }
  const groups = [...alike.values()].map((group) => {
    const needs: Needs = { linear: [], sparse: false, dense: false };
    const scorers = group.map(({ part, first }) => ({
      first,
      width: part.models.length,
      score: partScorer(part, needs),
    }));
    return { read: featureReader(group[0].part, needs), scorers };
  });
  return (queries, from, to, out) => {
    for (const { read, scorers } of groups) {
      const features = read(queries, from, to);
      for (const { first, width, score } of scorers) {
        if (width === models) {
          score(features, out);
          continue;
        }
        const own = new Float32Array((to - from) * width);
        score(features, own);
        for (let q = 0; q < to - from; q++) {
          out.set(own.subarray(q * width, (q + 1) * width), q * models + first);
        }
      }
    }
  };
}

/** The features that the scorers need, collected as they are made. */
interface Needs {
  /** Matrices whose products with the sparse features are needed, side by side. */
  linear: Linear[];
  sparse: boolean;
  dense: boolean;
}

/** Scores with the members that were fitted at one time. */
function partScorer(state: PredictorState, needs: Needs): Scorer {
  const { bootstrap, labels } = state;
  const score = bootstrap === undefined ? plainScorer(state, needs) : robustScorer(state, bootstrap, needs);
  return (features, out) => {
    score(features, out);
    fillUnlabelled(out, labels);
  };
}

function plainScorer(state: PredictorState, needs: Needs): Scorer {
  const { members, calibration } = blended(state);
  const scorers = members.map(({ kind, learned }) => {
    const method = methodOf(kind);
    // Vectors are already rows.
    if (method.linear === undefined || state.vectorColumns !== undefined) {
      note(needs, method);
      return method.scorer(learned);
    }
    const linear = method.linear(learned);
    const first = needs.linear.reduce((sum, { columns }) => sum + columns, 0);
    needs.linear.push(linear);
    return productScorer(linear, first);
  });
  return (features, out) => {
    out.set(
      together(
        calibration,
        scorers.map((scorer) => {
          const scored = new Float32Array(out.length);
          scorer(features, scored);
          return scored;
        }),
      ),
    );
  };
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
function robustScorer(state: PredictorState, { members, weight, alpha }: Bootstrap, needs: Needs): Scorer {
  const apart = weight.map((_, b) => ({
    members: members.map(({ kind, learned }) => ({ kind, learned: learned[b] })),
    calibration: state.calibration,
  }));
  const mixed = apart.map(blended);
  // Replicates have the same rows and blend alike, but those in a forged file may not.
  const isAlike = mixed.every((replicate) => replicate.members.length === mixed[0].members.length);
  const replicates = isAlike ? mixed : apart;
  const { calibration } = replicates[0];
  const scorers = replicates[0].members.map(({ kind }, k) => {
    const method = methodOf(kind);
    note(needs, method);
    return bagScorerOf(
      method,
      replicates.map((replicate) => replicate.members[k].learned),
    );
  });
  const mass = weight.reduce((sum, w) => sum + w, 0);
  // If no replicate is ever right outside its resample, as may happen with a handful of rows, all count equally.
  const part = weight.map((w) => (mass > 0 ? w / mass : 1 / weight.length));
  const mean = new ReplicateMean(state.models.length, scorers.length, calibration && voiceOf(calibration));
  return (features, out) => {
    const scored = scorers.map((scorer) => {
      const replicates = weight.map(() => new Float32Array(out.length));
      scorer(features, replicates);
      return replicates;
    });
    mean.run(scored, part, alpha, out);
  };
}

function bagScorerOf(method: Method, bag: unknown[]): BagScorer {
  if (method.bagScorer !== undefined) return method.bagScorer(bag);
  const scorers = bag.map((learned) => method.scorer(learned));
  return (features, out) => scorers.forEach((scorer, b) => scorer(features, out[b]));
}

function note(needs: Needs, method: Method): void {
  needs.sparse ||= method.needs === "sparse";
  needs.dense ||= method.needs === "dense";
}

/** Reads the features that are needed. */
function featureReader(
  { featuriser: state, vectorColumns }: PredictorState,
  { linear, sparse, dense }: Needs,
): (queries: Queries, from: number, to: number) => Features {
  if (vectorColumns !== undefined && (sparse || dense)) {
    return ({ vectors }, from, to) => vectorFeatures(vectors!, from, to, { sparse, dense });
  }
  if (state === undefined) return (_, from, to) => featureless(to - from);
  const featuriser = new Featuriser(state, sideBySide(linear), dense);
  return ({ texts }, from, to) => ({
    ...featureless(to - from),
    ...(sparse && { sparse: featuriser.sparse(texts, from, to) }),
    ...((dense || linear.length > 0) && featuriser.sums(texts, from, to)),
  });
}

/** Rows without any feature. */
export function featureless(rows: number): Features {
  const start = new Uint32Array(rows + 1);
  const [column, value] = [new Int32Array(0), new Float32Array(0)];
  return { rows, sparse: { rows, columns: 0, start, column, value }, dense: { rows, columns: 0, value } };
}

/** Gives models without labels the mean of the labelled models, query by query. O(queries · models). */
function fillUnlabelled(probability: Float32Array, labels: readonly number[]): void {
  const models = labels.length;
  const labelled = labels.filter((n) => n > 0).length;
  if (labelled === models) return;
  for (let base = 0; base < probability.length; base += models) {
    let sum = 0;
    for (let m = 0; m < models; m++) if (labels[m] > 0) sum += probability[base + m];
    for (let m = 0; m < models; m++) if (labels[m] === 0) probability[base + m] = sum / labelled;
  }
}
