import { InputError } from "../errors.js";
import { predictSpace } from "../core/predict/space.js";
import { readSaved } from "../plan/savedPredictor.js";
import { loadSaved, savePredictor, type Saved } from "../predict/saved.js";
import { stateOf, takeVectors, type Predictor } from "../predict/predictor.js";
import { queryScorer, type Queries, type QueryScorer } from "../predict/score.js";
import { unseenOf, type Unseen } from "../predict/unseen.js";
import { shown } from "../text/shown.js";
import type { PriceTable } from "../prices/table.js";
import { checkMethods, checkObject, refuse } from "./checks.js";
import { CostEstimate } from "./costEstimate.js";

/** What is known of a request beside its text, by the name of its column. */
export type RequestFeatures = Readonly<Record<string, string | number>>;

/** A request for a predictor that was fitted to vectors beside the texts. */
export interface TextAndVector {
  text: string;
  vector: Float32Array;
}

/** A loaded predictor that scores one request at a time, synchronously. */
export interface Scorer {
  /** The order of all results. */
  readonly models: readonly string[];
  /** Names of the columns that each request must tell; empty or undefined: none. */
  readonly featureColumns?: readonly string[] | undefined;
  /** Columns of the vector that each request must have beside its text; undefined: none. */
  readonly vectorsBeside?: number | undefined;
  /** SHA-256 of the predictor's bytes, in hexadecimal digits: what `sha256sum` prints of its file. */
  readonly digest: string;
  /**
   * Success probabilities 0 … 1, one per model: the same numbers, to the bit, as `Predictor.predict` gives for this text or
   * vector alone. `out`: where they are written, at least one element per model; otherwise a fresh array.
   *
   * Takes a text, a vector for a predictor that was fitted to vectors in place of texts, or both for one that was fitted to
   * vectors beside the texts. Of a text longer than 8,000 UTF-16 units, the
   * first and the last 4,000 are read, so time is bounded. Memory is reused from call to call.
   *
   * `features`: the request's values of `featureColumns`, "" where one is unknown.
   *
   * @throws InputError for the wrong kind of input, a vector of another width or with a value that is not finite, an `out`
   * that is too short, and a feature column that is missing.
   */
  score(
    input: string | Float32Array | TextAndVector,
    out?: Float64Array,
    features?: RequestFeatures,
  ): Float64Array;
  /**
   * Predicted dollars of the request, one per model; NaN where they are not known. They are those that a plan predicts for
   * the same text, from the costs that the predictor was fitted to.
   *
   * `maxTokens`: the most tokens that the answer may have. With it, and with `prices`, no prediction exceeds the bill of the
   * prompt and of that many tokens, and a model whose costs the predictor does not know gets this bill.
   *
   * The time grows with the length of the text only where tokens are counted, which is linear.
   *
   * @throws InputError for `maxTokens` that is not a number ≥ 0, and an `out` that is too short.
   */
  costs(input: string, maxTokens?: number, out?: Float64Array): Float64Array;
  /**
   * Tokens of the text as the prompt of a model, the 7 of the chat format included. `model`: its place in `models`. Counted
   * with the model's own vocabulary if prices were given and it is OpenAI's, otherwise estimated by kind of character.
   * O(length).
   */
  promptTokens(input: string, model: number): number;
  /** How much of a text is new to the predictor; undefined for one that does not read n-grams. */
  readonly unseen?: Unseen | undefined;
}

/** How a scorer is loaded. */
export interface ScorerOptions {
  /** Prices of the models, from `readPrices()`. With them OpenAI's vocabularies are loaded, once, in about 0.3 s each. */
  prices?: PriceTable;
}

/**
 * Loads a predictor for single requests: the bytes of a saved predictor, the path of its file, or a predictor. The scorer
 * has one instance of the core, whose memory holds all tables. It keeps no other part of the predictor. To change the
 * predictor of a running service, load another scorer and use it from then on.
 *
 * @throws InputError for bytes or a file that cannot be read as a saved predictor, as `loadPredictor` and `readPredictor` do.
 */
export async function loadScorer(
  source: Uint8Array | string | Predictor,
  options: ScorerOptions = {},
): Promise<Scorer> {
  checkObject("options", options, "{ prices }");
  const { prices } = options;
  if (prices !== undefined) checkMethods("prices", prices, ["find"], "what readPrices gave");
  const { predictor, digest } = typeof source === "string" ? await readSaved(source) : savedOf(source);
  // From here to the end of the tables nothing waits: the caller's bytes cannot change under them.
  const space = predictSpace();
  const score = queryScorer(stateOf(predictor), space);
  const estimate = await CostEstimate.of(predictor, prices, space);
  const { featuriser } = stateOf(predictor);
  const unseen = featuriser && unseenOf(featuriser, space);
  return new LoadedScorer(predictor, digest, score, estimate, unseen);
}

function savedOf(source: Uint8Array | Predictor): Saved {
  if (source instanceof Uint8Array) return loadSaved(source);
  // Saved and read again: this checks it, and gives the digest that its file would have.
  return loadSaved(savePredictor(source));
}

class LoadedScorer implements Scorer {
  private readonly text: Queries & { texts: string[] } = { texts: [""] };
  private readonly probability: Float32Array;
  private readonly columns = new Map<string, string[]>();
  readonly models: readonly string[];
  readonly featureColumns: readonly string[];
  readonly vectorsBeside: number | undefined;
  private readonly needs: Pick<Predictor, "vectorColumns" | "vectorsBeside">;

  constructor(
    { models, featureColumns, vectorColumns, vectorsBeside }: Predictor,
    readonly digest: string,
    private readonly scoreQueries: QueryScorer,
    private readonly estimate: CostEstimate,
    readonly unseen: Unseen | undefined,
  ) {
    [this.models, this.featureColumns] = [[...models], [...featureColumns]];
    [this.needs, this.vectorsBeside] = [{ vectorColumns, vectorsBeside }, vectorsBeside];
    this.probability = new Float32Array(models.length);
    if (featureColumns.length > 0) this.text.columns = this.columns;
  }

  score(
    input: string | Float32Array | TextAndVector,
    out?: Float64Array,
    features?: RequestFeatures,
  ): Float64Array {
    const result = this.resultOf(out);
    this.take(features);
    this.scoreQueries(this.queriesOf(input), 0, 1, this.probability);
    for (let m = 0; m < this.probability.length; m++) result[m] = this.probability[m];
    return result;
  }

  costs(input: string, maxTokens?: number, out?: Float64Array): Float64Array {
    const result = this.resultOf(out);
    this.estimate.write(checkText(input), maxTokens, result);
    return result;
  }

  promptTokens(input: string, model: number): number {
    return this.estimate.promptTokens(checkText(input), model);
  }

  private queriesOf(input: string | Float32Array | TextAndVector): Queries {
    const { text, vector, beside } = partsOf(input);
    const vectors = vector && { columns: vector.length, value: vector, beside };
    const taken = takeVectors(this.needs, vectors, 1);
    this.text.texts[0] = text;
    return taken === undefined ? this.text : { ...this.text, vectors: taken };
  }

  private take(features: RequestFeatures | undefined): void {
    for (const name of this.featureColumns) {
      if (features !== undefined && Object.hasOwn(features, name)) {
        this.columns.set(name, [String(features[name])]);
        continue;
      }
      throw new InputError(
        `the request has no feature ${shown(name)}, which the predictor was fitted to; expected features: ` +
          `{ ${this.featureColumns.map((one) => shown(one)).join(", ")} }`,
        { field: "features", column: name },
      );
    }
  }

  private resultOf(out: Float64Array | undefined): Float64Array {
    if (out === undefined) return new Float64Array(this.models.length);
    if (!(out instanceof Float64Array)) refuse("out", out, "a Float64Array");
    if (out.length >= this.models.length) return out;
    throw new InputError(`out has ${out.length} elements; expected at least ${this.models.length}`, {
      field: "out",
      value: out.length,
    });
  }
}

function partsOf(input: string | Float32Array | TextAndVector): {
  text: string;
  vector?: Float32Array;
  beside: boolean;
} {
  if (typeof input === "string") return { text: input, beside: false };
  if (input instanceof Float32Array) return { text: "", vector: input, beside: false };
  const { text, vector } = (input ?? {}) as Partial<TextAndVector>;
  if (typeof text === "string" && vector instanceof Float32Array) return { text, vector, beside: true };
  throw new InputError(
    "a request is neither a text nor a vector; expected a string, a Float32Array, or { text, vector }",
  );
}

function checkText(input: string): string {
  if (typeof input === "string") return input;
  throw new InputError("a request's text is not a string");
}
