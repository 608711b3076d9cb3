import type { Command } from "commander";
import { readDecisions } from "../../online/log/reader.js";
import { refit, type Refit } from "../../online/offPolicy/refit.js";
import { readPredictor } from "../../plan/savedPredictor.js";
import { savePredictor } from "../../predict/saved.js";
import { refitText } from "../../report/terminal/refitTable.js";
import { readDataset } from "../../rows/dataset.js";
import { oneLine } from "../../text/shown.js";
import { writeOut } from "../../write/file.js";
import { checkOutputs } from "../../write/outputs.js";
import type { Io } from "../io.js";
import { ROW_FILES } from "../options/common.js";
import { fittingOf, note, readingOf, withFitting, type FittingOptions } from "../options/fitting.js";
import { settleNames } from "../../rows/modelNames.js";
import { scoresOf } from "../options/scores.js";
import { running } from "../running.js";

interface Options extends FittingOptions {
  output: string;
  predictorFile: string;
  texts?: string;
  force?: boolean;
}

/** A predictor that is no better is nobody's mistake, as a target that cannot be met. */
const EXIT_NOT_PROMOTED = 3;

export function addRefit(
  program: Command,
  io: Io,
  _: readonly string[],
  setExitCode: (code: number) => void,
): void {
  const command = program
    .command("refit")
    .description(
      "fit a predictor again, to its sample and a log of judged decisions, if that makes it no worse",
    )
    .argument("<sample>", `labelled rows: query, <model>__score … (${ROW_FILES})`)
    .argument("<log>", "decision log of a router, with texts, or with --texts")
    .requiredOption("--predictor-file <file>", "the predictor that the router used")
    .requiredOption("-o, --output <file>", "the new predictor")
    .option("--texts <file>", "rows with the texts of the requests; their id is that of the decision")
    .option("--force", "write the new predictor even if it is worse");
  withFitting(command, "rows of the sample")
    .addHelpText(
      "after",
      "\nThe latest 30 % of the log's judged requests are held out, and both predictors compared there. A new predictor" +
        "\nthat is worse is not written, and the exit code is 3." +
        "\n\nExample:\n  $ optllm refit sample.jsonl decisions.jsonl --predictor-file old.optllm -o new.optllm",
    )
    .action(async (sample: string, log: string, options: Options) => {
      const isWritten = await run(sample, log, options, io);
      if (!isWritten) setExitCode(EXIT_NOT_PROMOTED);
    });
}

async function run(sample: string, log: string, options: Options, io: Io): Promise<boolean> {
  const { output, predictorFile, texts, where, force, json } = options;
  await checkOutputs([output], [sample, log, predictorFile, texts]);
  const result = await running(io, options, async (progress, pool) => {
    await settleNames(options, [sample], io);
    const before = await readPredictor(predictorFile);
    const reading = readingOf({ ...options, predictorFile: undefined }, io, progress);
    const score = scoresOf(options);
    const columns = (options.featureColumns ??= [...before.featureColumns]);
    const rows = await readDataset(sample, { ...reading, where, score, columns, blankCosts: true });
    const decisions = await readDecisions(log, { signal: io.signal });
    const byId = texts === undefined ? undefined : await textsOf(texts, io);
    const fitting = { ...fittingOf(options), pool, signal: io.signal, onProgress: progress.update };
    const found = await refit(rows, decisions, before, { ...fitting, texts: byId, force });
    found.predictor?.notes.forEach((text) => note(progress, text));
    return found;
  });
  const { predictor } = result;
  if (predictor !== undefined) await writeOut(output, [savePredictor(predictor)], { signal: io.signal });
  const isWritten = predictor !== undefined;
  if (json) io.out(`${JSON.stringify(jsonOf(result, isWritten ? output : undefined))}\n`);
  else {
    const end = isWritten
      ? `${result.promoted ? "" : "forced: "}predictor written to ${oneLine(output)}`
      : "nothing was written; --force writes it anyway";
    io.out(`${refitText(result)}${end}\n`);
  }
  return result.promoted || isWritten;
}

async function textsOf(path: string, { signal }: Io): Promise<Map<string, string>> {
  const { ids, queries } = await readDataset(path, { signal, blankCosts: true });
  return new Map(ids.map((id, q) => [id, queries[q]]));
}

function jsonOf({ promoted, why, rows, logLoss, value }: Refit, output: string | undefined) {
  return { promoted, why, rows, logLoss, value, output };
}
