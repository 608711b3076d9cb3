import { packageFile } from "../package.js";
import type { Pool } from "../pool/index.js";
import type { OnProgress } from "../types.js";
import { breathe } from "./breathe.js";
import type { MethodKind } from "./method.js";
import { textScorer } from "./score.js";
import { share } from "./shared.js";
import type { CandidateScore, PredictorState } from "./state.js";
import { nextOwner, type Task } from "./tasks.js";

export interface RunningOptions {
  /** Threads that help; without one the calling thread does all. Never changes a result. */
  pool?: Pool;
  signal?: AbortSignal;
  onProgress?: OnProgress;
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
  /** Bootstrap replicates that were fitted; 0: none. */
  readonly replicates: number;
}

/** The worker module of a pool that does this room's tasks. */
export const WORKER = packageFile("dist/src/predict/worker.js");

/** Queries whose features are held at one time. */
const BLOCK = 1_024;
/** From so many queries on threads pay. */
const POOLED_QUERIES = 8 * BLOCK;

/** The mean of its members' log-odds, calibrated; with bootstrap replicates their robust score. */
export class MeanPredictor implements Predictor {
  readonly kind: MethodKind | "mean";
  readonly models: string[];
  readonly notes: string[];
  readonly settings: string[];
  readonly candidates: CandidateScore[];
  readonly replicates: number;

  constructor(readonly state: PredictorState) {
    const { members } = state;
    this.kind = members.length === 1 ? members[0].kind : "mean";
    this.models = state.models;
    this.notes = state.notes;
    this.candidates = state.candidates;
    this.settings = members.map(describe);
    this.replicates = state.bootstrap?.weight.length ?? 0;
  }

  /** O(characters + entries · models), and what the members take; features of 1,024 queries are held at a time on each thread. */
  async predict(
    queries: readonly string[],
    { pool, signal, onProgress }: RunningOptions = {},
  ): Promise<Float32Array<SharedArrayBuffer>> {
    const models = this.models.length;
    const probability = new Float32Array(new SharedArrayBuffer(4 * queries.length * models));
    const blocks = Math.ceil(queries.length / BLOCK);
    const rowsOf = (k: number): [from: number, to: number] => [
      k * BLOCK,
      Math.min((k + 1) * BLOCK, queries.length),
    ];
    const onDone = (done: number): void =>
      onProgress?.({ phase: "predict", done: Math.min(done * BLOCK, queries.length), total: queries.length });
    onDone(0);
    if (pool !== undefined && pool.threads > 1 && queries.length >= POOLED_QUERIES) {
      const owner = nextOwner();
      const state = share(this.state);
      const taskAt = (k: number): Task => {
        const [from, to] = rowsOf(k);
        const out = probability.subarray(from * models, to * models);
        return { kind: "score", owner, state, texts: queries.slice(from, to), out };
      };
      await pool.runTasks(WORKER, blocks, taskAt, { signal, onDone });
      return probability;
    }
    const score = textScorer(this.state);
    for (let k = 0; k < blocks; k++) {
      await breathe(signal);
      const [from, to] = rowsOf(k);
      score(queries, from, to, probability.subarray(from * models, to * models));
      onDone(k + 1);
    }
    return probability;
  }
}

/** "logistic (sharing 0.7, strength 0.03)" */
export function describe({ kind, setting }: Pick<CandidateScore, "kind" | "setting">): string {
  const numbers = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
  return numbers.length === 0 ? kind : `${kind} (${numbers.join(", ")})`;
}
