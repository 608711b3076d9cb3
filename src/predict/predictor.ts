import { InputError } from "../errors.js";
import type { QueryVectors } from "../types.js";
import type { CostPredictor } from "./cost/fitOne.js";
import type { MethodKind } from "./methods/method.js";
import { runTasks } from "./runTasks.js";
import type { RunningOptions } from "../pool/running.js";
import { queryScorer, type Queries } from "./score.js";
import { share } from "./share.js";
import { partsOf, type CandidateScore, type PredictorState } from "./state.js";
import { nextOwner } from "./tasks.js";
import { shown } from "../text/shown.js";
import { columnOf, type ColumnTexts } from "./features/columnCells.js";
import { checkVectors } from "./vectors.js";
import { sharedFloats } from "../memory.js";

export interface PredictOptions extends RunningOptions {
  /**
   * One for each query, for a predictor that was fitted to vectors. One that uses them in place of the texts ignores these.
   * With `beside`, vectors that the predictor does not use are ignored.
   */
  vectors?: QueryVectors;
  /** The predictor's feature columns, one text for each query; others are ignored. */
  columns?: ColumnTexts;
}

/** Predictions for labelled rows that were held out of the fit and its calibration. */
export interface HeldOut {
  /** Rows of the sample, ascending. */
  rows: Uint32Array;
  /** Rows × models of the predictor. */
  probability: Float32Array;
  /** For each row the `unbeaten` model by the rows of the other folds, its index; -1: there is none. */
  unbeaten: Int32Array;
}

/** Predicts how likely each model is to answer a query well. */
export interface Predictor {
  /** The method, or "mean" for a weighted mean of several. */
  readonly kind: MethodKind | "mean";
  readonly models: string[];
  /**
   * Success probabilities 0 … 1, queries × models, row-major, in shared memory. A row depends on its query alone.
   * Fresh and owned by the caller. Aborting rejects with the signal's reason. Throws InputError for vectors that are
   * missing, not expected, or of another width.
   */
  predict(queries: readonly string[], options?: PredictOptions): Promise<Float32Array>;
  /**
   * Rows of its sample with a label of any model; of an extended predictor, of the part with the fewest. Files of version
   * 0.1 do not have the number: then it is the labels of the model with the most.
   */
  readonly labelledRows: number;
  /** Remarks on the fit for the reader, such as models that could not be fitted. */
  readonly notes: string[];
  /** The methods that are averaged, one line each, with the weight if there are several. */
  readonly settings: string[];
  /** Everything that was tried for the models fitted last, best first. */
  readonly candidates: CandidateScore[];
  /** Bootstrap replicates that were fitted for the models fitted last; 0: none. */
  readonly replicates: number;
  /**
   * The most accurate model of the labelled rows, unless held-out rows show that choosing query by query is more accurate.
   * Undefined: they do, or it is not known. `isMatched`: they show it to be no less accurate.
   */
  readonly unbeaten: { model: string; isMatched: boolean } | undefined;
  /** Held-out rows of its sample, at most 1,000; undefined for a predictor that was loaded or extended. */
  readonly heldOut?: HeldOut | undefined;
  /** Columns of the vectors that it was fitted to in place of texts; undefined: texts. */
  readonly vectorColumns: number | undefined;
  /** Columns of the vectors that it needs beside the texts; undefined: none. */
  readonly vectorsBeside: number | undefined;
  /** Names of the columns that it needs beside the texts or vectors; empty: none. */
  readonly featureColumns: readonly string[];
  /** @internal The cost predictors of its models: one for each time that it was fitted. */
  readonly costs: readonly CostPredictor[];
}

/** Queries whose features are held at one time. */
const BLOCK = 1_024;
/** Number of queries above which threads are worth their overhead. */
const POOLED_QUERIES = 8 * BLOCK;

/** The weighted mean of its members' log-odds, calibrated; with bootstrap replicates their robust score. */
export class MeanPredictor implements Predictor {
  readonly kind: MethodKind | "mean";
  readonly models: string[];
  readonly labelledRows: number;
  readonly notes: string[];
  readonly settings: string[];
  readonly candidates: CandidateScore[];
  readonly replicates: number;
  readonly unbeaten: { model: string; isMatched: boolean } | undefined;
  readonly vectorColumns: number | undefined;
  readonly vectorsBeside: number | undefined;
  readonly featureColumns: readonly string[];
  readonly costs: readonly CostPredictor[];

  constructor(
    readonly state: PredictorState,
    readonly heldOut?: HeldOut,
  ) {
    const parts = partsOf(state);
    const last = parts[parts.length - 1];
    const members = parts.flatMap((part) => part.members);
    this.kind = members.every(({ kind }) => kind === members[0].kind) ? members[0].kind : "mean";
    this.models = parts.flatMap(({ models }) => models);
    this.labelledRows = Math.min(
      ...parts.map(({ labelledRows, labels }) => labelledRows ?? Math.max(...labels)),
    );
    this.notes = parts.flatMap(({ notes }) => notes);
    this.candidates = last.candidates;
    this.settings = parts.flatMap(({ members, calibration }) =>
      members.map((member, k) => {
        const weight = members.length > 1 ? calibration?.weight[k] : undefined;
        return describe(member) + (weight === undefined ? "" : `, weight ${weight.toFixed(2)}`);
      }),
    );
    this.replicates = last.bootstrap?.weight.length ?? 0;
    // Models that were added later were not compared with the earlier ones.
    const { unbeaten } = parts.length > 1 ? {} : state;
    this.unbeaten = unbeaten && { ...unbeaten, model: state.models[unbeaten.model] };
    this.vectorColumns = state.vectorColumns;
    this.vectorsBeside = parts.find((part) => part.vectorsBeside !== undefined)?.vectorsBeside;
    this.featureColumns = [...new Set(parts.flatMap((part) => part.featureColumns?.names ?? []))];
    this.costs = parts.flatMap(({ costs }) => costs ?? []);
  }

  /**
   * O(characters + entries · models), plus the members' own time; features of 1,024 queries are held at a time on each
   * thread.
   */
  async predict(
    queries: readonly string[],
    { vectors: found, columns: given, pool, signal, onProgress }: PredictOptions = {},
  ): Promise<Float32Array> {
    const vectors = takeVectors(this, found, queries.length);
    const columns = this.takeColumns(given, queries.length);
    const models = this.models.length;
    const probability = sharedFloats(queries.length * models);
    const blocks = Math.ceil(queries.length / BLOCK);
    const rowsOf = (k: number): [from: number, to: number] => [
      k * BLOCK,
      Math.min((k + 1) * BLOCK, queries.length),
    ];
    const outOf = (from: number, to: number): Float32Array =>
      probability.subarray(from * models, to * models);
    await runTasks<void>(
      blocks,
      {
        pooled: () => {
          const owner = nextOwner();
          const state = share(this.state);
          const shared = vectors && { ...vectors, value: share(vectors.value) };
          return (k) => {
            const [from, to] = rowsOf(k);
            const block = blockOf({ texts: queries, vectors: shared, columns }, from, to);
            return { kind: "score", owner, state, queries: block, rows: to - from, out: outOf(from, to) };
          };
        },
        here: () => {
          const score = queryScorer(this.state);
          return function* (k) {
            yield;
            const [from, to] = rowsOf(k);
            score({ texts: queries, vectors, columns }, from, to, outOf(from, to));
          };
        },
      },
      { signal, pool: queries.length >= POOLED_QUERIES ? pool : undefined },
      (done) =>
        onProgress?.({
          phase: "predict",
          done: Math.min(done * BLOCK, queries.length),
          total: queries.length,
        }),
    );
    return probability;
  }

  /** The columns that are needed, checked. */
  private takeColumns(columns: ColumnTexts | undefined, queries: number): ColumnTexts | undefined {
    if (this.featureColumns.length === 0) return undefined;
    return new Map(
      this.featureColumns.map((name) => {
        const texts = columnOf(columns, name);
        if (texts.length === queries) return [name, texts];
        throw new InputError(`column ${shown(name)} has ${texts.length} texts; expected ${queries}`, {
          field: "columns",
          column: name,
        });
      }),
    );
  }
}

/** The fitted state of a predictor. Throws `InputError` for a predictor not made by this package. */
export function stateOf(predictor: Predictor): PredictorState {
  if (predictor instanceof MeanPredictor) return predictor.state;
  throw new InputError("the predictor was not made by fitPredictor or loadPredictor");
}

/** The part of the queries that a thread needs. */
function blockOf({ texts, vectors, columns: of }: Queries, from: number, to: number): Queries {
  const part = of && new Map([...of].map(([name, values]) => [name, values.slice(from, to)]));
  const own = part && { columns: part };
  if (vectors === undefined) return { texts: texts.slice(from, to), ...own };
  const { columns, value, beside } = vectors;
  return {
    texts: beside ? texts.slice(from, to) : [],
    vectors: { columns, value: value.subarray(from * columns, to * columns) },
    ...own,
  };
}

/** The vectors that a predictor needs, marked with their use; refuses others, and texts alone where vectors are needed. */
export function takeVectors(
  { vectorColumns, vectorsBeside }: Pick<Predictor, "vectorColumns" | "vectorsBeside">,
  vectors: QueryVectors | undefined,
  queries: number,
): QueryVectors | undefined {
  const refuse = (problem: string): never => {
    throw new InputError(problem, { field: "vectors", wanted });
  };
  const wanted = vectorColumns ?? vectorsBeside;
  if (wanted === undefined) {
    if (vectors === undefined || vectors.beside) return undefined;
    return refuse("the predictor was fitted to texts; expected queries without vectors");
  }
  const use = vectorColumns === undefined ? "texts and " : "";
  if (vectors === undefined) {
    return refuse(
      `the predictor was fitted to ${use}vectors of ${wanted} columns; expected such vectors for the queries, not only texts`,
    );
  }
  if (vectorColumns !== undefined && vectors.beside)
    return refuse(
      "the predictor was fitted to vectors in place of texts; expected vectors that are not beside texts",
    );
  checkVectors(vectors, queries, wanted);
  return { columns: vectors.columns, value: vectors.value, beside: vectorColumns === undefined };
}

/** "logistic (sharing 0.7, strength 0.03)" */
export function describe({ kind, setting }: Pick<CandidateScore, "kind" | "setting">): string {
  const numbers = Object.entries(setting).map(([name, value]) => `${name} ${value}`);
  return numbers.length === 0 ? kind : `${kind} (${numbers.join(", ")})`;
}
