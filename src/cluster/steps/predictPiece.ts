import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
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
import type { Dataset, Problem } from "../../types.js";
import { writeOut } from "../../write/file.js";
import { npyBytes } from "../../write/probabilities.js";
import { readNpyHead } from "../../rows/npy.js";
import { fileDigest } from "../../text/digest.js";
import { checkPiece, readRun, writeJson, type Piece, type Run } from "../run.js";
import type { PieceInfo } from "../table.js";

/** The step `predict`: reads a piece and writes its matrices beside it, then the file that says what they are. */
export async function predictPiece(folder: string, k: number, output: string): Promise<void> {
  const run = await readRun(folder);
  const piece = run.pieces[k];
  await checkPiece(piece);
  await mkdir(dirname(output), { recursive: true });
  const base = output.slice(0, -".json".length);
  await writeJson(
    output,
    piece.probability === undefined ? await fromRows(run, piece, base) : await fromMatrices(run, piece),
  );
}

/** Matrices stay where they are. Their values are checked when they are solved. */
async function fromMatrices({ models = [] }: Run, { path, probability = "" }: Piece): Promise<PieceInfo> {
  const { rows } = await readNpyHead(path);
  return { path, rows, models: [...models], cost: path, probability, notes: [] };
}

async function fromRows(run: Run, { path }: Piece, base: string): Promise<PieceInfo> {
  const { models, queryColumn, predictCost } = run;
  const prices = await readPrices(run.prices);
  const notes: string[] = [];
  const work = await readDataset(path, {
    ...{
      models: models && [...models],
      queryColumn,
      blankCosts: true,
      price: priceCall(prices),
      needsTexts: false,
    },
    onNote: (text) => notes.push(text),
  });
  const predictor = await predictorOf(run.predictorFile!);
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
  const files = {
    cost: `${base}.cost.npy`,
    probability: `${base}.probability.npy`,
    ids: `${base}.ids.jsonl`,
  };
  await writeMatrices(problem, files);
  const hasIds = await areNamed(path, work.ids);
  if (hasIds) await writeOut(files.ids, lines(work.ids));
  return {
    path,
    rows: work.ids.length,
    models: problem.models,
    ...files,
    ids: hasIds ? files.ids : undefined,
    recorded: predictCost === true ? undefined : recordedOf(work),
    ...(kept.within > 0 && { within: kept.within }),
    notes: [...notes, ...prediction.notes, ...within.notes, ...(batches?.notes ?? []), ...kept.notes],
    digest: await fileDigest(path),
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

async function writeMatrices(
  { models, cost, successProbability }: Problem,
  files: { cost: string; probability: string },
): Promise<void> {
  const rows = cost.length / models.length;
  await writeOut(files.cost, npyBytes(cost, rows, models.length));
  await writeOut(files.probability, npyBytes(successProbability, rows, models.length));
}

function* lines(ids: readonly string[]): Generator<string> {
  const COUNT = 4096;
  for (let from = 0; from < ids.length; from += COUNT)
    yield ids
      .slice(from, from + COUNT)
      .map((id) => `${JSON.stringify(id)}\n`)
      .join("");
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
