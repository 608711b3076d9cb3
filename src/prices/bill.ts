import { tidy } from "../decimal.js";
import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import { RATES, type Mode, type Price, type Rates, type Tier } from "./price.js";
import { checkUsage, type Usage } from "./usage.js";

/** One kind of token on a bill: tokens · rate · part / 10⁶ = dollars. */
export interface BillLine {
  kind: keyof Rates;
  /** Tokens; for `perRequest` the number of requests, 1. */
  tokens: number;
  /** Dollars per million tokens (`perRequest`: dollars), of the tier, before the discount. */
  rate: number;
  /** The name under which the price lists this rate. It differs from `kind` if the price does not list that. */
  listedAs: keyof Rates;
  /** The part of the rate that the mode charges, 0 … 1. */
  part: number;
  dollars: number;
}

/** What a request costs and why. */
export interface Bill {
  /** Dollars. */
  total: number;
  price: Price;
  mode: Mode;
  /** The tier that applies; undefined: the base rates. */
  tier?: Tier;
  /** One line for each kind that was used. */
  lines: BillLine[];
}

/** The rate used instead of one that the price does not list. */
const INSTEAD: Partial<Record<keyof Rates, keyof Rates>> = {
  cachedInput: "input",
  cacheWrite: "input",
  cacheWrite1h: "cacheWrite",
  reasoning: "output",
};

/**
 * What a request costs at a price. The tier is chosen by the whole input, cached tokens included, and applies to the
 * whole request.
 *
 * @throws InputError for wrong counts, for a mode without a known price, and for output of a model without an output
 * price: an unknown price is never treated as free.
 */
export function billOf(price: Price, usage: Usage, mode: Mode = "standard"): Bill {
  const discount = mode === "standard" ? {} : price[mode];
  if (discount === undefined)
    throw new InputError(
      `no ${mode} price of ${shown(price.model)} is known (${price.source}); give one in a price file`,
      { model: price.model, mode },
    );
  const {
    input,
    output,
    cachedInput = 0,
    cacheWrite = 0,
    cacheWrite1h = 0,
    reasoning = 0,
  } = checkUsage(usage);
  const tier = price.tiers.findLast(({ above }) => input > above);
  const rates: Rates = { ...price, ...tier };
  const used: Record<keyof Rates, number> = {
    input: input - cachedInput - cacheWrite,
    output: output - reasoning,
    cachedInput,
    cacheWrite: cacheWrite - cacheWrite1h,
    cacheWrite1h,
    reasoning,
    perRequest: rates.perRequest ? 1 : 0,
  };
  const lines: BillLine[] = [];
  let total = 0;
  for (const kind of RATES) {
    const tokens = used[kind];
    if (tokens === 0) continue;
    let listedAs: keyof Rates | undefined = kind;
    while (listedAs !== undefined && rates[listedAs] === undefined) listedAs = INSTEAD[listedAs];
    if (listedAs === undefined)
      throw new InputError(`no ${kind} price of ${shown(price.model)} is known (${price.source})`, {
        model: price.model,
        kind,
      });
    const rate = rates[listedAs] as number;
    const part = discount[listedAs] ?? 1;
    const dollars = tidy((tokens * rate * part) / (kind === "perRequest" ? 1 : 1e6));
    total = tidy(total + dollars);
    lines.push({ kind, tokens, rate, listedAs, part, dollars });
  }
  return { total, price, mode, tier, lines };
}
