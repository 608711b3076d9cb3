import type { Command } from "commander";
import type { Changes } from "../../plan/whatIf.js";
import type { GivenPrices } from "../../prices/given.js";
import { modelFactor, nameTexts, type NewRates } from "../parse.js";

/** Options of commands that can answer "what if". */
export interface ChangeOptions {
  price?: [string, NewRates][];
  scaleCost?: [string, number][];
  without?: string[];
  only?: string[];
}

export function withChanges(command: Command): Command {
  return command
    .option(
      "--scale-cost <model=factor>",
      "what if: multiply a model's costs by this factor (may be repeated)",
      modelFactor,
    )
    .option("--without <models>", "what if: remove these models, separated by commas", nameTexts)
    .option(
      "--only <models>",
      "what if: keep only these models, separated by commas (--models does not read the others at all)",
      nameTexts,
    );
}

/**
 * The changes that were asked for; undefined for none. Of the given prices, those that no file's costs were computed
 * with are changes, and those of costs that rows record.
 */
export function changesOf(
  { price, scaleCost, without, only }: ChangeOptions,
  given?: GivenPrices,
): Changes | undefined {
  const open = given?.open();
  const news = price?.filter(([model]) => open === undefined || open.has(model));
  const changed = news?.length === 0 ? undefined : news;
  return (changed ?? scaleCost ?? without ?? only) ? { price: changed, scaleCost, without, only } : undefined;
}
