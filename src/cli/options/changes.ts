import type { Command } from "commander";
import type { Changes } from "../../plan/whatIf.js";
import { modelFactor, modelPrice, names } from "../parse.js";

/** Options of commands that can answer "what if". */
export interface ChangeOptions {
  price?: [string, { input: number; output: number }][];
  scaleCost?: [string, number][];
  without?: string[];
  only?: string[];
}

export function withChanges(command: Command): Command {
  return command
    .option(
      "--price <model=in/out>",
      "what if: a model's new price, in dollars per million input and output tokens (may be repeated)",
      modelPrice,
    )
    .option(
      "--scale-cost <model=factor>",
      "what if: multiply a model's costs by this factor (may be repeated)",
      modelFactor,
    )
    .option("--without <models>", "what if: remove these models, separated by commas", names)
    .option(
      "--only <models>",
      "what if: keep only these models, separated by commas (--models does not read the others at all)",
      names,
    );
}

/** The changes that were asked for; undefined for none. */
export function changesOf({ price, scaleCost, without, only }: ChangeOptions): Changes | undefined {
  return (price ?? scaleCost ?? without ?? only) ? { price, scaleCost, without, only } : undefined;
}
