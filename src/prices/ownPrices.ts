import { InputError } from "../errors.js";
import { count } from "../text/amounts.js";
import { oneLine } from "../text/shown.js";
import { priceCall, type PriceCall } from "./call.js";
import { GivenPrices } from "./given.js";
import { isPerToken, type Price } from "./price.js";
import type { PriceTable } from "./table.js";

/** Dollars per million tokens. */
export interface NewRates {
  input: number;
  output: number;
  cachedInput?: number;
}

/**
 * A model's price as people write it: `MODEL=2.5/10` or `MODEL=2.5/10/1.25`, dollars per million tokens of input, output
 * and cached input. The last "=" ends the model's name.
 *
 * @throws InputError for another form, and for a price that looks like dollars per token.
 */
export function parseModelPrice(text: string): [string, NewRates] {
  const at = text.lastIndexOf("=");
  const rates = text
    .slice(at + 1)
    .split("/")
    .map((rate) => (/^[0-9.]{1,30}(?:e-?[0-9]{1,2})?$/i.test(rate.trim()) ? Number(rate) : NaN));
  const isRight = rates.length === 2 || rates.length === 3;
  if (at < 1 || !isRight || !rates.every((rate) => rate >= 0 && rate < Infinity)) {
    throw new InputError(
      "expected MODEL=IN/OUT in dollars per million tokens, such as gpt-4o=2.5/10, or MODEL=IN/OUT/CACHED.",
    );
  }
  const [input, output, cachedInput] = rates;
  if (isPerToken(input))
    throw new InputError(
      `the input price ${input} looks like dollars per token; expected dollars per million tokens, such as 2.5.`,
    );
  return [text.slice(0, at), { input, output, ...(cachedInput !== undefined && { cachedInput }) }];
}

/** Prices in the order that counts: the user's own, recorded costs, those of a file, the built-in ones. */
export interface KnownPrices {
  table: PriceTable;
  price: PriceCall;
  /** Undefined without own prices. */
  given?: GivenPrices;
}

/**
 * The prices of a table, with the user's own of single models.
 *
 * @throws InputError for a model that is priced twice.
 */
export function withOwnPrices(
  read: PriceTable,
  own: readonly (readonly [string, NewRates])[] = [],
): KnownPrices {
  if (own.length === 0) return { table: read, price: priceCall(read) };
  if (new Set(own.map(([model]) => model)).size < own.length)
    throw new InputError("a model is priced twice; give each model one price", { field: "price" });
  const given = own.map(([model, rates]) => givenPrice(model, rates, read));
  const table = read.with(given);
  return { table, price: priceCall(table), given: new GivenPrices(table, given) };
}

/** The rest of a known model's price stays: what a batch costs in comparison, and the context. */
function givenPrice(model: string, rates: NewRates, known: PriceTable): Price {
  const { batch, flex, context } = priceIn(known, model) ?? {};
  return {
    ...{ model, ...rates, asOf: new Date().toISOString().slice(0, 10), source: "--price" },
    ...{ tiers: [], aliases: [] },
    ...(batch && { batch }),
    ...(flex && { flex }),
    ...(context !== undefined && { context }),
  };
}

function priceIn(table: PriceTable, model: string): Price | undefined {
  try {
    return table.find(model).price;
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}

/** Says which entries of a price map cannot be read; undefined where all can. */
export function badPricesText({ bad, user }: PriceTable): string | undefined {
  if (bad.length === 0) return undefined;
  const [{ problem }] = bad;
  return `${count(bad.length)} of ${count(bad.length + user.length)} prices cannot be read and are left out, such as: ${oneLine(problem)}`;
}
