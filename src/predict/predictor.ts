import { setImmediate } from "node:timers/promises";
import type { OnProgress } from "../types.js";
import { calibrate, meanLogOdds, type Calibration } from "./calibration.js";
import type { Features } from "./features.js";
import { Featuriser, type FeaturiserState } from "./featuriser.js";
import type { MethodKind, Scorer, Setting } from "./method.js";
import { methodOf } from "./methods.js";

export interface RunningOptions {
  signal?: AbortSignal;
  onProgress?: OnProgress;
}

/** A method and setting that was tried, and its log-loss on rows held out. */
export interface CandidateScore {
  kind: MethodKind;
  setting: Setting;
  logLoss: number;
}

/** Something that has learned how likely each model answers a query well. */
export interface Predictor {
  /** The method, or "mean" of several. */
  readonly kind: MethodKind | "mean";
  readonly models: string[];
  /**
   * Success probabilities 0 … 1, queries × models, row-major, in shared memory. A row depends on its query alone.
   * Fresh and owned by the caller. Aborting rejects with the signal's reason.
   */
  predict(queries: readonly string[], options?: RunningOptions): Promise<Float32Array<SharedArrayBuffer>>;
  /** What the reader should know: which models could not be learned. */
  readonly notes: string[];
  /** The methods whose mean is taken, a line each. */
  readonly settings: string[];
  /** Everything that was tried, best first. */
  readonly candidates: CandidateScore[];
}

/** One method's part in a predictor. */
export interface Member {
  kind: MethodKind;
  setting: Setting;
  learned: unknown;
}

/** All that was learned, as plain data. */
export interface PredictorState {
  models: string[];
  /** Undefined when no member looks at the texts. */
  featuriser?: FeaturiserState;
  /** At least one. */
  members: Member[];
  /** Of the members' mean; undefined: it stands as it is. */
  calibration?: Calibration;
  /** Labels of each model. */
  labels: number[];
  notes: string[];
  candidates: CandidateScore[];
}

/** Queries whose features are held at one time. */
const BLOCK = 1_024;

/** The mean of its members' log-odds, calibrated. */
export class MeanPredictor implements Predictor {
  readonly kind: MethodKind | "mean";
  readonly models: string[];
  readonly notes: string[];
  readonly settings: string[];
  readonly candidates: CandidateScore[];

  constructor(private readonly state: PredictorState) {
    const { members } = state;
    this.kind = members.length === 1 ? members[0].kind : "mean";
    this.models = state.models;
    this.notes = state.notes;
    this.candidates = state.candidates;
    this.settings = members.map(describe);
  }

  /** O(characters + entries · models), and what the members take; features of 1,024 queries are held at a time. */
  async predict(
    queries: readonly string[],
    { signal, onProgress }: RunningOptions = {},
  ): Promise<Float32Array<SharedArrayBuffer>> {
    const models = this.models.length;
    const probability = new Float32Array(new SharedArrayBuffer(4 * queries.length * models));
    const score = new BlockScorer(this.state);
    for (let from = 0; from < queries.length; from += BLOCK) {
      const to = Math.min(from + BLOCK, queries.length);
      await breathe(signal);
      onProgress?.({ phase: "predict", done: from, total: queries.length });
      score.score(queries, from, to, probability.subarray(from * models, to * models));
    }
    return probability;
  }
}

/** Predicts block after block on the calling thread. */
class BlockScorer {
  private readonly featuriser: Featuriser | undefined;
  private readonly scorers: Scorer[];

  constructor(private readonly state: PredictorState) {
    this.featuriser = state.featuriser && new Featuriser(state.featuriser);
    this.scorers = state.members.map(({ kind, learned }) => methodOf(kind).scorer(learned));
  }

  score(texts: readonly string[], from: number, to: number, out: Float32Array): void {
    const { calibration, labels } = this.state;
    const features = this.featuresOf(texts, from, to);
    const scored = this.scorers.map((scorer) => {
      const probability = new Float32Array(out.length);
      scorer(features, probability);
      return probability;
    });
    out.set(meanLogOdds(scored));
    if (calibration !== undefined) calibrate(calibration, out);
    fillUnlabelled(out, labels);
  }

  private featuresOf(texts: readonly string[], from: number, to: number): Features {
    const rows = to - from;
    const needs = this.state.members.map(({ kind }) => methodOf(kind).needs);
    const { featuriser } = this;
    if (featuriser === undefined) return { rows, ...NO_FEATURES };
    if (needs.includes("dense")) return featuriser.features(texts, from, to);
    return { rows, ...NO_FEATURES, sparse: featuriser.sparse(texts, from, to) };
  }
}

const NO_FEATURES: Pick<Features, "sparse" | "dense"> = {
  sparse: {
    rows: 0,
    columns: 0,
    start: new Uint32Array(1),
    column: new Int32Array(0),
    value: new Float32Array(0),
  },
  dense: { rows: 0, columns: 0, value: new Float32Array(0) },
};

/** "logistic (sharing 0.7, strength 0.03)" */
export function describe({ kind, setting }: Pick<CandidateScore, "kind" | "setting">): string {
  const numbers = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
  return numbers.length === 0 ? kind : `${kind} (${numbers.join(", ")})`;
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

/** Lets the event loop run, then stops if asked to. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
