/** Plain data that travels between stages. Matrices are row-major: queries × models. */

/** A problem to solve, in memory. */
export interface Problem extends Block {
  /** Names, at most 255. */
  models: string[];
  /** Names of the queries, unique; default: their index. */
  ids?: string[];
}

/** A problem that is too large for memory: rows come in blocks, and every pass reads them again. */
export interface BlockSource {
  /** Names, at most 255. */
  models: string[];
  /** Starts a pass at the first row. Every pass yields the same rows in the same blocks. */
  blocks(): AsyncIterable<Block> | Iterable<Block>;
}

/**
 * Dollars. A `Float64Array` holds decimal amounts: 0.1 is one tenth, and what sums of such costs are compared with and
 * printed as is exact. A `Float32Array` takes half the memory and holds about seven digits.
 */
export type Costs = Float32Array | Float64Array;

/** Consecutive queries. */
export interface Block {
  /**
   * Dollars, queries × models: 0, or 10⁻¹² … 10¹²; `Infinity`: this model must not answer this query. All blocks of one
   * source are of one type.
   */
  cost: Costs;
  /** Predicted chance of a right answer, 0 … 1, queries × models. */
  successProbability: Float32Array;
  /**
   * For each query, how many queries it represents, ≥ 0 and finite, not all 0: total cost is Σ weight · cost, expected
   * accuracy Σ weight · probability / Σ weight. Default: every query counts once.
   */
  weight?: Float32Array;
  /** Queries × models: 0 where the model must not answer the query, whatever the cost. Default: all may. */
  allowed?: Uint8Array;
  /** For each query: a model of lower success probability must not answer it. Default: 0. */
  minProbability?: Float32Array;
  /**
   * Amounts that constraints add up, by name: queries × models, row-major, such as tokens or seconds. Finite, of magnitude
   * up to 10¹², wherever the model may answer. A `Float64Array` holds decimals, as for costs.
   */
  columns?: Readonly<Record<string, Costs>>;
  /** What constraints group queries by, by name: a number for each query, such as the tenant it comes from. */
  groups?: Readonly<Record<string, GroupIds>>;
}

/** The group of each query: whole numbers that the caller gives a meaning. */
export type GroupIds = Uint8Array | Uint16Array | Uint32Array;

/** Rows as they were read: one query each. */
export interface Dataset {
  /** Unique. */
  ids: string[];
  /** The text to be answered; "" when the file has none. */
  queries: string[];
  /** In order of first appearance in the file. */
  models: string[];
  /**
   * Dollars, queries × models: 0, or 10⁻¹² … 10¹²; `Infinity` where the file is blank: that model may not answer.
   */
  cost: Costs;
  /** Observed success, 0 … 1, queries × models; NaN where the file is blank: not labelled. */
  outcome: Float32Array;
  /** Queries × models; NaN where unknown. Only if the file has columns for them. */
  tokens?: { input: Float32Array; output: Float32Array };
  /**
   * For each query, the only models that may answer it; undefined: all. Present only if rows restrict the models and
   * costs may be blank.
   */
  allowedModels?: (readonly string[] | undefined)[];
  /** A vector for each query; predictions use it in place of the text, or beside it. */
  vectors?: QueryVectors;
  /** Other requested columns as texts, by name; "" where the file is blank. */
  columns?: Map<string, string[]>;
}

/** Vectors supplied by the user, one for each query. */
export interface QueryVectors {
  /** Whether predictors may use them beside the texts; default: in place of the texts. */
  beside?: boolean;
  /** Length of each vector, 1 … 16,384. */
  columns: number;
  /** Queries × columns, row-major, finite. */
  value: Float32Array;
  /** What the columns are called, where they have names. */
  names?: string[];
}

/** Called from time to time during long work; `total` is 0 while unknown. */
export type OnProgress = (progress: { phase: string; done: number; total: number }) => void;
