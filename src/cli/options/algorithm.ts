import { Option, type Command } from "commander";
import { ALGORITHMS, type Algorithm } from "../../solve/front.js";
import { wholeNumber } from "../parse.js";

/** What a command that solves understands. */
export interface AlgorithmOptions {
  algorithm: Algorithm;
  gridNumber: number;
}

export function withAlgorithm(command: Command): Command {
  return command
    .addOption(
      new Option("--algorithm <name>", "the whole exact front, or the points that the paper's OptLLM-M finds")
        .choices([...ALGORITHMS])
        .default("exact"),
    )
    .option(
      "--grid-number <n>",
      "for --algorithm optllm: find at most twice this many points",
      wholeNumber(1, 1e6),
      50,
    );
}
