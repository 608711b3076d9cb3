import { Option, type Command } from "commander";
import { ALGORITHMS, type Algorithm } from "../../solve/front.js";
import { wholeNumber } from "../parse.js";

/** Options of commands that solve. */
export interface AlgorithmOptions {
  algorithm: Algorithm;
  gridNumber: number;
}

export function withAlgorithm(command: Command): Command {
  return command
    .addOption(
      new Option(
        "--algorithm <name>",
        "exact: the whole front; optllm: the points found by the paper's OptLLM-M",
      )
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
