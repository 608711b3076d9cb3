import { InvalidArgumentError, Option, type Command } from "commander";
import {
  EXPORT_TARGETS,
  exportAllocation,
  type Exported,
  type ExportTarget,
} from "../../write/targets/exportAllocation.js";
import { readAllocation } from "../../rows/allocation.js";
import type { ExportOptions } from "../../write/targets/options.js";
import { isBatch } from "../../write/batches/exportBatches.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { withCommon, type CommonOptions } from "../options/common.js";
import { note, skipBadRowsOption } from "../options/fitting.js";
import { settleNames } from "../../rows/modelNames.js";
import { nameTexts, wholeNumber } from "../parse.js";
import { showing } from "../running.js";
import { count, dollars } from "../../text/amounts.js";
import { oneLine } from "../../text/shown.js";
import { table } from "../../report/terminal/table.js";

/** Options of batch files. */
export interface BatchFileOptions {
  as?: Map<string, string>;
  maxTokens?: number;
  maxRequests?: number;
  maxBytes?: number;
  maxEnqueuedTokens?: number;
}

interface Options extends CommonOptions, BatchFileOptions {
  allocation: string;
  work?: string;
  to: ExportTarget;
  output?: string;
  models?: string[];
  without?: string[];
  group?: string;
  skipBadRows?: boolean;
}

/** `prefix`: what the options need. */
export function withBatchFiles(command: Command, prefix = ""): Command {
  return command
    .option("--as <model=name>", `${prefix}the name of a model in the requests (may be repeated)`, renamed)
    .option(
      "--max-tokens <n>",
      `${prefix}max_tokens of requests to Anthropic that have none (default: 4096)`,
      wholeNumber(1, 1e7),
    )
    .option(
      "--max-requests <n>",
      `${prefix}maximum number of requests in a batch file (default: the API's limit)`,
      wholeNumber(1, 1e9),
    )
    .option(
      "--max-bytes <n>",
      `${prefix}maximum size of a batch file (default: the API's limit)`,
      wholeNumber(1, 1e12),
    )
    .option(
      "--max-enqueued-tokens <n>",
      `${prefix}maximum number of input tokens in a batch file, such as your account's limit for a model`,
      wholeNumber(1, 1e12),
    );
}

/** The options as `exportAllocation` takes them. */
export function batchFilesOf(options: BatchFileOptions): ExportOptions {
  const { as, maxTokens, maxRequests, maxBytes, maxEnqueuedTokens } = options;
  return {
    sentAs: as,
    maxTokens,
    limits: { requests: maxRequests, bytes: maxBytes, tokens: maxEnqueuedTokens },
  };
}

export function addExport(program: Command, io: Io): void {
  const command = program
    .command("export")
    .description("write an allocation as batch files, predictions or a gateway's configuration")
    .requiredOption(
      "--allocation <file>",
      "the allocation, as written by `optllm solve -o` in any of its formats",
    )
    .option(
      "--work <file>",
      "the requests: OpenAI Batch input, or rows with id and query (CSV, JSONL or Parquet)",
    )
    .addOption(
      new Option("--to <target>", "what to write; batch: files for the API of each model's vendor")
        .choices([...EXPORT_TARGETS])
        .makeOptionMandatory(),
    )
    .option("-o, --output <path>", "a new folder for batch files, a file for other targets (default: stdout)")
    .option("--models <names>", "only requests of these models, separated by commas", nameTexts)
    .option("--without <models>", "leave out the requests of these models, separated by commas", nameTexts)
    .option("--group <name>", "LiteLLM: the model name that callers use (default: optllm)");
  withBatchFiles(command.addOption(skipBadRowsOption("rows of the work")), "batch files: ");
  withCommon(command)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl" +
        "\n  $ optllm export --allocation allocation.jsonl --work work.jsonl --to batch -o batches",
    )
    .action((options: Options) => run(options, io));
}

async function run(options: Options, io: Io): Promise<void> {
  const { to, allocation, work, output, group } = options;
  const outputs = isBatch(to) ? [[], [output]] : [[output], []];
  await checkOutputs(outputs[0], [allocation, work], outputs[1]);
  await settleNames(options, [], io, async () => (await readAllocation(allocation, io)).models);
  const { models, without, skipBadRows } = options;
  const exported = await showing(io, options, (progress) =>
    exportAllocation(to, allocation, work, output, {
      ...{ models, without, group, skipBadRows, ...batchFilesOf(options) },
      ...{ signal: io.signal, onProgress: progress.update, onNote: (text) => note(progress, text) },
    }),
  );
  const isStdout = output === undefined || output === "-";
  if (isStdout) return;
  if (options.json) io.out(`${JSON.stringify({ ...(exported.manifest ?? exported), output })}\n`);
  else io.out(describeExport(exported, output));
}

/** `model=name`, added to those before. */
export function renamed(text: string, before: Map<string, string> = new Map()): Map<string, string> {
  const at = text.lastIndexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("expected MODEL=NAME.");
  return before.set(text.slice(0, at), text.slice(at + 1));
}

export function describeExport({ manifest, requests }: Exported, output: string): string {
  const written = `${count(requests)} requests written to ${oneLine(output)}\n`;
  if (manifest === undefined) return written;
  const rows = manifest.files.map((part) => [
    part.file,
    oneLine(part.sentAs),
    count(part.requests),
    count(part.bytes),
    dollars(part.expectedCost),
  ]);
  const total = ["total", "", count(requests), "", dollars(manifest.expectedCost)];
  const { leftOut } = manifest;
  return (
    table([["file", "model", "requests", "bytes", "expected cost"], ...rows, total]) +
    (leftOut > 0 ? `${count(leftOut)} requests of other models left out\n` : "") +
    written
  );
}
