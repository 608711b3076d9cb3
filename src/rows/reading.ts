import type { GivenPrices } from "../prices/given.js";
import { priceCall, type PriceCall } from "../prices/call.js";
import { readPrices } from "../prices/table.js";
import { isCost, tidy } from "../decimal.js";
import { shown } from "../text/shown.js";
import type { Dataset, OnProgress } from "../types.js";
import type { BadRows } from "./badRows.js";
import { DatasetBuilder, type BuilderOptions } from "./builder/builder.js";
import { COST_PART } from "./costParts.js";
import type { Format } from "./formats/format.js";
import { Observations, type ImportCounts } from "./formats/observations.js";
import type { RecordedCosts } from "./givenPrices.js";
import type { RowRange } from "./rowRange.js";

/** Which parts of a file are read, and how. */
export interface DatasetOptions extends Omit<BuilderOptions, "place" | "declaresParts"> {
  /** One of `FORMATS`; default: what the file's content shows. */
  from?: string;
  /**
   * Prices answers whose tokens are recorded but not their cost, in files of other tools; default: the shipped prices.
   * The cost of a model without a price stays blank.
   */
  price?: PriceCall;
  /** Prices of single models, which replace recorded costs too. */
  given?: GivenPrices;
  /** What given prices do to costs that native rows record; default: "replace". */
  recorded?: RecordedCosts;
  /**
   * Leave out rows that cannot be read, and count them, instead of refusing the file; default: false. More than 5 % of the
   * rows, and more than one, are refused even so.
   */
  skipBadRows?: boolean;
  /** @internal Only these rows of a file of native rows. Lines and rows in errors count from the first that is read. */
  range?: RowRange;
  /** @internal Columns that the rows of a file lack, with their value in each. */
  constants?: ReadonlyMap<string, string>;
  /** Aborts reading; its reason is thrown. */
  signal?: AbortSignal;
  /** Phase "read"; done and total in bytes of the file (packed ones of a gzip file), or rows of Parquet. */
  onProgress?: OnProgress;
  /** Called with a sentence for each reason for which records of another tool's file were left out. */
  onNote?: (text: string) => void;
}

export interface Imported extends ImportCounts {
  dataset: Dataset;
  /** One of `FORMATS`. */
  format: string;
}

/** How one import reads its files. */
export type Reading = DatasetOptions & { atLivePrices: boolean; bad: BadRows };

/** Takes the rows of native files. */
export function nativeBuilder(name: string, options: Reading, place?: "line" | "row"): DatasetBuilder {
  const { columns = [], atLivePrices, bad } = options;
  const kept = columns === "all" || !atLivePrices ? columns : [...columns, COST_PART];
  return new DatasetBuilder(name, { ...options, place, columns: kept, declaresParts: atLivePrices }, bad);
}

/** What a builder took. */
export async function nativeOf(builder: DatasetBuilder, options: Reading): Promise<Imported> {
  const { bad } = options;
  const { suggestion } = builder;
  const dataset = builder.finish();
  const { priced, unpriced } = await priceTokens(dataset, builder, options);
  for (const [model, times] of unpriced)
    builder.note(`no price for the tokens of model ${shown(model)}: cost left blank`, times);
  const skipped = new Map(bad.reasons());
  if (builder.dropped > 0) skipped.set("does not meet the conditions", builder.dropped);
  return {
    dataset,
    format: "native",
    rows: dataset.ids.length + builder.dropped + bad.count,
    skipped,
    notes: builder.notes,
    priced,
    unpriced: new Set(unpriced.keys()),
    taken: suggestion === undefined ? [] : [suggestion],
  };
}

/**
 * Computes the costs of models that record tokens and have no column of costs, in place. Returns how many were computed,
 * and for how many no price is known, by model.
 */
async function priceTokens(
  { models, cost, tokens }: Dataset,
  { modelsWithoutCosts, allowedModels }: DatasetBuilder,
  { given, ...options }: Reading,
): Promise<{ priced: number; unpriced: Map<string, number> }> {
  const unpriced = new Map<string, number>();
  let priced = 0;
  const wanted = modelsWithoutCosts.filter((model) => given?.has(model) !== true);
  if (tokens === undefined || wanted.length === 0) return { priced, unpriced };
  const price = options.price ?? priceCall(await readPrices());
  for (const model of wanted) {
    for (let option = models.indexOf(model), q = 0; option < cost.length; option += models.length, q++) {
      const [input, output] = [tokens.input[option], tokens.output[option]];
      if (Number.isNaN(input + output) || allowedModels?.[q]?.includes(model) === false) continue;
      const dollars = price(model, { input, output });
      if (dollars === undefined || !isCost(dollars)) unpriced.set(model, (unpriced.get(model) ?? 0) + 1);
      else {
        cost[option] = tidy(dollars);
        priced++;
      }
    }
  }
  return { priced, unpriced };
}

/** Takes the records of other tools' files. */
export async function observations(name: string, options: Reading): Promise<Observations> {
  const price = options.price ?? priceCall(await readPrices());
  return new Observations(name, { ...options, price });
}

/** What was observed. */
export function importedOf(
  { name, isLog }: Format,
  sink: Observations,
  { blankCosts, bad }: Reading,
): Imported {
  const dataset = sink.finish();
  sink.counts.rows += bad.count;
  for (const [reason, times] of bad.reasons()) sink.counts.skipped.set(reason, times);
  if (!isLog || !blankCosts) return { dataset, format: name, ...sink.counts };
  // In work a blank cost forbids a model, but a log does not say what other models would have cost.
  sink.counts.notes.set("query of a log: work without its costs", dataset.ids.length);
  return { dataset: withoutModels(dataset), format: name, ...sink.counts };
}

function withoutModels({ ids, queries, columns }: Dataset): Dataset {
  const none = (): Float32Array => new Float32Array(0);
  return { ids, queries, models: [], cost: none(), outcome: none(), ...(columns && { columns }) };
}
