import { Option, type Command } from "commander";
import { InputError } from "../../errors.js";
import { priceCall, type PriceCall } from "../../prices/call.js";
import { GivenPrices } from "../../prices/given.js";
import type { Price } from "../../prices/price.js";
import { readPrices, type PriceTable } from "../../prices/table.js";
import { count } from "../../text/amounts.js";
import { oneLine } from "../../text/shown.js";
import type { Io } from "../io.js";
import { modelPrice, type NewRates } from "../parse.js";

/** Options of commands that read costs and tokens. */
export interface PriceOptions {
  prices?: string;
  price?: [string, NewRates][];
  quiet?: boolean;
}

export function withPrices(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--prices <file>",
        "price file or LiteLLM map that overrides the built-in prices, but not recorded costs",
      ),
    )
    .option(
      "--price <model=in/out[/cached]>",
      "a model's price, in dollars per million tokens of input, output and cached input, in place of any other and of recorded costs (may be repeated)",
      modelPrice,
    );
}

/** Prices as the options give them, in the order that counts: --price, recorded costs, --prices, built-in prices. */
export interface KnownPrices {
  table: PriceTable;
  price: PriceCall;
  /** Undefined without --price. */
  given?: GivenPrices;
}

/** Reads the prices, and says which entries of a map cannot be read. */
export async function knownPrices(
  { prices, price = [], quiet }: PriceOptions,
  { signal, err }: Io,
): Promise<KnownPrices> {
  const read = await readPrices(prices, { signal });
  if (read.bad.length > 0 && quiet !== true) err(badNote(read));
  if (price.length === 0) return { table: read, price: priceCall(read) };
  if (new Set(price.map(([model]) => model)).size < price.length)
    throw new InputError("a model is priced twice; give each model one price", { field: "price" });
  const given = price.map(([model, rates]) => givenPrice(model, rates, read));
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

function badNote({ bad, user }: PriceTable): string {
  const [{ problem }] = bad;
  return `note: ${count(bad.length)} of ${count(bad.length + user.length)} prices cannot be read and are left out, such as: ${oneLine(problem)}\n`;
}
