import { InputError } from "../errors.js";
import { fieldsOf, numberOf, type Fields } from "./fields.js";
import type { Discount, Price, Rates, Tier } from "./price.js";

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

/** Whether a JSON object looks like LiteLLM's map of models to prices and limits. */
export function isLitellmMap(file: Fields): boolean {
  return Object.values(file).some(
    (entry) => typeof entry === "object" && entry !== null && "input_cost_per_token" in entry,
  );
}

/**
 * The prices of a LiteLLM map (`model_prices_and_context_window.json`): dollars per token, `…_above_200k_tokens` tiers,
 * `…_batches` and `…_flex` rates. Models without a price per input token (images, audio) are left out. The map has no
 * date, so the caller gives `asOf`.
 *
 * @throws InputError naming file, model, field and value.
 */
export function parseLitellmMap(file: Fields, name: string, asOf: string): Price[] {
  const prices: Price[] = [];
  for (const model of Object.keys(file)) {
    const fields = fieldsOf(file[model], `${name}: ${model}`);
    if (model === "sample_spec" || typeof fields.input_cost_per_token !== "number") continue;
    const rate = (field: string): number | undefined => {
      const value = fields[field];
      if (value === undefined || value === null) return undefined;
      const dollars = numberOf(value, `${name}: ${model}: ${field}`, "dollars per token ≥ 0");
      // Twelve digits: 1e-7 · 10⁶ is 0.09999999999999999 in binary.
      return field === "input_cost_per_request" ? dollars : Number((dollars * 1e6).toPrecision(12));
    };
    const ratesWith = (suffix: string): Partial<Rates> => {
      const rates: Partial<Rates> = {};
      for (const [kind, field] of NAMES) {
        const value = rate(field + suffix);
        if (value !== undefined) rates[kind] = value;
      }
      return rates;
    };
    const base = ratesWith("");
    const context = [fields.max_input_tokens, fields.max_tokens].find((limit) => typeof limit === "number");
    const batch = discountOf(base, ratesWith("_batches"), `${name}: ${model}`);
    const flex = discountOf(base, ratesWith("_flex"), `${name}: ${model}`);
    prices.push({
      model,
      input: base.input as number,
      ...base,
      asOf,
      source: name,
      tiers: tiersOf(fields, ratesWith),
      ...(batch && { batch }),
      ...(flex && { flex }),
      ...(context !== undefined && { context }),
      aliases: [],
    });
  }
  return prices;
}

function tiersOf(fields: Fields, ratesWith: (suffix: string) => Partial<Rates>): Tier[] {
  const thousands = new Set<number>();
  for (const field of Object.keys(fields)) {
    const tier = /_above_(\d{1,5})k_tokens$/.exec(field);
    if (tier !== null) thousands.add(Number(tier[1]));
  }
  return [...thousands]
    .sort((a, b) => a - b)
    .map((k) => ({ above: k * 1000, ...ratesWith(`_above_${k}k_tokens`) }));
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
