/**
 * Writes src/prices/prices.json anew from @pydantic/genai-prices:
 *
 *     npm run build && node dist/bench/refreshPrices.js 2026-09-23
 *
 * The day is when the installed version of that package was published (`npm view @pydantic/genai-prices time`).
 */
import { readFileSync, writeFileSync } from "node:fs";
import { findProvider, type ModelInfo, type ModelPrice, type Provider } from "@pydantic/genai-prices";
import { packageFile } from "../src/package.js";
import type { Discount, Rates, Tier } from "../src/prices/price.js";

/** Public APIs that bill by the token. */
const PROVIDERS = [
  ..."openai anthropic google mistral cohere deepseek x-ai moonshotai minimax perplexity zai voyageai".split(
    " ",
  ),
  ..."azure aws groq together fireworks cerebras novita baseten cloudflare ovhcloud openrouter".split(" "),
];

const OUR_NAMES: [keyof Rates, string][] = [
  ["input", "input_mtok"],
  ["output", "output_mtok"],
  ["cachedInput", "cache_read_mtok"],
  ["cacheWrite", "cache_write_mtok"],
  ["cacheWrite1h", "cache_write_1h_mtok"],
  ["reasoning", "output_reasoning_mtok"],
];

/**
 * Discounts, which the package does not hold, with the page that states each and the day it was looked up; docs/lab/discounts.md
 * tells what the pages say. Caching prices are not halved in a batch unless the page says so: that is Gemini's rule, and
 * the dear side where nothing is said. Providers whose discount differs from model to model are left out.
 */
const UNCACHED: Discount = { input: 0.5, output: 0.5, reasoning: 0.5 };
const isOlder = (id: string): boolean => /^(gpt-[34]|o[134])/.test(id);
interface Known {
  source: string;
  asOf: string;
  has: RegExp;
  hasNot?: RegExp;
}
const BATCH: Record<string, Known & { part: number | Discount }> = {
  openai: {
    source: "https://platform.openai.com/docs/guides/batch",
    asOf: "2026-11-24",
    part: 0.5,
    has: /^(gpt-[345]|o[134]|text-embedding-)/,
    hasNot: /realtime|audio|tts|transcribe|image|search|chat-latest|-chat$|instruct/,
  },
  anthropic: {
    source: "https://platform.claude.com/docs/en/build-with-claude/batch-processing",
    asOf: "2026-11-24",
    part: 0.5,
    has: /^claude-/,
  },
  google: {
    source: "https://ai.google.dev/gemini-api/docs/optimization",
    asOf: "2026-11-24",
    part: UNCACHED,
    has: /^gemini-/,
    hasNot: /live|tts|audio|image/,
  },
  mistral: {
    source: "https://docs.mistral.ai/studio-api/batch-processing",
    asOf: "2026-11-24",
    part: UNCACHED,
    has: /./,
    hasNot: /ocr|voxtral|moderation/,
  },
  moonshotai: {
    source: "https://platform.kimi.ai/docs/pricing/batch",
    asOf: "2026-11-24",
    part: { input: 0.6, output: 0.6, reasoning: 0.6 },
    has: /^kimi-k2\.5$/,
  },
  fireworks: {
    source: "https://docs.fireworks.ai/serverless/pricing",
    asOf: "2026-11-24",
    part: UNCACHED,
    has: /./,
    hasNot: /-fast$|-us$/,
  },
  groq: {
    source: "https://console.groq.com/docs/batch",
    asOf: "2026-11-24",
    part: UNCACHED,
    has: /gpt-oss|llama-4-scout|llama-guard-4|^llama-3\.1-8b-instant$|^llama-3\.3-70b-versatile$/,
  },
};

/** Flex processing: OpenAI's reasoning families at the batch price. */
const FLEX: Known = {
  source: "https://platform.openai.com/docs/guides/flex-processing",
  asOf: "2026-09-23",
  has: /^(o3|o4-mini|gpt-5(\.\d)?(-(mini|nano|sol|luna|terra))?)$/,
};

const [, , asOf] = process.argv;
if (!/^\d{4}-\d\d-\d\d$/.test(asOf ?? ""))
  throw new Error("give the day of the package's version, YYYY-MM-DD");
const { version } = JSON.parse(
  readFileSync(packageFile("node_modules/@pydantic/genai-prices/package.json"), "utf8"),
) as { version: string };

const sourceOf = ({ source, asOf }: Known) => ({ source, asOf });
const discountSources = {
  batch: Object.fromEntries(Object.entries(BATCH).map(([id, known]) => [id, sourceOf(known)])),
  flex: { openai: sourceOf(FLEX) },
};
const lines: string[] = [];
let leftOut = 0;
for (const id of PROVIDERS) {
  const provider = findProvider({ providerId: id });
  if (provider === undefined) throw new Error(`no provider ${id}`);
  for (const model of provider.models) {
    const entry = entryOf(provider, model);
    if (entry === undefined) leftOut++;
    else lines.push(`    ${JSON.stringify(`${id}/${model.id}`)}: ${JSON.stringify(entry)}`);
  }
}
const head =
  `{\n  "asOf": ${JSON.stringify(asOf)},\n` +
  `  "source": "@pydantic/genai-prices ${version} (MIT); batch and flex discounts from the providers' pages",\n` +
  `  "discountSources": ${JSON.stringify(discountSources)},\n  "models": {\n`;
writeFileSync(packageFile("src/prices/prices.json"), `${head}${lines.join(",\n")}\n  }\n}\n`);
console.log(
  `${lines.length} prices of ${PROVIDERS.length} providers; ${leftOut} models without a price per token`,
);

function entryOf(provider: Provider, model: ModelInfo): object | undefined {
  const { prices, note } = currentPrices(model);
  if (prices.input_mtok === undefined) return undefined;
  const discounts = BATCH[provider.id];
  const hasBatch = discounts?.has.test(model.id) && !discounts.hasNot?.test(model.id);
  const hasFlex = provider.id === "openai" && FLEX.has.test(model.id);
  const aliases = namesIn(model.match).filter((name) => name !== model.id);
  return {
    ...baseRates(prices),
    ...(typeof prices.requests_kcount === "number" && { perRequest: prices.requests_kcount / 1000 }),
    ...withTiers(prices),
    ...(hasBatch && { batch: isOlder(model.id) ? UNCACHED : discounts.part }),
    ...(hasFlex && { flex: 0.5 }),
    ...(model.context_window && { context: model.context_window }),
    ...(aliases.length > 0 && { aliases }),
    asOf,
    source: provider.pricing_urls?.[0] ?? provider.name,
    ...(note && { note }),
  };
}

/** The prices in force on the day; of prices by time of day the dearest. */
function currentPrices(model: ModelInfo): { prices: ModelPrice; note?: string } {
  if (!Array.isArray(model.prices)) return { prices: model.prices };
  const byHour = model.prices.filter(({ constraint }) => constraint?.type === "time_of_date");
  if (byHour.length > 0) {
    const input = (prices: ModelPrice) => Math.max(...valuesOf(prices.input_mtok));
    const [dearest] = model.prices.map(({ prices }) => prices).sort((a, b) => input(b) - input(a));
    return { prices: dearest, note: "The price depends on the time of day; this is the dearest." };
  }
  const since = (k: number): string => {
    const { constraint } = (model.prices as { constraint?: { start_date?: string } }[])[k];
    return constraint?.start_date ?? "";
  };
  let last = 0;
  for (let k = 1; k < model.prices.length; k++) if (since(k) <= asOf) last = k;
  const note = since(last) === "" ? undefined : `Since ${since(last)}.`;
  return { prices: model.prices[last].prices, note };
}

function valuesOf(price: ModelPrice[string]): number[] {
  if (price === undefined) return [0];
  return typeof price === "number" ? [price] : [price.base, ...price.tiers.map((tier) => tier.price)];
}

function baseRates(prices: ModelPrice): Partial<Rates> {
  const rates: Partial<Rates> = {};
  for (const [ours, theirs] of OUR_NAMES) {
    const price = prices[theirs];
    if (price !== undefined) rates[ours] = typeof price === "number" ? price : price.base;
  }
  return rates;
}

function withTiers(prices: ModelPrice): { tiers?: Tier[] } {
  const tiers = new Map<number, Tier>();
  for (const [ours, theirs] of OUR_NAMES) {
    const price = prices[theirs];
    if (typeof price !== "object") continue;
    for (const { start, price: rate } of price.tiers) {
      const tier = tiers.get(start) ?? { above: start };
      tiers.set(start, { ...tier, [ours]: rate });
    }
  }
  return tiers.size === 0 ? {} : { tiers: [...tiers.values()].sort((a, b) => a.above - b.above) };
}

/** Exact names in a match rule, and the beginnings that name one version; looser rules are not taken over. */
function namesIn(match: ModelInfo["match"]): string[] {
  if ("or" in match) return [...new Set(match.or.flatMap(namesIn))];
  if ("equals" in match) return [match.equals];
  return "starts_with" in match && !match.starts_with.endsWith("-") ? [match.starts_with] : [];
}
