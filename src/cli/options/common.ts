import { Option, type Command } from "commander";
import { wholeNumber } from "../parse.js";

/** Options of every command. */
export interface CommonOptions {
  quiet?: boolean;
  json?: boolean;
}

export function withCommon(command: Command): Command {
  return command
    .option("--json", "print the result as JSON for programs")
    .option("-q, --quiet", "print no progress and no notes on stderr");
}

/** The files that hold rows, for help texts. */
export const ROW_FILES = "CSV, JSONL, Parquet or another tool's results";

export function threadsOption(): Option {
  return new Option("--threads <n>", "number of threads (default: one per processor)").argParser(
    wholeNumber(1, 256),
  );
}

export function seedOption(): Option {
  return new Option("--seed <n>", "seed of all random choices")
    .argParser(wholeNumber(0, 2 ** 31 - 1))
    .default(1);
}

export function groupOption(): Option {
  return new Option(
    "--group <column>",
    "also report cost, accuracy and shares for each value of this column",
  );
}
