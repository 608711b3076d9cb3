import { Option, type Command } from "commander";
import { armOf } from "../../prices/table.js";
import { billOf, type Bill } from "../../prices/bill.js";
import { MODES, type Mode } from "../../prices/price.js";
import { withCommon, type CommonOptions } from "../options/common.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";
import type { Io } from "../io.js";
import { numberFrom0 } from "../parse.js";
import { billTable, priceList, priceTable } from "../priceTables.js";

interface Options extends CommonOptions, PriceOptions {
  input?: number;
  output?: number;
  cached?: number;
  cacheWrite?: number;
  cacheWrite1h?: number;
  reasoning?: number;
  mode?: Mode;
}

export function addPrices(program: Command, io: Io): void {
  const command = program
    .command("prices")
    .description("list the known prices, or explain the cost of a request to a model")
    .argument("[model]", "model, provider/model or MODEL@batch (default: list all models)")
    .option("--input <tokens>", "all input tokens, including cached ones", numberFrom0)
    .option("--output <tokens>", "all output tokens, including reasoning", numberFrom0)
    .option("--cached <tokens>", "input tokens read from the prompt cache", numberFrom0)
    .option("--cache-write <tokens>", "input tokens written to the prompt cache", numberFrom0)
    .option("--cache-write-1h <tokens>", "cache writes that are kept for an hour", numberFrom0)
    .option("--reasoning <tokens>", "output tokens spent on reasoning", numberFrom0)
    .addOption(new Option("--mode <mode>", "how the request is served").choices([...MODES]));
  withCommon(withPrices(command))
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm prices gpt-4o --input 12000 --output 400 --cached 8000 --mode batch",
    )
    .action((name: string | undefined, options: Options) => run(name, options, io));
}

async function run(name: string | undefined, options: Options, io: Io): Promise<void> {
  const { table: prices } = await knownPrices(options, io);
  if (name === undefined) {
    const all = [...prices.user, ...prices.shipped];
    io.out(options.json ? `${JSON.stringify(all)}\n` : priceList(all));
    return;
  }
  const { model, mode } = armOf(name);
  const found = prices.find(model);
  const usage = usageOf(options);
  const isAsked = Object.values(usage).some((tokens) => tokens !== undefined && tokens > 0);
  const bill = isAsked ? billOf(found.price, usage, options.mode ?? mode) : undefined;
  if (options.json) io.out(`${JSON.stringify({ ...found, bill: bill && withoutPrice(bill) })}\n`);
  else io.out(priceTable(found, model) + (bill === undefined ? "" : billTable(bill)));
  const { context } = found.price;
  if (!options.quiet && context !== undefined && usage.input + usage.output > context)
    io.err("note: the request is longer than the model's context\n");
}

function usageOf({ input = 0, output = 0, cached, cacheWrite, cacheWrite1h, reasoning }: Options) {
  return {
    input,
    output,
    cachedInput: cached,
    cacheWrite: cacheWrite ?? cacheWrite1h,
    cacheWrite1h,
    reasoning,
  };
}

function withoutPrice({ total, mode, tier, lines }: Bill) {
  return { total, mode, tier, lines };
}
