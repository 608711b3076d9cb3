/** Dollars per million tokens, and per request. Each optional rate documents what applies if it is absent. */
export interface Rates {
  /** Input that was neither read from a cache nor written to one. */
  input: number;
  /** Absent: the model writes nothing (embeddings), and output cannot be priced. */
  output?: number;
  /** Input read from the provider's prompt cache. Absent: as `input`. */
  cachedInput?: number;
  /** Input written to the prompt cache. Absent: as `input`. */
  cacheWrite?: number;
  /** Input written to the prompt cache for an hour. Absent: as `cacheWrite`. */
  cacheWrite1h?: number;
  /** Output spent on reasoning. Absent: as `output`. */
  reasoning?: number;
  /** Dollars for each request, whatever its tokens. Absent: 0. */
  perRequest?: number;
}

export const RATES = [
  "input",
  "output",
  "cachedInput",
  "cacheWrite",
  "cacheWrite1h",
  "reasoning",
  "perRequest",
] as const satisfies readonly (keyof Rates)[];

/** Rates that hold for the whole request once its input, cached tokens included, is above this number of tokens. */
export interface Tier extends Partial<Rates> {
  above: number;
}

/** How a request is served: at once, in a batch within a day, or when there is capacity. */
export const MODES = ["standard", "batch", "flex"] as const;
/** How a request is served: each mode may have its own rates. */
export type Mode = (typeof MODES)[number];

/** The part of each standard rate that is charged, 0 … 1. A rate that is not listed is charged in full. */
export type Discount = Partial<Record<keyof Rates, number>>;

/** Whether a price of input is so small that it must be meant per token, not in dollars per million tokens. */
export function isPerToken(input: number): boolean {
  return input > 0 && input < 1e-4;
}

/** What a model costs, as of a day, according to a source. */
export interface Price extends Rates {
  /** The name it is listed under: `provider/model` in the shipped file. */
  model: string;
  /** The day on which the price was known to hold, YYYY-MM-DD. */
  asOf: string;
  /** Where the price is published. */
  source: string;
  /** By rising `above`. */
  tiers: Tier[];
  /** Absent: no batch or flex price is known. */
  batch?: Discount;
  flex?: Discount;
  /** Maximum number of tokens, input and output together. */
  context?: number;
  /** Other names of the same model. */
  aliases: string[];
  /** A remark for the reader. */
  note?: string;
}

/** An entry of the user's file that cannot be read, and why. */
export interface BadPrice {
  model: string;
  problem: string;
}

/** The prices of a file, and the entries of a map that cannot be read. */
export interface ReadPrices {
  prices: Price[];
  bad: BadPrice[];
}
