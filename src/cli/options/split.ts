import { Option, type Command } from "commander";
import type { Part } from "../../plan/rows.js";
import { part, wholeNumber } from "../parse.js";

/** What a command understands that splits labelled rows. */
export interface SplitOptions {
  train: Part;
  validation: Part;
  repeats: number;
  distinct?: boolean;
}

export function withSplit(command: Command, mostRepeats: number): Command {
  const partOption = (flags: string, description: string): Option =>
    new Option(flags, description).argParser(part).default({ share: 0.05 }, "5%");
  return command
    .addOption(partOption("--train <part>", "rows that predictors are fitted to: 1%, 0.01 or 200"))
    .addOption(partOption("--validation <part>", "rows on which the settings are chosen"))
    .option("--repeats <n>", "number of random splits to try", wholeNumber(1, mostRepeats), 1)
    .option("--distinct", "keep rows with equal texts on the same side of the split");
}
