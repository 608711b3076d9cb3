import { Option, type Command } from "commander";
import { USUAL_PART, type Part } from "../../plan/rows.js";
import { part, wholeNumber } from "../parse.js";

/** Options of commands that split labelled rows. */
export interface SplitOptions {
  train: Part;
  validation: Part;
  repeats: number;
  distinct?: boolean;
}

export function withSplit(command: Command, mostRepeats: number): Command {
  const partOption = (flags: string, description: string): Option =>
    new Option(flags, description)
      .argParser(part)
      .default(USUAL_PART, "5%, at least 100 rows or a quarter of them");
  return command
    .addOption(
      partOption("--train <part>", "rows to fit the predictor to: a share (1%, 0.01) or a number (200)"),
    )
    .addOption(partOption("--validation <part>", "rows for choosing the predictor's settings"))
    .option("--repeats <n>", "number of random splits to try", wholeNumber(1, mostRepeats), 1)
    .option("--distinct", "keep rows with equal texts on the same side of the split");
}
