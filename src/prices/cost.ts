import type { TokenCounter } from "./tokens/counter.js";
import { billOf } from "./bill.js";
import type { Mode, Price } from "./price.js";

/** Tokens that the chat format adds to a text: one message and the start of the answer. */
export const CHAT_OVERHEAD = 7;

/** How one model's answers are priced. */
export interface Pricing {
  price: Price;
  counter: TokenCounter;
  mode?: Mode;
}

/**
 * The expected dollars of answering a text: its tokens plus `overhead` for the chat format as input (7: one message and
 * the start of the answer), and the expected number of output tokens, which need not be a whole number. The price of
 * the expected length is the expected price, since a bill is linear in the output.
 *
 * @throws InputError as `billOf` does.
 */
export function costOf(
  text: string,
  outputTokens: number,
  pricing: Pricing,
  overhead = CHAT_OVERHEAD,
): number {
  const { price, counter, mode } = pricing;
  return billOf(price, { input: counter.count(text) + overhead, output: outputTokens }, mode).total;
}

/**
 * The expected dollars of every text with every model, texts × models. A text's tokens are counted once for each
 * tokenizer. `outputTokens` holds the expected tokens of each answer, texts × models.
 */
export function costsOf(
  texts: readonly string[],
  outputTokens: ArrayLike<number>,
  models: readonly Pricing[],
  overhead = CHAT_OVERHEAD,
): Float64Array {
  const cost = new Float64Array(texts.length * models.length);
  const counters = new Map(models.map(({ counter }) => [counter.tokenizer, counter]));
  const input = new Map<string, number>();
  texts.forEach((text, q) => {
    for (const [tokenizer, counter] of counters) input.set(tokenizer, counter.count(text) + overhead);
    models.forEach(({ price, counter, mode }, m) => {
      const option = q * models.length + m;
      const usage = { input: input.get(counter.tokenizer) as number, output: outputTokens[option] };
      cost[option] = billOf(price, usage, mode).total;
    });
  });
  return cost;
}
