import { InputError } from "../../errors.js";
import type { ModelOptions } from "../../online/models.js";
import type { Price } from "../../prices/price.js";
import { readPrices, type PriceTable } from "../../prices/table.js";
import { estimatedCounter, tokenCounter, type TokenCounter } from "../../prices/tokens/counter.js";
import { oneLine } from "../../text/shown.js";
import type { CheckedConfig, Model } from "../config/types.js";
import type { Upstream } from "../upstream/upstream.js";

/** A model that requests are sent to. */
export interface ServedModel {
  name: string;
  /** Its name at the upstream. */
  id: string;
  config: Model;
  upstream: Upstream;
  price: Price;
  counter: TokenCounter;
  /** What the router must know. */
  options: ModelOptions;
}

/** Prices that hold under the names of the configuration. */
export interface Priced {
  table: PriceTable;
  prices: Map<string, Price>;
}

/**
 * What every model costs.
 *
 * @throws InputError naming the model whose price is not known: it is never counted as free.
 */
export async function pricesOf({ models, prices: file }: CheckedConfig): Promise<Priced> {
  const table = await readPrices(file);
  const prices = new Map<string, Price>();
  for (const [name, model] of Object.entries(models)) prices.set(name, priceOf(name, model, table));
  return { table: table.with([...prices.values()]), prices };
}

function priceOf(name: string, { price, id = name, serves }: Model, table: PriceTable): Price {
  const own = { model: name, aliases: [] };
  if (price !== "auto") return { tiers: [], asOf: "", source: "the configuration", ...price, ...own };
  let found: Price;
  try {
    found = table.find(id).price;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(
      `models.${name}.price: ${oneLine(error.message)}; or give price: { input, output }, in dollars per million tokens`,
      { field: `models.${name}.price` },
    );
  }
  if (serves === "chat" && found.output === undefined)
    throw new InputError(
      `models.${name}: no price of output is known; give price: { input, output }, or serves: embeddings`,
      { field: `models.${name}.price` },
    );
  return { ...found, ...own };
}

/** The models of a configuration by name. */
export async function servedModels(
  { models }: CheckedConfig,
  { prices }: Priced,
  upstreams: ReadonlyMap<string, Upstream>,
): Promise<Map<string, ServedModel>> {
  const served = new Map<string, ServedModel>();
  for (const [name, config] of Object.entries(models)) {
    const { id = name, context, maxOutput, can } = config;
    const upstream = upstreams.get(config.upstream)!;
    const price = prices.get(name)!;
    const abilities = upstream.config.responses ? [...can, "responses"] : can;
    const options: ModelOptions = {
      price,
      context: context ?? price.context,
      can: abilities,
      ...(maxOutput !== undefined && { maxOutput }),
    };
    // Estimates where counting exactly would take a vocabulary that the model does not use.
    const counter = config.serves === "chat" ? await tokenCounter(id) : estimatedCounter(id);
    served.set(name, { name, id, config, upstream, price, counter, options });
  }
  return served;
}
