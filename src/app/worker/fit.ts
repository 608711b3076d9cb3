import { fitPredictor } from "../../plan/predictProblem.js";
import { savePredictor } from "../../predict/saved.js";
import { shellLine } from "../../report/origin.js";
import type { Fit } from "../messages.js";
import { askedOf, checkVectors, fittingOf, knownOf, readLabelled, type Running } from "./reading.js";
import { fitWords, word, words } from "./words.js";

const OUTPUT = "predictor.optllm";

/** A predictor for the command line and the server: the bytes that `optllm fit` writes. */
export async function fit({ labelled, settings }: Fit, running: Running): Promise<void> {
  const { send, pool } = running;
  checkVectors(settings);
  const { where } = await askedOf(settings.where);
  const { reading, given } = await knownOf(settings, [labelled], running);
  const sample = await readLabelled(labelled, { ...reading, where }, settings);
  given?.check(sample.models);
  const predictor = await fitPredictor(sample, [], { ...fittingOf(settings), ...reading, pool });
  for (const text of predictor.notes) send({ kind: "note", text });
  const bytes = savePredictor(predictor) as Uint8Array<ArrayBuffer>;
  const argv = [
    ...["fit", labelled, ...words("--where", settings.where), ...word("--vectors", settings.vectors)],
    ...fitWords(settings),
  ];
  send({
    kind: "made",
    files: [{ name: OUTPUT, file: new Blob([bytes], { type: "application/octet-stream" }) }],
    command: shellLine(["optllm", ...argv, "-o", OUTPUT]),
  });
}
