import { InputError } from "../../errors.js";
import type { PredictSpace } from "../../core/predict/space.js";
import { Reused, sharedDoubles } from "../../memory.js";
import { breathe } from "../../pool/breathe.js";
import type { OnProgress } from "../../types.js";
import { DenseTexts } from "../features/denseTexts.js";
import { checkTokens, sizeOf } from "./cost.js";
import { costOf, type CostFit, type CostPredictor } from "./fitOne.js";

/** Queries whose features are held at one time. */
const BLOCK = 1_024;

/** Writes predicted costs block by block, with tables and scratch that are made once. Keeps nothing else of the state. */
export class CostScorer {
  readonly models: readonly string[];
  private readonly fits: readonly (CostFit | undefined)[];
  private readonly texts?: DenseTexts;
  private readonly dense = new Reused();

  /** `space`: an own one. */
  constructor({ models, fits, featuriser }: CostPredictor, space?: PredictSpace) {
    this.models = models;
    this.fits = fits;
    this.texts = featuriser && new DenseTexts(featuriser, { space });
  }

  /**
   * Writes the dollars of queries[from … to − 1], rows × models: all > 0 and finite, or NaN for a model of unknown cost.
   * `promptTokens`: the counted tokens of each query. O(characters), plus text features where they are used.
   */
  write(
    queries: readonly string[],
    from: number,
    to: number,
    out: Float64Array,
    promptTokens?: ArrayLike<number>,
  ): void {
    const { fits, texts } = this;
    const columns = texts?.columns ?? 0;
    const dense = { columns, value: this.dense.of((to - from) * columns) };
    texts?.write(queries, from, to, dense.value);
    for (let q = from; q < to; q++) {
      const size = promptTokens?.[q] ?? sizeOf(queries[q]);
      for (let m = 0; m < fits.length; m++) {
        const fit = fits[m];
        out[(q - from) * fits.length + m] =
          fit === undefined ? NaN : rounded(costOf(fit, size, dense, q - from));
      }
    }
  }
}

/**
 * Predicted dollars, queries × models, all > 0 and finite; NaN for a model of unknown cost. A row depends on its query
 * alone. O(characters) and, where text features are used, their features; 1,024 queries are held at a time.
 */
export async function predictCosts(
  predictor: CostPredictor,
  queries: readonly string[],
  options: { promptTokens?: ArrayLike<number>; signal?: AbortSignal; onProgress?: OnProgress } = {},
): Promise<Float64Array> {
  const { promptTokens, signal, onProgress } = options;
  const { isCounted, models } = predictor;
  if (isCounted !== (promptTokens !== undefined)) {
    throw new InputError(
      isCounted
        ? "costs were fitted to counted tokens; expected promptTokens"
        : "costs were fitted to lengths; expected no promptTokens",
      { field: "promptTokens" },
    );
  }
  checkTokens(promptTokens, queries.length);
  const cost = sharedDoubles(queries.length * models.length);
  const scorer = new CostScorer(predictor);
  for (let from = 0; from < queries.length; from += BLOCK) {
    await breathe(signal);
    const to = Math.min(from + BLOCK, queries.length);
    scorer.write(queries, from, to, cost.subarray(from * models.length, to * models.length), promptTokens);
    onProgress?.({ phase: "costs", done: to, total: queries.length });
  }
  return cost;
}

/** To 12 decimals where that leaves enough digits: a prediction has no more, and short decimals add up exactly. */
function rounded(dollars: number): number {
  return dollars > 1e-6 && dollars < 1000 ? Math.round(dollars * 1e12) / 1e12 : dollars;
}
