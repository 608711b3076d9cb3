import type { PredictSpace } from "../core/predict/space.js";
import { InputError } from "../errors.js";
import { CostScorer } from "../predict/cost/predictCosts.js";
import type { Predictor } from "../predict/predictor.js";
import { priceCall, type PriceCall } from "../prices/call.js";
import { CHAT_OVERHEAD } from "../prices/cost.js";
import { armOf, type PriceTable } from "../prices/table.js";
import { estimatedCounter, tokenCounter, type TokenCounter } from "../prices/tokens/counter.js";

/** Costs that were fitted at one time, and the places of their models. */
interface Part {
  scorer: CostScorer;
  places: number[];
  dollars: Float64Array;
}

/** Predicts what one request costs, and counts its tokens. */
export class CostEstimate {
  private readonly texts = [""];
  /** The text whose tokens were counted last, and its tokens by tokenizer. */
  private counted = "";
  private readonly tokens = new Map<string, number>();

  private constructor(
    private readonly models: readonly string[],
    private readonly parts: readonly Part[],
    private readonly counters: readonly TokenCounter[],
    private readonly bill: PriceCall | undefined,
  ) {}

  static async of(
    { costs, models }: Predictor,
    prices: PriceTable | undefined,
    space: PredictSpace,
  ): Promise<CostEstimate> {
    const parts = costs.map((part) => ({
      scorer: new CostScorer(part, space),
      places: part.models.map((model) => models.indexOf(model)),
      dollars: new Float64Array(part.models.length),
    }));
    const counters: TokenCounter[] = [];
    for (const model of models) {
      const { model: bare } = armOf(model);
      counters.push(prices === undefined ? estimatedCounter(bare) : await tokenCounter(bare));
    }
    return new CostEstimate([...models], parts, counters, prices && priceCall(prices));
  }

  /** Writes dollars, one per model; see `Scorer.costs`. */
  write(text: string, maxTokens: number | undefined, out: Float64Array): void {
    const { models, parts } = this;
    out.fill(NaN, 0, models.length);
    this.texts[0] = text;
    for (const { scorer, places, dollars } of parts) {
      scorer.write(this.texts, 0, 1, dollars);
      for (let k = 0; k < places.length; k++) out[places[k]] = dollars[k];
    }
    if (maxTokens !== undefined) this.cap(text, maxTokens, out);
  }

  /** Tokens of a prompt; see `Scorer.promptTokens`. */
  promptTokens(text: string, model: number): number {
    const { counters, tokens } = this;
    if (!(Number.isInteger(model) && model in counters)) {
      throw new InputError(`model ${String(model)} is not known; expected 0 … ${counters.length - 1}`, {
        field: "model",
        value: model,
      });
    }
    if (text !== this.counted) tokens.clear();
    this.counted = text;
    const { tokenizer, count } = counters[model];
    let known = tokens.get(tokenizer);
    if (known === undefined) tokens.set(tokenizer, (known = count(text)));
    return known + CHAT_OVERHEAD;
  }

  /** Lowers to the bill of an answer of `maxTokens`, where its price is known, what exceeds it or is not known. */
  private cap(text: string, maxTokens: number, out: Float64Array): void {
    if (!(typeof maxTokens === "number" && maxTokens >= 0 && maxTokens < Infinity)) {
      throw new InputError(`maxTokens is ${String(maxTokens)}; expected a number ≥ 0`, {
        field: "maxTokens",
        value: String(maxTokens),
      });
    }
    if (this.bill === undefined) return;
    for (let m = 0; m < this.models.length; m++) {
      const most = this.bill(this.models[m], { input: this.promptTokens(text, m), output: maxTokens });
      if (most !== undefined && !(out[m] <= most)) out[m] = most;
    }
  }
}
