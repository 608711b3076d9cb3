import { readFileSync } from "node:fs";
import { InputError } from "../errors.js";
import { packageFile } from "../package.js";
import { readBytes } from "../text/bytes.js";
import { related } from "../text/nearest.js";
import { fileName, oneLine, shown } from "../text/shown.js";
import { fieldsOf, type Fields } from "./fields.js";
import { parsePriceFile } from "./file.js";
import { isLitellmMap, parseLitellmMap } from "./litellm.js";
import { bareName, spelled, spellingsOf } from "./spellings.js";
import { RATES, type BadPrice, type Mode, type Price, type ReadPrices } from "./price.js";

const FILE_LIMIT = 64 * 2 ** 20;
const NAME_LIMIT = 200;

/**
 * Providers that make models. A bare name means a maker's model rather than a host's; if several makers list it, the
 * first.
 */
const MAKERS = [
  "openai",
  "anthropic",
  "google",
  "mistral",
  "cohere",
  "deepseek",
  "x-ai",
  "moonshotai",
  "minimax",
  "perplexity",
  "zai",
  "voyageai",
];

/** A price and the name that matched. */
export interface Found {
  price: Price;
  /** The name that matched; it differs from the name asked for if a date or provider was ignored. */
  matched: string;
}

/**
 * Prices by model name. In order of precedence, a name may be a user's entry, `provider/model`, or a model or alias of
 * the provider that makes it, each with or without a date or `-latest` at its end; otherwise a model of a provider that
 * hosts others' models. `provider:chat:model` (promptfoo) is `provider/model`, and providers may be spelled as other
 * tools do (`grok`, `bedrock`, `vertex_ai`, `togetherai`, …). Case does not matter.
 */
export class PriceTable {
  private readonly own = new Map<string, Price[]>();
  private readonly full = new Map<string, Price[]>();
  private readonly made = new Map<string, Price[]>();
  private readonly hosted = new Map<string, Price[]>();
  private readonly unread: ReadonlyMap<string, string>;

  /**
   * `user` prices override `shipped` ones, also under the other names that the shipped file has for a model. `bad` are
   * the user's entries that could not be read: an error for those who ask for them.
   */
  constructor(
    readonly shipped: readonly Price[],
    readonly user: readonly Price[] = [],
    readonly bad: readonly BadPrice[] = [],
  ) {
    this.unread = new Map(bad.map(({ model, problem }) => [model.toLowerCase(), problem]));
    for (const price of shipped) {
      const { provider, model } = partsOf(price.model);
      for (const name of [model, ...price.aliases]) {
        add(this.full, `${provider}/${name}`, price);
        const before = this.made.get(name.toLowerCase());
        if (!MAKERS.includes(provider)) add(this.hosted, name, price);
        else if (before === undefined || partsOf(before[0].model).provider === provider)
          add(this.made, name, price);
      }
    }
    // Precedence: names of entries, then aliases, then the names of replaced entries.
    for (const price of user) this.own.set(price.model.toLowerCase(), [price]);
    const named = new Set(this.own.keys());
    for (const price of user)
      for (const alias of price.aliases) if (!named.has(alias.toLowerCase())) add(this.own, alias, price);
    for (const price of user) {
      const name = price.model.toLowerCase();
      const replaced = this.full.get(name) ?? this.made.get(name);
      if (replaced?.length !== 1) continue;
      for (const other of [replaced[0].model, ...replaced[0].aliases])
        if (!this.own.has(other.toLowerCase())) add(this.own, other, price);
    }
  }

  /** The same prices, and the given ones in place of the user's entries of the same names. */
  with(given: readonly Price[]): PriceTable {
    const replaced = new Set(given.map(({ model }) => model.toLowerCase()));
    const kept = <T extends { model: string }>(list: readonly T[]): T[] =>
      list.filter(({ model }) => !replaced.has(model.toLowerCase()));
    return new PriceTable(this.shipped, [...kept(this.user), ...given], kept(this.bad));
  }

  /**
   * The price of a model.
   *
   * @throws InputError for an unknown name (the message lists those that are related), for one that several providers
   * list at different prices, and for one whose entry in the user's file could not be read.
   */
  find(name: string): Found {
    const forms = [...formsOf(name)];
    for (const maps of [[this.own, this.full, this.made], [this.hosted]])
      for (const form of forms) {
        const problem = this.unread.get(form);
        if (problem !== undefined)
          throw new InputError(
            `${problem}; mend it, or give ${priceFlag(name.slice(0, NAME_LIMIT), "IN", "OUT")}`,
            {
              model: name.slice(0, NAME_LIMIT),
            },
          );
        for (const map of maps) {
          const found = map.get(form);
          if (found !== undefined) return { price: theOne(found, name), matched: form };
        }
      }
    throw this.unknown(name);
  }

  private unknown(name: string): InputError {
    const asked = name.slice(0, NAME_LIMIT);
    const none = `no price of model ${shown(name)} is known`;
    const bare = bareName(asked.trim().toLowerCase());
    const maker = (this.made.get(bare) ?? this.made.get(undated(bare)))?.[0];
    if (maker !== undefined && spelled(asked.toLowerCase()) !== undefined)
      return new InputError(
        `${none}; its maker's is ${shown(maker.model)}: if that holds, give ${priceFlag(asked, maker.input, maker.output ?? 0)}, or an alias in a price file`,
        { model: asked, nearest: [maker.model] },
      );
    const names = new Set([
      ...this.user.map(({ model }) => model),
      ...this.made.keys(),
      ...this.hosted.keys(),
    ]);
    const close = related(asked, [...names], 5);
    const list = close.length === 0 ? "none" : close.map(shown).join(", ");
    return new InputError(`${none}; nearest names: ${list} (optllm prices lists all)`, {
      model: asked,
      nearest: close,
    });
  }
}

/** The option that gives a model a price, to paste into a shell: `--price 'my-model=2.5/10'`. */
export function priceFlag(model: string, input: number | "IN", output: number | "OUT"): string {
  return `--price '${oneLine(model).replaceAll("'", `'\\''`)}=${input}/${output}'`;
}

/** A model's name and how it is served: `gpt-4o@batch` is `gpt-4o` in a batch. */
export function armOf(name: string): { model: string; mode: Mode } {
  const arm = /^(.+)@(batch|flex)$/s.exec(name);
  return arm === null ? { model: name, mode: "standard" } : { model: arm[1], mode: arm[2] as Mode };
}

/**
 * The shipped prices, overridden by those of the user's file if one is given. The file is in OptLLM's own format or a
 * LiteLLM price map, recognised by its content; "-" is standard input. An entry that cannot be read is in
 * `bad`, and refuses only those who ask for it.
 *
 * @throws InputError naming the file and what is wrong in it.
 */
export async function readPrices(path?: string, options: { signal?: AbortSignal } = {}): Promise<PriceTable> {
  if (path === undefined) return new PriceTable(shippedPrices());
  const { prices, bad } = await readPriceFile(path, options.signal);
  return new PriceTable(shippedPrices(), prices, bad);
}

let shipped: Price[] | undefined;

function shippedPrices(): Price[] {
  const name = "prices.json";
  const file = (): Fields => JSON.parse(readFileSync(packageFile(`src/prices/${name}`), "utf8")) as Fields;
  return (shipped ??= parsePriceFile(file(), name).prices);
}

async function readPriceFile(path: string, signal?: AbortSignal): Promise<ReadPrices> {
  const name = fileName(path);
  const chunks: Buffer[] = [];
  let bytes = 0;
  for await (const chunk of readBytes(path, { signal })) {
    bytes += chunk.length;
    if (bytes > FILE_LIMIT) throw new InputError(`${name} is larger than 64 MiB; expected a price file`);
    chunks.push(Buffer.from(chunk));
  }
  let value: unknown;
  try {
    value = JSON.parse(Buffer.concat(chunks).toString("utf8"));
  } catch {
    throw new InputError(`${name} is not valid JSON; expected a price file`, { file: name });
  }
  const file = fieldsOf(value, name);
  if (isLitellmMap(file)) return parseLitellmMap(file, name, new Date().toISOString().slice(0, 10));
  if (file.models !== undefined) return parsePriceFile(file, name);
  throw new InputError(
    `${name} is neither a price file ({"asOf", "source", "models"}) nor a LiteLLM price map ({model: {"input_cost_per_token"}})`,
    { file: name },
  );
}

function add(map: Map<string, Price[]>, name: string, price: Price): void {
  const key = name.toLowerCase();
  const prices = map.get(key);
  if (prices === undefined) map.set(key, [price]);
  else if (!prices.includes(price)) prices.push(price);
}

function partsOf(name: string): { provider: string; model: string } {
  const slash = name.indexOf("/");
  return { provider: name.slice(0, slash), model: name.slice(slash + 1) };
}

/** A model's name without a date or `-latest` at its end. */
export function undated(name: string): string {
  return name.replace(/([-@]20\d\d-?[01]\d-?[0-3]\d|-latest)$/, "");
}

/** The names to try, in order. */
function* formsOf(name: string): Generator<string> {
  if (name.length > NAME_LIMIT) return;
  const key = name.trim().toLowerCase();
  const parts = spelled(key);
  for (const form of new Set([key, ...(parts === undefined ? [] : spellingsOf(parts))])) {
    yield form;
    const bare = undated(form);
    if (bare !== form) yield bare;
  }
}

function theOne(prices: readonly Price[], name: string): Price {
  if (prices.every((price) => hasSameRates(price, prices[0]))) return prices[0];
  const names = prices.map(({ model }) => model);
  throw new InputError(
    `several providers list ${shown(name)} at different prices; name one: ${names.slice(0, 8).map(shown).join(", ")}`,
    { model: name, names },
  );
}

function hasSameRates(a: Price, b: Price): boolean {
  return RATES.every((rate) => a[rate] === b[rate]) && JSON.stringify(a.tiers) === JSON.stringify(b.tiers);
}
