import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import { readEntries } from "./entries.js";
import { fieldsOf, numberOf, type Fields } from "./fields.js";
import type { Discount, Price, Rates, ReadPrices, Tier } from "./price.js";

/** LiteLLM's names for our rates, in dollars per token (per request: dollars). */
const NAMES: [keyof Rates, string][] = [
  ["input", "input_cost_per_token"],
  ["output", "output_cost_per_token"],
  ["cachedInput", "cache_read_input_token_cost"],
  ["cacheWrite", "cache_creation_input_token_cost"],
  ["cacheWrite1h", "cache_creation_input_token_cost_above_1hr"],
  ["reasoning", "output_cost_per_reasoning_token"],
  ["perRequest", "input_cost_per_request"],
];

const PER_TOKEN = "a number of dollars per token ≥ 0";
/** In dollars per token: far above every price, so that a larger one is meant per million tokens. */
const MOST_PER_TOKEN = 0.01;

/** Whether a JSON object looks like LiteLLM's map of models to prices and limits. */
export function isLitellmMap(file: Fields): boolean {
  return Object.values(file).some(
    (entry) =>
      typeof entry === "object" &&
      entry !== null &&
      ("input_cost_per_token" in entry || "tiered_pricing" in entry),
  );
}

/**
 * The prices of a LiteLLM map (`model_prices_and_context_window.json`): dollars per token, `…_above_200k_tokens` tiers
 * or `tiered_pricing` ranges of the whole input, `…_batches` and `…_flex` rates. Models without a price per input token
 * (images, audio) are left out; an entry that cannot be read is in `bad` with its place. The map has no date, so the
 * caller gives `asOf`.
 *
 * @throws InputError with the first problem where no entry can be read.
 */
export function parseLitellmMap(file: Fields, name: string, asOf: string): ReadPrices {
  return readEntries(file, name, (model) => {
    if (model === "sample_spec") return undefined;
    const rates = ratesOf(file[model], `${name}: ${shown(model)}`);
    return rates && { model, asOf, source: name, ...rates, aliases: [] };
  });
}

type Entry = Omit<Price, "model" | "asOf" | "source" | "aliases">;

/** The rates of one entry; undefined where it has none per input token. */
function ratesOf(entry: unknown, where: string): Entry | undefined {
  const fields = fieldsOf(entry, where);
  const ranges = fields.tiered_pricing;
  const isTiered = Array.isArray(ranges) && ranges.length > 0;
  if (!isTiered && (fields.input_cost_per_token ?? undefined) === undefined) return undefined;
  const [base, tiers] = isTiered
    ? rangesOf(ranges, `${where}: tiered_pricing`)
    : [ratesWith(fields, "", where), tiersOf(fields, where)];
  const standard = { ...base, input: base.input as number };
  const batch = discountOf(standard, ratesWith(fields, "_batches", where), where);
  const flex = discountOf(standard, ratesWith(fields, "_flex", where), where);
  // `max_tokens` is the longest answer, or the longest input: never taken as a context.
  const context = fields.max_input_tokens;
  return {
    ...standard,
    tiers,
    ...(batch && { batch }),
    ...(flex && { flex }),
    ...(typeof context === "number" && { context }),
  };
}

function ratesWith(fields: Fields, suffix: string, where: string): Partial<Rates> {
  const rates: Partial<Rates> = {};
  for (const [kind, name] of NAMES) {
    const field = name + suffix;
    const value = fields[field] ?? undefined;
    if (value === undefined) continue;
    if (typeof value === "string")
      throw new InputError(`${where}: ${field} is the text "${shown(value)}"; expected ${PER_TOKEN}`);
    const dollars = numberOf(value, `${where}: ${field}`, PER_TOKEN);
    if (kind !== "perRequest" && dollars > MOST_PER_TOKEN)
      throw new InputError(
        `${where}: ${field} is $${dollars} a token; expected ${PER_TOKEN}, such as 0.000003 for $3 per million tokens`,
      );
    // Twelve digits: 1e-7 · 10⁶ is 0.09999999999999999 in binary.
    rates[kind] = kind === "perRequest" ? dollars : Number((dollars * 1e6).toPrecision(12));
  }
  return rates;
}

function tiersOf(fields: Fields, where: string): Tier[] {
  const thousands = new Set<number>();
  for (const field of Object.keys(fields)) {
    const tier = /_above_(\d{1,5})k_tokens$/.exec(field);
    if (tier !== null) thousands.add(Number(tier[1]));
  }
  return [...thousands]
    .sort((a, b) => a - b)
    .map((k) => ({ above: k * 1000, ...ratesWith(fields, `_above_${k}k_tokens`, where) }));
}

/** The rates of the lowest range of the input, and the ranges above it; the last holds beyond its end. */
function rangesOf(ranges: readonly unknown[], where: string): [Partial<Rates>, Tier[]] {
  const read = ranges.map((item, i) => {
    const place = `${where}: range ${i + 1}`;
    const fields = fieldsOf(item, place);
    const range = fields.range;
    if (!Array.isArray(range) || range.length !== 2)
      throw new InputError(`${place} is ${shown(range)}; expected [from, to] in tokens of input`);
    const [from, to] = range.map((end) => numberOf(end, place, "tokens ≥ 0"));
    const rates = ratesWith(fields, "", place);
    if (rates.input === undefined) throw new InputError(`${place} has no input_cost_per_token`);
    return { from, to, rates };
  });
  read.sort((a, b) => a.from - b.from);
  const tiers = read.map(({ from, rates }, i) => {
    const expected = i === 0 ? 0 : read[i - 1].to;
    if (Math.abs(from - expected) > 1)
      throw new InputError(`${where} has no range from ${expected}, but one from ${from}`);
    return { above: expected, ...completed(rates, read[0].rates, `${where}: range ${i + 1}`) };
  });
  return [read[0].rates, tiers.slice(1)];
}

/** The rates of a range, which has none of the lowest: kinds that it does not list are charged as input or output. */
function completed(rates: Partial<Rates>, lowest: Partial<Rates>, where: string): Partial<Rates> {
  const { input, output } = rates;
  if (output === undefined && lowest.output !== undefined)
    throw new InputError(`${where} has no output_cost_per_token`);
  const cached = { cachedInput: input, cacheWrite: input, cacheWrite1h: rates.cacheWrite ?? input };
  const instead: Partial<Rates> = { ...cached, reasoning: output };
  const kinds = Object.keys(lowest) as (keyof Rates)[];
  return Object.assign(
    {},
    ...kinds.map((kind) => ({ [kind]: rates[kind] ?? instead[kind] })),
    rates,
  ) as Rates;
}

/** Rates of a mode as parts of the standard rates; undefined if the map has none. */
function discountOf(base: Partial<Rates>, rates: Partial<Rates>, where: string): Discount | undefined {
  if (rates.input === undefined) return undefined;
  const discount: Discount = {};
  for (const [kind] of NAMES) {
    const [standard, reduced] = [base[kind], rates[kind]];
    if (standard === undefined || reduced === undefined) continue;
    if (reduced > standard)
      throw new InputError(`${where}: a discounted ${kind} price is above the standard one`);
    discount[kind] = standard === 0 ? 1 : reduced / standard;
  }
  return discount;
}
