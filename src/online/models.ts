import { InputError } from "../errors.js";
import { billOf } from "../prices/bill.js";
import { RATES, type Price, type Rates } from "../prices/price.js";
import type { PriceTable } from "../prices/table.js";
import { oneLine, shown } from "../text/shown.js";
import { checkFields, checkNames, checkNumber, checkObject, refuse } from "./checks.js";
import type { Settlement } from "./request.js";

/** What the router must know of a model, where the price table does not know it. */
export interface ModelOptions {
  /** Dollars per million tokens. Default: from the price table. */
  price?: Rates;
  /** Maximum number of tokens, input and output together. Default: from the price table; unlimited if unknown. */
  context?: number;
  /** Maximum number of output tokens. Default: unknown. */
  maxOutput?: number;
  /** What it can do beyond text: "tools", "images", "json", "reasoning", or words of your own. */
  can?: readonly string[];
}

const OPTIONS: Readonly<Record<keyof ModelOptions, true>> = {
  price: true,
  context: true,
  maxOutput: true,
  can: true,
};

/** A model as the router uses it. */
export interface RoutedModel {
  name: string;
  price: Price;
  context: number;
  maxOutput: number;
  can: ReadonlySet<string>;
}

/** The models of a scorer that may be routed to, in its order; undefined for the others. */
export function routedModels(
  scored: readonly string[],
  chosen: readonly string[] | Readonly<Record<string, ModelOptions>> | undefined,
  prices: PriceTable | undefined,
): (RoutedModel | undefined)[] {
  if (chosen !== undefined && (typeof chosen !== "object" || chosen === null))
    refuse("models", chosen, "a list of names, or { name: { price, … } }");
  const options = new Map<string, ModelOptions>(
    chosen === undefined
      ? scored.map((name) => [name, {}])
      : Array.isArray(chosen)
        ? (chosen as readonly string[]).map((name) => [name, {}])
        : Object.entries(chosen as Record<string, ModelOptions>),
  );
  const unknown = [...options.keys()].find((name) => !scored.includes(name));
  if (unknown !== undefined) {
    const names = scored.slice(0, 8).map(shown).join(", ");
    throw new InputError(`the predictor does not know model ${shown(unknown)}; it knows ${names}`, {
      field: "models",
    });
  }
  if (options.size === 0) throw new InputError("models is empty; expected at least one", { field: "models" });
  return scored.map((name) => {
    const own = options.get(name);
    return own === undefined ? undefined : routedModel(name, own, prices);
  });
}

function routedModel(name: string, own: ModelOptions, prices: PriceTable | undefined): RoutedModel {
  checkObject(`model ${shown(name)}`, own, "{ price, … }");
  checkFields(`model ${shown(name)}`, own, OPTIONS);
  checkNames(`can of model ${shown(name)}`, own.can);
  const price = own.price === undefined ? listed(name, prices) : priceOf(name, own.price);
  const { context = price.context ?? Infinity, maxOutput = Infinity, can = [] } = own;
  for (const [field, value] of Object.entries({ context, maxOutput })) {
    if (!(typeof value === "number" && value >= 1))
      throw new InputError(`${field} of model ${shown(name)} is ${shown(value)}; expected tokens ≥ 1`, {
        field,
      });
  }
  return { name, price, context, maxOutput, can: new Set(can) };
}

/** A budget cannot hold for a model without a price, so such a model is refused and never counted as free. */
function listed(name: string, prices: PriceTable | undefined): Price {
  const advice = "give models: { name: { price: { input, output } } }, in dollars per million tokens";
  if (prices === undefined)
    throw new InputError(`model ${shown(name)} has no price; ${advice}, or prices: await readPrices()`, {
      field: "models",
    });
  try {
    return prices.find(name).price;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${oneLine(error.message)}; or ${advice}`, error.details);
  }
}

function priceOf(name: string, rates: Rates): Price {
  const of = `price of model ${shown(name)}`;
  checkObject(of, rates, "{ input, output }, in dollars per million tokens");
  const { tiers = [] } = rates as Partial<Price>;
  if (!Array.isArray(tiers)) refuse(`${of}: tiers`, tiers, "a list");
  checkRates(of, rates);
  for (const tier of tiers) {
    checkObject(`${of}: tiers`, tier, "{ above, input, output }");
    checkRates(`${of}: tiers`, tier);
    if (typeof tier.above !== "number") refuse(`${of}: tiers.above`, tier.above, "tokens ≥ 0");
  }
  for (const field of ["input", "output"] as const) {
    if (typeof rates[field] !== "number")
      throw new InputError(`price of model ${shown(name)}: ${field} is missing; expected dollars ≥ 0`, {
        field,
      });
  }
  return { tiers: [], aliases: [], asOf: "", source: "your price", ...rates, model: name };
}

/** The dollars that a request may cost at most: its input as if all of it were written to a cache, its longest answer. */
export function worstCost({ price }: RoutedModel, input: number, output: number): number {
  let rates: Rates = price;
  for (const tier of price.tiers) if (input > tier.above) rates = { ...price, ...tier };
  const { cacheWrite = 0, cacheWrite1h = 0, reasoning = 0, perRequest = 0 } = rates;
  const inputRate = Math.max(rates.input, cacheWrite, cacheWrite1h);
  const outputRate = Math.max(rates.output ?? 0, reasoning);
  return (input * inputRate + output * outputRate) / 1e6 + perRequest;
}

/** Dollars that an answer cost by the tokens that it used. */
export function dollarsUsed({ price }: RoutedModel, used: Settlement): number {
  const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0 } = used;
  const usage = {
    input: inputTokens,
    output: outputTokens,
    cachedInput: cachedTokens,
    cacheWrite: cacheWriteTokens,
  };
  return billOf(price, usage).total;
}

/** Dollars that reading this number of input tokens from the prompt cache saves. */
export function cacheSaving({ price }: RoutedModel, tokens: number): number {
  const { input, cachedInput = input } = price;
  return (tokens * Math.max(0, input - cachedInput)) / 1e6;
}

function checkRates(of: string, rates: object): void {
  for (const [field, rate] of Object.entries(rates)) {
    if (rate === undefined || (typeof rate !== "number" && ![...RATES, "above"].includes(field))) continue;
    checkNumber(`${of}: ${field}`, rate, { least: 0, most: Number.MAX_VALUE, expected: "dollars ≥ 0" });
  }
}
