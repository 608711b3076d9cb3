import { zipSync } from "fflate";
import { InputError } from "../../errors.js";
import { DEADLINE_COLUMN } from "../../plan/batchArms.js";
import { allocationOf, planAllocation, type Plan } from "../../plan/plan.js";
import { changesOf, keptModels } from "../../plan/whatIf.js";
import { groupCells } from "../../report/groups.js";
import { reportPage } from "../../report/html/page.js";
import { shellLine } from "../../report/origin.js";
import { MOST_SWEPT, solveReport } from "../../report/solveReport.js";
import type { DatasetOptions } from "../../rows/reading.js";
import { readVectorRows } from "../../rows/vectors.js";
import { allocationRows } from "../../write/allocation.js";
import { servedModels } from "../../write/batches/exportBatches.js";
import { exportAllocation } from "../../write/targets/exportAllocation.js";
import { below, find } from "../browser/drawer.js";
import type { Made, PlanWork } from "../messages.js";
import {
  askedOf,
  checkVectors,
  fittingOf,
  knownOf,
  LIMITS,
  readLabelled,
  vectorChoice,
  type Running,
} from "./reading.js";
import { changeWords, fitWords, originOf, shownWords, targetWords, word, words } from "./words.js";

/** The folder in the worker that is no folder of the user. */
const BATCHES = "batches";

/** An allocation of the work, the files to keep, and its report. Does what `optllm solve` does. */
export async function plan(request: PlanWork, running: Running): Promise<void> {
  const { labelled, work: path, settings, target, group, isBatch, vectors } = request;
  const { send, pool } = running;
  checkVectors({
    ...settings,
    ...{ vectors, labelVectors: settings.vectors, labels: labelled, where: request.where },
  });
  if (isBatch && request.where.length > 0)
    throw new InputError("--export reads the whole work again: give a file, and no --where");
  const { limits, where, columns } = await askedOf(request.where, request);
  const { reading, priceTable, own, given } = await knownOf(settings, [path, labelled], running);
  const asWork = {
    ...{ ...reading, where, recorded: "keep" as const, blankCosts: true },
    columns: [...(isBatch ? [DEADLINE_COLUMN] : []), ...columns],
  };
  const work = await readVectorRows(path, asWork, vectorChoice(settings), vectors);
  const source = await readLabelled(labelled, { ...reading, recorded: "try" }, settings);
  if (isBatch) servedModels("batch", keptModels(source.models, request.changes ?? {}));
  const made = await planAllocation(work, source, target, {
    ...reading,
    ...fittingOf(settings),
    ...{ pool, priceTable, group, limits, sweepsBudget: work.ids.length <= MOST_SWEPT },
    changes: changesOf({ ...request.changes, price: own }, given),
    ...(isBatch && { batch: { models: new Map<string, number>(), every: true } }),
  });
  const common = ["solve", path, ...commonWords(request)];
  const output = isBatch ? BATCHES : "allocation.jsonl";
  const argv = [...common, ...targetWords(target), "-o", output];
  const paths = [path, labelled, vectors, settings.vectors, settings.prices, limits && LIMITS];
  const origin = {
    ...(await originOf([...argv, "--report", "report.html"], paths)),
    budgetCommand: shellLine(["optllm", ...common, "-o", "allocation.jsonl", "--budget"]),
  };
  const report = { work, source, target, seed: settings.seed, origin };
  const data = await solveReport(made, report, { pool });
  const isChosen = made.choice.status === "chosen";
  send({
    kind: "planned",
    isChosen,
    sentences: data.summary,
    groups: made.groups && groupCells(made.groups, group!, "expected"),
    notes: made.notes,
    command: shellLine(["optllm", ...argv]),
    files: isChosen
      ? [...allocationFiles(made), ...(isBatch ? [await batchFiles(made, path, reading)] : [])]
      : [],
  });
  send({ kind: "report", page: await reportPage(data) });
}

function commonWords(request: PlanWork): string[] {
  const { labelled, settings, changes, vectors, where, isBatch } = request;
  return [
    ...["--labels", labelled, ...word("--label-vectors", settings.vectors), ...word("--vectors", vectors)],
    ...words("--where", where),
    ...fitWords(settings),
    ...changeWords(changes),
    ...shownWords(request),
    ...(isBatch ? ["--export", "batch"] : []),
  ];
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
