import { InputError } from "../errors.js";
import { billOf } from "./bill.js";
import type { Price } from "./price.js";
import { armOf, type PriceTable } from "./table.js";
import type { Usage } from "./usage.js";

/** The price of a call in dollars; undefined if the price of the model, or of a kind of token it used, is not known. */
export type PriceCall = (model: string, usage: Usage) => number | undefined;

/** Prices calls from a table; every model is looked up once. `gpt-4o@batch` is priced as in a batch. */
export function priceCall(table: PriceTable): PriceCall {
  const known = new Map<string, Price | undefined>();
  return (name, usage) => {
    const { model, mode } = armOf(name);
    if (!known.has(model))
      known.set(
        model,
        knownOr(() => table.find(model).price),
      );
    const price = known.get(model);
    return price && knownOr(() => billOf(price, usage, mode).total);
  };
}

/** Undefined where the table, or the price, refuses. */
function knownOr<T>(find: () => T): T | undefined {
  try {
    return find();
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
