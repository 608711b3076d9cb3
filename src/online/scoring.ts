/** What the router needs of a scorer. Rows are in the order of `models`. */
export interface Scoring {
  readonly models: readonly string[];
  /** Of the predictor's bytes. */
  readonly digest: string;
  /** Chance 0 … 1 that each model answers well; written to `out` if given. */
  score(input: string | Float32Array, out?: Float64Array): Float64Array;
  /** Predicted dollars of an answer by each model; NaN: unknown. */
  costs(input: string, maxTokens: number | undefined, out?: Float64Array): Float64Array;
  /** Tokens of a text for a model, with what the chat format adds. */
  promptTokens(input: string, model: number): number;
}
