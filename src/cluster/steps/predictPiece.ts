import { mkdir } from "node:fs/promises";
import { dirname } from "node:path";
import { DEADLINE_COLUMN, type BatchChoice } from "../../plan/batchArms.js";
import { columnsOf } from "../../plan/limits/resolve.js";
import { predictProblem } from "../../plan/predictProblem.js";
import { columnHas } from "../../plan/rows.js";
import { readSaved } from "../../plan/savedPredictor.js";
import { prepareProblem } from "../../plan/prepare.js";
import { changesOf, checkChanges } from "../../plan/whatIf.js";
import type { Predictor } from "../../predict/predictor.js";
import type { Saved } from "../../predict/saved.js";
import { withOwnPrices, type KnownPrices } from "../../prices/ownPrices.js";
import { readDataset } from "../../rows/dataset.js";
import { readNpyHead } from "../../rows/npy.js";
import type { Dataset } from "../../types.js";
import { fileDigest } from "../../text/digest.js";
import { writeLimited } from "../pieces/limited.js";
import { writeMatrices } from "../pieces/matrices.js";
import { writeLines, writeNames } from "../pieces/names.js";
import { Part } from "../pieces/part.js";
import { placedInFile, type Piece } from "../pieces/piece.js";
import { batchOf } from "../options.js";
import { checkDigest, checkInput, pricesOf, readRun, writeJson, type InputFile, type Run } from "../run.js";
import type { PieceInfo } from "../table.js";

/** The step `predict`: reads a piece and writes its matrices beside it, then the file that says what they are. */
export async function predictPiece(folder: string, piece: Piece, output: string): Promise<void> {
  const run = await readRun(folder);
  const input = run.files[piece.file];
  await checkInput(input);
  await mkdir(dirname(output), { recursive: true });
  const base = output.slice(0, -".json".length);
  if (input.probability !== undefined) return writeJson(output, await fromMatrices(run, input));
  const part = new Part(input.path, piece.range, new Map(input.constants));
  try {
    await writeJson(output, { ...(await fromRows(run, part, base)), ...part.info() });
  } catch (error) {
    if (!part.isEmpty(error)) throw await placedInFile(error, input.path, piece.range);
    await writeJson(output, { ...nothing, ...part.info() });
  }
}

/** Matrices stay where they are. Their values are checked when they are solved. */
async function fromMatrices({ models = [] }: Run, { path, probability }: InputFile): Promise<PieceInfo> {
  const { rows } = await readNpyHead(path);
  return { path, rows, models: [...models], cost: path, probability: probability!.path, notes: [] };
}

/** A piece without rows that can be planned: it is empty, or they do not meet the conditions, or cannot be read. */
const nothing = { rows: 0, models: [], cost: "", probability: "", notes: [] };

async function fromRows(
  run: Run,
  part: Part,
  base: string,
): Promise<Omit<PieceInfo, keyof ReturnType<Part["info"]>>> {
  const { models, predictCost } = run;
  const prices = withOwnPrices(await pricesOf(run), run.price);
  const predictor = await predictorOf(run);
  const work = await readWork(run, part, predictor, prices);
  const changes = changesOf({ ...run.changes, price: run.price }, prices.given);
  checkChanges(changes, [...new Set([...work.models, ...predictor.models])]);
  const prediction = await predictProblem(work, predictor, { models, predictCost });
  const batch = batchOf(run);
  const deadlines = deadlinesIn(work, batch);
  const prepared = await prepareProblem(prediction.problem, work, predictor.unbeaten, {
    changes,
    batch: batch && { ...batch, deadlineColumn: deadlines === "none" ? undefined : batch.deadlineColumn },
    priceTable: prices.table,
  });
  const { problem, within } = prepared;
  const limited =
    run.limits && (await writeLimited(run.limits, prepared, work, predictor, `${base}.limits.bin`));
  const files = { cost: `${base}.cost.npy`, probability: `${base}.probability.npy` };
  const digests = await writeMatrices(problem, files);
  const names = { ids: `${base}.ids.jsonl`, hashes: `${base}.ids.f64` };
  if (part.areNamed) await writeNames(work.ids, names);
  else if (part.bad > 0) await writeLines(work.ids, names.ids);
  return {
    rows: work.ids.length,
    models: problem.models,
    ...files,
    digests,
    ...(part.areNamed ? { names } : part.bad > 0 && { numbers: names.ids }),
    recorded: predictCost === true ? undefined : recordedOf(work),
    repriced: changes?.price?.map(([model]) => model),
    ...(deadlines && { deadlines }),
    ...(limited && { limited: limited.info }),
    ...(within > 0 && { within }),
    notes: [...part.notes, ...prediction.notes, ...prepared.notes, ...(limited?.notes ?? [])],
    digest: await fileDigest(part.path, { range: part.range }),
  };
}

async function readWork(
  run: Run,
  part: Part,
  predictor: Predictor,
  { price, given }: KnownPrices,
): Promise<Dataset> {
  const { models, queryColumn, where, vectorColumns, skipBadRows } = run;
  const batch = batchOf(run);
  const work = await readDataset(part.path, {
    ...{ models: models && [...models], queryColumn, where, skipBadRows },
    ...{ price, given, recorded: "keep" },
    columns: [
      ...(batch ? [batch.deadlineColumn ?? DEADLINE_COLUMN] : []),
      ...(run.limits ? columnsOf(run.limits) : []),
      ...predictor.featureColumns,
    ],
    vectorPrefix: vectorColumns,
    blankCosts: true,
    needsTexts: false,
    // A part of a file is known to be one of native rows.
    constants: part.constants,
    ...(part.range && { range: part.range, from: "native" }),
    onPart: part.take,
    onNote: (text) => part.notes.push(text),
  });
  if (work.vectors) work.vectors.beside = predictor.vectorsBeside !== undefined;
  return work;
}

/** Whether rows say how long they can wait, where a column was named for that. */
function deadlinesIn({ columns }: Dataset, batch: BatchChoice | undefined): "some" | "none" | undefined {
  if (batch?.deadlineColumn === undefined) return undefined;
  return columns?.get(batch.deadlineColumn)?.some((text) => text.trim() !== "") ? "some" : "none";
}

/** What this thread read last: its tasks are mostly those of one run. */
let known: Saved | undefined;

/** A predictor that is kept for the next piece. */
async function predictorOf({ predictorFile = "", digests }: Run): Promise<Predictor> {
  if (known?.digest !== digests.predictor) {
    const saved = await readSaved(predictorFile);
    checkDigest(predictorFile, digests.predictor, saved.digest);
    known = saved;
  }
  return known!.predictor;
}

function recordedOf(work: Dataset): string[] {
  return work.models.filter((_, m) => columnHas(work, work.cost, m, Number.isFinite));
}
