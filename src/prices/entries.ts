import { InputError } from "../errors.js";
import type { Fields } from "./fields.js";
import type { Price, ReadPrices } from "./price.js";

/**
 * Reads the entries of a price file one by one. One that cannot be read is in `bad` under its name and its aliases.
 * `read`: undefined for one that is no price.
 *
 * @throws InputError with the first problem where no entry can be read.
 */
export function readEntries(
  entries: Fields,
  name: string,
  read: (model: string) => Price | undefined,
): ReadPrices {
  const found: ReadPrices = { prices: [], bad: [] };
  for (const model of Object.keys(entries))
    try {
      const price = read(model);
      if (price !== undefined) found.prices.push(price);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      for (const one of [model, ...aliasesOf(entries[model])])
        found.bad.push({ model: one, problem: error.message });
    }
  if (found.prices.length === 0 && found.bad.length > 0)
    throw new InputError(found.bad[0].problem, { file: name });
  return found;
}

function aliasesOf(entry: unknown): string[] {
  const aliases = typeof entry === "object" && entry !== null ? (entry as Fields).aliases : undefined;
  return Array.isArray(aliases) ? aliases.filter((alias) => typeof alias === "string") : [];
}
