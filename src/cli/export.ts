import { InvalidArgumentError, Option, type Command } from "commander";
import {
  EXPORT_TARGETS,
  exportAllocation,
  type Exported,
  type ExportTarget,
} from "../write/targets/exportAllocation.js";
import type { Io } from "./io.js";
import { withCommon, type CommonOptions } from "./options/common.js";
import { names, wholeNumber } from "./parse.js";
import { showing } from "./running.js";
import { count, dollars } from "../text/amounts.js";
import { oneLine } from "../text/shown.js";
import { table } from "../report/terminal/table.js";

interface Options extends CommonOptions {
  allocation: string;
  work?: string;
  to: ExportTarget;
  output?: string;
  models?: string[];
  as?: Map<string, string>;
  maxTokens?: number;
  group?: string;
  maxRequests?: number;
  maxBytes?: number;
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
      new Option("--to <target>", "what to write").choices([...EXPORT_TARGETS]).makeOptionMandatory(),
    )
    .option("-o, --output <path>", "a new folder for batch files, a file for other targets (default: stdout)")
    .option("--models <names>", "only requests of these models, separated by commas", names)
    .option("--as <model=name>", "the name of a model in the requests (may be repeated)", renamed)
    .option(
      "--max-tokens <n>",
      "Anthropic: max_tokens of requests that have none (default: 4096)",
      wholeNumber(1, 1e7),
    )
    .option("--group <name>", "LiteLLM: the model name that callers use (default: optllm)")
    .option(
      "--max-requests <n>",
      "maximum number of requests in a batch file (default: the API's limit)",
      wholeNumber(1, 1e9),
    )
    .option(
      "--max-bytes <n>",
      "maximum size of a batch file (default: the API's limit)",
      wholeNumber(1, 1e12),
    );
  withCommon(command)
    .addHelpText(
      "after",
      "\nExample:\n  $ optllm solve work.jsonl --labels sample.jsonl --budget 5 -o allocation.jsonl" +
        "\n  $ optllm export --allocation allocation.jsonl --work work.jsonl --to openai-batch -o batches",
    )
    .action((options: Options) => run(options, io));
}

async function run(options: Options, io: Io): Promise<void> {
  const { to, allocation, work, output, models, maxTokens, group } = options;
  const exported = await showing(io, options, (progress) =>
    exportAllocation(to, allocation, work, output, {
      ...{ models, sentAs: options.as, maxTokens, group },
      limits: { requests: options.maxRequests, bytes: options.maxBytes },
      ...{ signal: io.signal, onProgress: progress.update },
    }),
  );
  const isStdout = output === undefined || output === "-";
  if (isStdout) return;
  if (options.json) io.out(`${JSON.stringify(exported.manifest ?? exported)}\n`);
  else io.out(describeExport(exported, output));
}

/** `model=name`, added to those before. */
export function renamed(text: string, before: Map<string, string> = new Map()): Map<string, string> {
  const at = text.lastIndexOf("=");
  if (at < 1 || at === text.length - 1) throw new InvalidArgumentError("expected MODEL=NAME.");
  return before.set(text.slice(0, at), text.slice(at + 1));
}

export function describeExport({ manifest, requests }: Exported, output: string): string {
  const written = `${count(requests)} requests written to ${output}\n`;
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
