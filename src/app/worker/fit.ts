import { fitPredictor } from "../../plan/predictProblem.js";
import { savePredictor } from "../../predict/saved.js";
import { shellLine } from "../../report/origin.js";
import { readDataset } from "../../rows/dataset.js";
import type { Fit } from "../messages.js";
import { fittingOf, fitWords, readingOf, scoreOf, type Running } from "./reading.js";

const OUTPUT = "predictor.optllm";

/** A predictor for the command line and the server: the bytes that `optllm fit` writes. */
export async function fit({ labelled, work, settings }: Fit, running: Running): Promise<void> {
  const { send, pool } = running;
  const reading = await readingOf(settings, running);
  const sample = await readDataset(labelled, { ...reading, score: scoreOf(settings) });
  const asWork = { ...reading, blankCosts: true, needsTexts: false };
  const texts = work === undefined ? [] : (await readDataset(work, asWork)).queries;
  const predictor = await fitPredictor(sample, texts, { ...fittingOf(settings), ...reading, pool });
  for (const text of predictor.notes) send({ kind: "note", text });
  const bytes = savePredictor(predictor) as Uint8Array<ArrayBuffer>;
  const words = ["fit", labelled, ...(work === undefined ? [] : ["--work", work]), ...fitWords(settings)];
  send({
    kind: "made",
    files: [{ name: OUTPUT, file: new Blob([bytes], { type: "application/octet-stream" }) }],
    command: shellLine(["optllm", ...words, "-o", OUTPUT]),
  });
}
