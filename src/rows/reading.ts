import type { GivenPrices } from "../prices/given.js";
import { priceCall, type PriceCall } from "../prices/call.js";
import { readPrices } from "../prices/table.js";
import type { Dataset, OnProgress } from "../types.js";
import type { BadRows } from "./badRows.js";
import { DatasetBuilder, type BuilderOptions } from "./builder/builder.js";
import { COST_PART } from "./costParts.js";
import type { Format } from "./formats/format.js";
import { Observations, type ImportCounts } from "./formats/observations.js";
import type { RecordedCosts } from "./givenPrices.js";

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
export function nativeOf(builder: DatasetBuilder, { bad }: Reading): Imported {
  const dataset = builder.finish();
  const skipped = new Map(bad.reasons());
  if (builder.dropped > 0) skipped.set("does not meet the conditions", builder.dropped);
  return {
    dataset,
    format: "native",
    rows: dataset.ids.length + builder.dropped + bad.count,
    skipped,
    notes: builder.notes,
    priced: 0,
    unpriced: new Set(),
    taken: [],
  };
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
