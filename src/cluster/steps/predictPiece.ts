import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../../errors.js";
import { batchParts } from "../../plan/batchArms.js";
import { withinContexts } from "../../plan/contexts.js";
import { predictProblem } from "../../plan/predictProblem.js";
import { columnHas } from "../../plan/rows.js";
import { readSaved } from "../../plan/savedPredictor.js";
import { withUnbeaten } from "../../plan/unbeaten.js";
import { changeProblem, hasChanges } from "../../plan/whatIf.js";
import type { Predictor } from "../../predict/predictor.js";
import { priceCall } from "../../prices/call.js";
import { readPrices } from "../../prices/table.js";
import { readDataset } from "../../rows/dataset.js";
import { openRowFile } from "../../rows/rowFile.js";
import { readNpyHead } from "../../rows/npy.js";
import type { RowRange } from "../../rows/rowRange.js";
import type { Dataset } from "../../types.js";
import { fileDigest } from "../../text/digest.js";
import { writeMatrices } from "../pieces/matrices.js";
import { writeNames } from "../pieces/names.js";
import { placedInFile, type Piece } from "../pieces/piece.js";
import { checkInput, readRun, writeJson, type InputFile, type Run } from "../run.js";
import type { PieceInfo } from "../table.js";

/** The step `predict`: reads a piece and writes its matrices beside it, then the file that says what they are. */
export async function predictPiece(folder: string, piece: Piece, output: string): Promise<void> {
  const run = await readRun(folder);
  const input = run.files[piece.file];
  await checkInput(input);
  await mkdir(dirname(output), { recursive: true });
  const base = output.slice(0, -".json".length);
  try {
    const info =
      input.probability === undefined
        ? await fromRows(run, input.path, piece.range, base)
        : await fromMatrices(run, input);
    await writeJson(output, info);
  } catch (error) {
    if (!(error instanceof InputError && error.details.areUnmet === true))
      throw await placedInFile(error, input.path, piece.range);
    await writeJson(output, nothingOf(input.path, piece.range));
  }
}

/** Matrices stay where they are. Their values are checked when they are solved. */
async function fromMatrices({ models = [] }: Run, { path, probability = "" }: InputFile): Promise<PieceInfo> {
  const { rows } = await readNpyHead(path);
  return { path, rows, models: [...models], cost: path, probability, notes: [] };
}

/** A piece none of whose rows meets the conditions. */
function nothingOf(path: string, range: RowRange | undefined): PieceInfo {
  const { from, to } = range ?? {};
  const bytes = from === undefined || to === undefined ? undefined : { from, to };
  return { path, rows: 0, models: [], cost: "", probability: "", notes: [], bytes };
}

async function fromRows(
  run: Run,
  path: string,
  range: RowRange | undefined,
  base: string,
): Promise<PieceInfo> {
  const { models, queryColumn, where, vectorColumns, predictCost } = run;
  const prices = await readPrices(run.prices);
  const notes: string[] = [];
  const predictor = await predictorOf(run.predictorFile!);
  const work = await readDataset(path, {
    ...{
      models: models && [...models],
      queryColumn,
      where,
      columns: predictor.featureColumns,
      vectorPrefix: vectorColumns,
      blankCosts: true,
      price: priceCall(prices),
      needsTexts: false,
      // A part of a file is known to be one of native rows.
      ...(range && { range, from: "native" }),
    },
    onNote: (text) => notes.push(text),
  });
  if (work.vectors) work.vectors.beside = predictor.vectorsBeside !== undefined;
  const prediction = await predictProblem(work, predictor, { models, predictCost });
  const within = await withinContexts(prediction.problem, work, prices);
  const changed = hasChanges(run.changes)
    ? changeProblem(within.problem, run.changes!, work)
    : within.problem;
  const kept = withUnbeaten(changed, predictor.unbeaten);
  const batches = run.export && batchParts(within.problem.models, work, EVERY, prices);
  const problem =
    batches === undefined
      ? kept.problem
      : changeProblem(kept.problem, {
          scaleCost: batches.parts.filter(([name]) => changed.models.includes(name)),
        });
  const files = { cost: `${base}.cost.npy`, probability: `${base}.probability.npy` };
  const digests = await writeMatrices(problem, files);
  const names = (await areNamed(path, work.ids))
    ? { ids: `${base}.ids.jsonl`, hashes: `${base}.ids.f64` }
    : undefined;
  if (names) await writeNames(work.ids, names);
  return {
    path,
    rows: work.ids.length,
    models: problem.models,
    ...files,
    digests,
    names,
    recorded: predictCost === true ? undefined : recordedOf(work),
    ...(kept.within > 0 && { within: kept.within }),
    notes: [...notes, ...prediction.notes, ...within.notes, ...(batches?.notes ?? []), ...kept.notes],
    ...(range && { bytes: { from: range.from, to: range.to } }),
    digest: await fileDigest(path, { range }),
  };
}

/** All requests go to batches, at the parts of the price table. */
const EVERY = { every: true, models: new Map<string, number>() };

/** What this thread read last: its tasks are mostly those of one run. */
let known: { path: string; predictor: Promise<Predictor> } | undefined;

/** A predictor that is kept for the next piece. */
function predictorOf(path: string): Promise<Predictor> {
  if (known?.path !== path) known = { path, predictor: readSaved(path).then(({ predictor }) => predictor) };
  const { predictor } = known;
  predictor.catch(() => (known = undefined));
  return predictor;
}

/** Whether the rows have names of their own, not only numbers that the reader gave them. */
async function areNamed(path: string, ids: readonly string[]): Promise<boolean> {
  if (ids.some((id, q) => id !== String(q + 1))) return true;
  const file = await openRowFile(path, {});
  try {
    return file.format !== "native" || [...file.keys].some((key) => key.toLowerCase() === "id");
  } finally {
    await file.close();
  }
}

function recordedOf(work: Dataset): string[] {
  return work.models.filter((_, m) => columnHas(work, work.cost, m, Number.isFinite));
}
