import { Option, type Command } from "commander";
import { badPricesText, withOwnPrices, type KnownPrices, type NewRates } from "../../prices/ownPrices.js";
import { readPrices } from "../../prices/table.js";
import type { Io } from "../io.js";
import { modelPrice } from "../parse.js";

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

/** Reads the prices, and says which entries of a map cannot be read. */
export async function knownPrices(
  { prices, price, quiet }: PriceOptions,
  { signal, err }: Io,
): Promise<KnownPrices> {
  const read = await readPrices(prices, { signal });
  const bad = badPricesText(read);
  if (bad !== undefined && quiet !== true) err(`note: ${bad}\n`);
  return withOwnPrices(read, price);
}
