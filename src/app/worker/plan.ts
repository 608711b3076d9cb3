import { zipSync } from "fflate";
import { DEADLINE_COLUMN } from "../../plan/batchArms.js";
import { readConstraints } from "../../plan/limits/read.js";
import { columnsOf } from "../../plan/limits/resolve.js";
import { allocationOf, planAllocation, type Plan } from "../../plan/plan.js";
import { reportPage } from "../../report/html/page.js";
import { shellLine } from "../../report/origin.js";
import { solveReport } from "../../report/solveReport.js";
import { readDataset } from "../../rows/dataset.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { allocationRows } from "../../write/allocation.js";
import { servedModels } from "../../write/batches/exportBatches.js";
import { exportAllocation } from "../../write/targets/exportAllocation.js";
import { below, find, put } from "../browser/drawer.js";
import type { Made, PlanWork } from "../messages.js";
import { fittingOf, fitWords, originOf, readingOf, scoreOf, type Running } from "./reading.js";
import { changeWords, targetWords } from "./words.js";

/** The files in the worker that are no file of the user. */
const LIMITS = "limits.yaml";
const BATCHES = "batches";

/** An allocation of the work, the files to keep, and its report. Does what `optllm solve` does. */
export async function plan(request: PlanWork, running: Running): Promise<void> {
  const { files, labelled, work: path, settings, target, changes, isBatch } = request;
  const { send, pool } = running;
  const limits = await limitsOf(request);
  const { priceTable, ...reading } = await readingOf(settings, running);
  const columns = [...(isBatch ? [DEADLINE_COLUMN] : []), ...(limits === undefined ? [] : columnsOf(limits))];
  const work = await readDataset(path, { ...reading, recorded: "keep", blankCosts: true, columns });
  const source = await readDataset(labelled, { ...reading, recorded: "try", score: scoreOf(settings) });
  if (isBatch) servedModels("batch", keptModels(source.models, request));
  const made = await planAllocation(work, source, target, {
    ...reading,
    ...fittingOf(settings),
    ...{ pool, priceTable, changes, limits },
    ...(isBatch && { batch: { models: new Map<string, number>(), every: true } }),
  });
  const words = wordsOf(request);
  const budget = ["solve", path, ...commonWords(request), "-o", "allocation.jsonl", "--budget"];
  const paths = [path, labelled, ...(limits === undefined ? [] : [LIMITS])];
  const origin = {
    ...(await originOf([...words, "--report", "report.html"], paths, files)),
    budgetCommand: shellLine(["optllm", ...budget]),
  };
  const report = { work, source, target, seed: settings.seed, origin };
  const data = await solveReport(made, report, { pool });
  const isChosen = made.choice.status === "chosen";
  send({
    kind: "planned",
    isChosen,
    sentences: data.summary,
    notes: made.notes,
    command: shellLine(["optllm", ...words]),
    files: isChosen
      ? [...allocationFiles(made), ...(isBatch ? [await batchFiles(made, path, reading)] : [])]
      : [],
  });
  send({ kind: "report", page: await reportPage(data) });
}

async function limitsOf({ limits }: PlanWork) {
  if (limits === undefined) return undefined;
  put(LIMITS, new Blob([limits]));
  return readConstraints(LIMITS);
}

function keptModels(models: readonly string[], { changes }: PlanWork): string[] {
  return models.filter((model) => changes?.without?.includes(model) !== true);
}

function wordsOf(request: PlanWork): string[] {
  const { work, target, isBatch } = request;
  const output = isBatch ? ["--export", "batch", "-o", BATCHES] : ["-o", "allocation.jsonl"];
  return ["solve", work, ...commonWords(request), ...targetWords(target), ...output];
}

function commonWords({ labelled, settings, changes, limits }: PlanWork): string[] {
  const constraints = limits === undefined ? [] : ["--constraints", LIMITS];
  return ["--labels", labelled, ...fitWords(settings), ...changeWords(changes), ...constraints];
}

/** The allocation in the formats that `optllm solve -o` writes. */
function allocationFiles(plan: Plan): Made[] {
  const table = { ...plan.problem, ...allocationOf(plan), cost: plan.problem.cost };
  return (["jsonl", "csv"] as const).map((format) => ({
    name: `allocation.${format}`,
    file: new Blob([...allocationRows(table, format)]),
  }));
}

/** The folder of batch files that `optllm solve --export batch` writes, in one archive. */
async function batchFiles(plan: Plan, work: string, reading: DatasetOptions): Promise<Made> {
  const { onProgress, onNote, skipBadRows } = reading;
  await exportAllocation("batch", allocationOf(plan), work, BATCHES, { onProgress, onNote, skipBadRows });
  const contents: Record<string, Uint8Array> = {};
  for (const path of below(BATCHES)) {
    const entry = find(path);
    if (entry instanceof Blob) contents[path.slice(1)] = new Uint8Array(await entry.arrayBuffer());
  }
  // The archive has no times, so that the same plan gives the same bytes.
  const bytes = zipSync(contents, { mtime: new Date(1980, 0, 1), level: 6 });
  return { name: "batches.zip", file: new Blob([bytes], { type: "application/zip" }) };
}
