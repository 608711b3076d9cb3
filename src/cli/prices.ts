import { Option, type Command } from "commander";
import { armOf, type Found, readPrices } from "../prices/table.js";
import { billOf, type Bill } from "../prices/bill.js";
import { MODES, type Mode, type Price } from "../prices/price.js";
import { pricesOption, withCommon, type CommonOptions } from "./common.js";
import type { Io } from "./io.js";
import { numberFrom0 } from "./parse.js";
import { count, dollars } from "../report/format.js";
import { table } from "../report/terminal/table.js";
import { oneLine as plain } from "../text/shown.js";

interface Options extends CommonOptions {
  input?: number;
  output?: number;
  cached?: number;
  cacheWrite?: number;
  cacheWrite1h?: number;
  reasoning?: number;
  mode?: Mode;
  prices?: string;
}

export function addPrices(program: Command, io: Io): void {
  const command = program
    .command("prices")
    .description("list the prices known, or explain what a model's request costs")
    .argument("[model]", "model, provider/model, or MODEL@batch; without it all are listed")
    .option("--input <tokens>", "all input tokens, cached ones included", numberFrom0)
    .option("--output <tokens>", "all output tokens, reasoning included", numberFrom0)
    .option("--cached <tokens>", "of the input: read from the prompt cache", numberFrom0)
    .option("--cache-write <tokens>", "of the input: written to the prompt cache", numberFrom0)
    .option("--cache-write-1h <tokens>", "of the cache writes: kept for an hour", numberFrom0)
    .option("--reasoning <tokens>", "of the output: spent on reasoning", numberFrom0)
    .addOption(new Option("--mode <mode>", "how the request is served").choices([...MODES]))
    .addOption(pricesOption());
  withCommon(command)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm prices gpt-4o --input 12000 --output 400 --cached 8000 --mode batch",
    )
    .action(async (name: string | undefined, options: Options) => {
      const prices = await readPrices(options.prices, { signal: io.signal });
      if (name === undefined) {
        const all = [...prices.user, ...prices.shipped];
        io.out(options.json ? `${JSON.stringify(all)}\n` : listed(all));
        return;
      }
      const { model, mode } = armOf(name);
      const found = prices.find(model);
      const usage = {
        input: options.input ?? 0,
        output: options.output ?? 0,
        cachedInput: options.cached,
        cacheWrite: options.cacheWrite ?? options.cacheWrite1h,
        cacheWrite1h: options.cacheWrite1h,
        reasoning: options.reasoning,
      };
      const isAsked = Object.values(usage).some((tokens) => tokens !== undefined && tokens > 0);
      const bill = isAsked ? billOf(found.price, usage, options.mode ?? mode) : undefined;
      if (options.json) io.out(`${JSON.stringify({ ...found, bill: bill && withoutPrice(bill) })}\n`);
      else io.out(described(found, model) + (bill === undefined ? "" : explained(bill)));
      const { context } = found.price;
      if (!options.quiet && context !== undefined && usage.input + usage.output > context)
        io.err("note: this is more than the model's context\n");
    });
}

function withoutPrice({ total, mode, tier, lines }: Bill) {
  return { total, mode, tier, lines };
}

function listed(prices: readonly Price[]): string {
  const rate = (value: number | undefined): string => (value === undefined ? "-" : String(value));
  return table([
    ["dollars per million tokens", "input", "cached", "output", "batch", "as of"],
    ...prices.map((price) => [
      plain(price.model),
      rate(price.input),
      rate(price.cachedInput),
      rate(price.output),
      price.batch?.input === undefined ? "-" : `× ${price.batch.input}`,
      price.asOf,
    ]),
  ]);
}

const NAMES = {
  input: "input",
  output: "output",
  cachedInput: "cached input",
  cacheWrite: "cache write",
  cacheWrite1h: "cache write, 1 h",
  reasoning: "reasoning",
  perRequest: "request",
} as const;
const KINDS = Object.keys(NAMES) as (keyof typeof NAMES)[];

function described({ price, matched }: Found, asked: string): string {
  const header = ["", "base", ...price.tiers.map(({ above }) => `input > ${count(above)}`)];
  const parts = (["batch", "flex"] as const).filter((mode) => price[mode] !== undefined);
  const kinds = KINDS.filter(
    (kind) => price[kind] !== undefined || price.tiers.some((tier) => tier[kind] !== undefined),
  );
  const cell = (value: number | undefined): string => (value === undefined ? "-" : `$${value}`);
  const rows = kinds.map((kind) => [
    NAMES[kind],
    cell(price[kind]),
    ...price.tiers.map((tier) => cell(tier[kind] ?? price[kind])),
    ...parts.map((mode) => `× ${price[mode]?.[kind] ?? 1}`),
  ]);
  const notes = [
    matched === asked.toLowerCase() ? "" : `${plain(asked)} is priced as ${plain(matched)}.`,
    price.note === undefined ? "" : plain(price.note),
    price.context === undefined ? "" : `Context: ${count(price.context)} tokens.`,
  ].filter((note) => note !== "");
  return (
    `${plain(price.model)}, dollars per million tokens as of ${price.asOf}\n` +
    `${plain(price.source)}\n${notes.map((note) => `${note}\n`).join("")}\n` +
    table([[...header, ...parts], ...rows])
  );
}

function explained({ lines, total, mode, tier, price }: Bill): string {
  const reason = (kind: keyof typeof NAMES, listedAs: keyof typeof NAMES): string =>
    kind === listedAs ? "" : ` (at the ${NAMES[listedAs]} price: no other is listed)`;
  const rows = lines.map(({ kind, tokens, rate, part, listedAs, dollars: sum }) => [
    `${NAMES[kind]}${reason(kind, listedAs)}`,
    kind === "perRequest"
      ? `$${rate}`
      : `${count(tokens)} × $${rate} / 1,000,000${part === 1 ? "" : ` × ${part}`}`,
    `= ${dollars(sum)}`,
  ]);
  const tierText =
    price.tiers.length === 0
      ? ""
      : tier === undefined
        ? ", base tier"
        : `, tier of input > ${count(tier.above)}`;
  return `\n${mode}${tierText}\n` + table([...rows, ["total", "", `= ${dollars(total)}`]]);
}
