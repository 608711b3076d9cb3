import type { Command } from "commander";
import { count, dollars } from "../../text/amounts.js";
import { oneLine, shown } from "../../text/shown.js";
import { collectAnswers, type Collected, type Counted } from "../../write/collect/collect.js";
import { filesOf } from "../../write/collect/exported.js";
import { outputFormat } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { withCommon, type CommonOptions } from "../options/common.js";
import { skipBadRowsOption } from "../options/fitting.js";
import { knownPrices, withPrices, type PriceOptions } from "../options/prices.js";

interface Options extends CommonOptions, PriceOptions {
  output?: string;
  skipBadRows?: boolean;
}

export function addCollect(program: Command, io: Io): void {
  const command = program
    .command("collect")
    .description("join the answers of all batches of an export into one file, in the order of the work")
    .argument("<export>", "the folder that export or solve --export wrote, or its manifest.json")
    .argument("<answers...>", "files of answers and errors as the APIs return them, or folders of them")
    .option("-o, --output <file>", "the answers: .jsonl, also .gz (default: stdout)")
    .addOption(skipBadRowsOption("lines of answers"));
  withCommon(withPrices(command))
    .addHelpText(
      "after",
      "\nEach row has id, model, text, finish, usage, cost in dollars at batch prices, and error." +
        "\nWith -o the counts go to stdout, as JSON with --json; without it to stderr." +
        "\n\nExample:\n  $ optllm collect batches openai-output.jsonl openai-errors.jsonl anthropic-results.jsonl -o answers.jsonl",
    )
    .action((path: string, answers: string[], options: Options) => run(path, answers, options, io));
}

async function run(path: string, answers: string[], options: Options, io: Io): Promise<void> {
  const { output, skipBadRows } = options;
  outputFormat(output, ["jsonl"]);
  await checkOutputs([output], [...answers, options.prices]);
  await checkOutputs([output], await filesOf(path));
  const { table: prices } = await knownPrices(options, io);
  const collected = await collectAnswers(path, answers, output, { prices, skipBadRows, signal: io.signal });
  if (output === undefined || output === "-") {
    if (!options.quiet) io.err(describe(collected));
  } else if (options.json) io.out(`${JSON.stringify({ ...collected, output })}\n`);
  else io.out(`${describe(collected)}answers written to ${oneLine(output)}\n`);
}

function describe(collected: Collected): string {
  const { requests, answered, failed, missing, duplicates, unknown, unpriced, skipped, cost, expectedCost } =
    collected;
  const expected = expectedCost === null ? "" : `; the plan expected ${dollars(expectedCost)}`;
  const line = (what: string, found: Counted): string =>
    found.count === 0 ? "" : `  ${count(found.count)} ${what} (${listed(found)})\n`;
  return (
    `${count(answered)} of ${count(requests)} requests answered for ${dollars(cost)}${expected}\n` +
    line("failed", failed) +
    line("without any answer", missing) +
    line("answered again, left out", duplicates) +
    line("of no request of the export, left out", unknown) +
    line("without a known price or usage, cost left blank", unpriced) +
    Object.entries(skipped)
      .map(([reason, times]) => `  ${count(times)} left out: ${reason}\n`)
      .join("")
  );
}

function listed({ count: all, ids }: Counted): string {
  return `${ids.map(shown).join(", ")}${all > ids.length ? ", …" : ""}`;
}
