import { resolve } from "node:path";
import { Option, type Command } from "commander";
import { PART_FORMATS, type RunOptions } from "../../../cluster/options.js";
import { createRun } from "../../../cluster/run.js";
import { fitPredictor } from "../../../plan/predictProblem.js";
import type { Predictor } from "../../../predict/predictor.js";
import { shellLine } from "../../../report/origin.js";
import { settleNames } from "../../../rows/modelNames.js";
import { vectorConflict } from "../../../rows/vectors.js";
import { messageLine } from "../../../text/shown.js";
import { BATCH_TARGETS } from "../../../write/batches/exportBatches.js";
import type { Io } from "../../io.js";
import { checkBatches, withBatches, type BatchOptions } from "../../options/batch.js";
import { withChanges, type ChangeOptions } from "../../options/changes.js";
import { limitsOf, withConstraints, type ConstraintOptions } from "../../options/constraints.js";
import {
  fittingOf,
  labelledReading,
  readingOf,
  withFitting,
  type FittingOptions,
} from "../../options/fitting.js";
import { knownPrices, withPrices, type PriceOptions } from "../../options/prices.js";
import { modelsOf, withSource, type SourceOptions } from "../../options/source.js";
import { targetOf, withTarget, type TargetOptions } from "../../options/target.js";
import { readRows } from "../../options/vectors.js";
import { wholeNumber } from "../../parse.js";
import { running } from "../../running.js";
import { batchFilesOf, withBatchFiles, type BatchFileOptions } from "../export.js";
import { carryOn, queueOption, type CarryOptions } from "./carryOn.js";

interface Options
  extends
    CarryOptions,
    FittingOptions,
    TargetOptions,
    ChangeOptions,
    PriceOptions,
    BatchOptions,
    BatchFileOptions,
    ConstraintOptions,
    Pick<SourceOptions, "labels" | "vectorColumns" | "vectorsAdd">,
    Pick<
      RunOptions,
      "predictCost" | "shardRows" | "format" | "export" | "livePrices" | "policyOut" | "skipBadRows"
    > {
  output: string;
  pieceMib?: number;
}

export function addPlan(
  cluster: Command,
  io: Io,
  argv: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const command = withTarget(
    cluster
      .command("plan")
      .description("plan a workload in parts, and wait for it")
      .argument("<inputs...>", "files or folders of rows, or NAME.cost.npy beside NAME.probability.npy")
      .requiredOption("-o, --output <folder>", "new folder of the run, which all workers see"),
  );
  withFitting(withPrices(withChanges(withConstraints(withParts(withSource(command))))), "rows of the work")
    .addOption(queueOption())
    .addHelpText(
      "after",
      "\nWithout --queue the steps run on threads of this process. --labels is fitted here, as `optllm fit` does, before the" +
        "\nsteps begin; the predictor is kept in the run's folder." +
        "\n\nExample:\n  $ optllm cluster plan parts --predictor-file predictor.optllm --budget 5 -o run1",
    )
    .action(async (inputs: string[], options: Options) => {
      const target = targetOf(command, options);
      checkSources(command, options);
      const folder = resolve(options.output);
      await settleNames(options, [options.labels], io, () => modelsOf(options));
      const limits = await limitsOf(options);
      const onNote = (text: string): void => io.err(`note: ${messageLine(text)}\n`);
      const run = { ...runOptions(inputs, options, target), limits, fit: fitOf(options, io), onNote };
      const line = shellLine(["optllm", ...withoutQueue(argv)]);
      await carryOn(folder, () => createRun(folder, { ...run, command: line }), options, io, setExitCode);
    });
}

/** Options of how the work is read in parts, and what is written. */
function withParts(command: Command): Command {
  command
    .option(
      "--vector-columns <prefix>",
      "predict from the numeric columns whose names begin with this prefix",
    )
    .option(
      "--vectors-add",
      "with --labels: predict from the texts and the vectors, as far as vectors help on held-out rows",
    )
    .option("--predict-cost", "predict every missing cost (default: only those of models without any cost)");
  withBatches(command)
    .option(
      "--piece-mib <n>",
      "cut files larger than this many MiB into parts of about this size (default: 1/32 of all, 32 to 128); never changes a result",
      wholeNumber(1, 2 ** 14),
    )
    .option(
      "--shard-rows <n>",
      "rows of a shard when solving (default: 1/16 of all, 2,000,000 at most); never changes a result",
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
    )
    .option("--live-prices", "with --export: plan at live prices (default: at batch prices)")
    .option(
      "--policy-out <file>",
      "also write the policy (λ, models) by which a service decides single requests as this plan does",
    );
  return withBatchFiles(command, "with --export: ");
}

function checkSources(command: Command, options: Options): void {
  const { labels, predictorFile, featureColumns } = options;
  const fail = (problem: string): void => command.error(`error: ${problem}`);
  if (labels !== undefined && predictorFile !== undefined) fail("give one of --labels and --predictor-file");
  if (labels === undefined && featureColumns !== undefined)
    fail("--feature-columns needs --labels; a saved predictor has its own columns");
  checkBatches(command, options);
  const conflict = vectorConflict(options);
  if (conflict !== undefined) fail(conflict);
}

/** Fits the predictor to the labelled rows, as `optllm fit` does; undefined without any. */
function fitOf(options: Options, io: Io): (() => Promise<Predictor>) | undefined {
  const { labels } = options;
  if (labels === undefined) return undefined;
  return async () => {
    const { price, given } = await knownPrices(options, io);
    return running(io, options, async (progress, pool) => {
      const reading = { ...readingOf(options, io, progress), price, given, recorded: "try" as const };
      const sample = await readRows(labels, labelledReading(reading, options), options);
      return fitPredictor(sample, [], { ...fittingOf(options), ...reading, pool });
    });
  };
}

/** The typed words without the queue's address, which may hold a password and changes nothing. */
function withoutQueue(argv: readonly string[]): string[] {
  return argv.filter((word, k) => !/^--queue(=|$)/.test(word) && argv[k - 1] !== "--queue");
}

function runOptions(inputs: string[], options: Options, target: RunOptions["target"]): RunOptions {
  const { predictorFile, queryColumn, where, vectorColumns, prices, price, predictCost, models } = options;
  const { shardRows, pieceMib, format, skipBadRows, livePrices, policyOut } = options;
  const { scaleCost, without, only, batch, deadlineColumn } = options;
  const isChanged = (scaleCost ?? without ?? only) !== undefined;
  return {
    ...{ inputs, target, predictorFile, queryColumn, where, vectorColumns, prices, price, predictCost },
    ...{ shardRows, format, models, skipBadRows, livePrices, policyOut },
    export: options.export,
    pieceBytes: pieceMib === undefined ? undefined : pieceMib * 2 ** 20,
    ...(isChanged && { changes: { scaleCost, without, only } }),
    ...(batch && {
      batch: {
        ...{ every: batch.every, deadlineColumn },
        models: [...batch.models].map(([model, part]) => [model, part ?? null] as const),
      },
    }),
    batchFiles: batchFilesIn(options),
  };
}

/** Undefined where none is given, so that one without --export is refused. */
function batchFilesIn(options: BatchFileOptions): RunOptions["batchFiles"] {
  const { sentAs, maxTokens, limits } = batchFilesOf(options);
  const isGiven = [sentAs, maxTokens, ...Object.values(limits ?? {})].some((value) => value !== undefined);
  return isGiven ? { maxTokens, limits, ...(sentAs && { sentAs: [...sentAs] }) } : undefined;
}
