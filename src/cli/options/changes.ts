import type { Command } from "commander";
import type { NewRates } from "../../prices/ownPrices.js";
import { modelFactor, nameTexts } from "../parse.js";

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
