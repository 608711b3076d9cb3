import { Option, type Command } from "commander";
import { batchArgument, type BatchArgument } from "../parse.js";

export interface BatchOptions {
  batch?: BatchArgument;
  deadlineColumn?: string;
}

export function withBatches(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--batch [model[=part]]",
        "alone: all requests go to batches, at batch prices; with a model, also offer it through its batch API, at this fraction of its cost (default: from the price table); may be repeated",
      )
        .preset("")
        .argParser(batchArgument),
    )
    .option(
      "--deadline-column <name>",
      "with --batch: column of the hours that each query can wait; a batch takes 24 (default: deadline_hours, if present)",
    );
}

export function checkBatches(command: Command, { batch, deadlineColumn }: BatchOptions): void {
  if (deadlineColumn !== undefined && batch === undefined)
    command.error("error: --deadline-column needs --batch");
}
