import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { createRun, PART_FORMATS, type RunOptions } from "../../../cluster/run.js";
import { BATCH_TARGETS } from "../../../write/batches/exportBatches.js";
import type { Io } from "../../io.js";
import { withChanges, type ChangeOptions } from "../../options/changes.js";
import { modelsOption, queryColumnOption } from "../../options/fitting.js";
import { targetOf, withTarget, type TargetOptions } from "../../options/target.js";
import { splitNames, wholeNumber } from "../../parse.js";
import { carryOn, withCarrying, type CarryOptions } from "./carryOn.js";

interface Options
  extends
    CarryOptions,
    TargetOptions,
    Pick<ChangeOptions, "scaleCost" | "without" | "only">,
    Pick<
      RunOptions,
      "predictorFile" | "queryColumn" | "prices" | "predictCost" | "shardRows" | "format" | "export"
    > {
  output: string;
  pieceMib?: number;
  models?: string[];
}

export function addPlan(cluster: Command, io: Io, setExitCode: (code: number) => void): void {
  const command = withTarget(
    cluster
      .command("plan")
      .description("plan a workload in parts, and wait for it")
      .argument("<inputs...>", "files or folders of rows, or NAME.cost.npy beside NAME.probability.npy"),
  );
  withChanges(command)
    .requiredOption("-o, --output <folder>", "new folder of the run, which all workers see")
    .option("--predictor-file <file>", "a predictor saved by `optllm fit`")
    .addOption(modelsOption())
    .addOption(queryColumnOption())
    .option("--predict-cost", "predict every missing cost (default: only those of models without any cost)")
    .option("--prices <file>", "price file or LiteLLM map that overrides the built-in prices")
    .option(
      "--piece-mib <n>",
      "cut files larger than this many MiB into parts of about this size (default: 128); never changes a result",
      wholeNumber(1, 2 ** 14),
    )
    .option(
      "--shard-rows <n>",
      "rows of a shard when solving (default: 2,000,000); never changes a result",
      wholeNumber(1, 2 ** 24),
    )
    .addOption(
      new Option("--format <format>", "format of the allocation's parts")
        .choices([...PART_FORMATS])
        .default("jsonl"),
    )
    .addOption(
      new Option(
        "--export <target>",
        "also write batch files for each input, and plan at batch prices",
      ).choices([...BATCH_TARGETS]),
    );
  withCarrying(command)
    .addHelpText(
      "after",
      "\nWithout --queue the steps run on threads of this process." +
        "\n\nExample:\n  $ optllm cluster plan parts --predictor-file predictor.optllm --budget 5 -o run1",
    )
    .action(async (inputs: string[], options: Options) => {
      const folder = resolve(options.output);
      await createRun(folder, runOptions(inputs, options, targetOf(command, options)));
      await carryOn(folder, options, io, setExitCode);
    });
}

function runOptions(inputs: string[], options: Options, target: RunOptions["target"]): RunOptions {
  const { predictorFile, queryColumn, prices, predictCost, shardRows, format } = options;
  const namesOf = (texts: string[] | undefined): string[] | undefined => texts?.flatMap(splitNames);
  const { scaleCost } = options;
  const [models, without, only] = [options.models, options.without, options.only].map(namesOf);
  const isChanged = (scaleCost ?? without ?? only) !== undefined;
  return {
    ...{ inputs, target, predictorFile, queryColumn, prices, predictCost, shardRows, format, models },
    export: options.export,
    pieceBytes: options.pieceMib === undefined ? undefined : options.pieceMib * 2 ** 20,
    ...(isChanged && { changes: { scaleCost, without, only } }),
  };
}
