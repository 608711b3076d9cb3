import { readAllocation, idOf, type AllocationFile } from "../../rows/allocation.js";
import { armOf } from "../../prices/table.js";
import { BadRows } from "../../rows/badRows.js";
import { readRecords, type FileRecord } from "../../rows/records.js";
import { fileName, shown } from "../../text/shown.js";
import { InputError } from "../../errors.js";
import type { Manifest } from "../batches/writeBatches.js";
import { checkOutput, writeOut } from "../file.js";
import { checkFolder } from "../folder.js";
import { BATCH_TARGETS, exportBatches, isBatch, type WorkRow } from "../batches/exportBatches.js";
import { litellmConfig } from "./litellm.js";
import type { ExportOptions } from "./options.js";
import { arenaText, type ArenaPrediction } from "./routerArena.js";

/** Fields that may hold a query's id in the work. */
const ID_FIELDS = ["custom_id", "id", "global_index", "global index"];

/** The systems for which an allocation can be written. */
export const EXPORT_TARGETS = [...BATCH_TARGETS, "routerarena", "litellm"] as const;
/** One of `EXPORT_TARGETS`. */
export type ExportTarget = (typeof EXPORT_TARGETS)[number];

/** What was written. */
export interface Exported {
  target: ExportTarget;
  requests: number;
  /** Only for the batch targets. */
  manifest?: Manifest;
}

/**
 * Writes an allocation, in memory or a file, in the form that another system takes. The work is read as a stream, a request at a time:
 *
 * - `batch`: a new folder `output` with a folder for each vendor (`openai`, `anthropic`, `gemini`, `vertex`, `mistral`,
 *   `bedrock`) with one or more files a model in its form, requests.jsonl with the order of the work, and manifest.json.
 *   `openai-batch`, `anthropic-batch`: the same for one vendor alone, without its folder. The work is an OpenAI Batch
 *   input file (`custom_id`, `body`) or native rows (`id`, `query`). Bodies are adapted to what their models take.
 * - `routerarena`: a prediction file. The work has `global_index` or `id`, and `prompt_formatted`, `prompt` or `query`.
 * - `litellm`: a proxy configuration with the plan's shares; needs no work.
 *
 * Nothing appears under its name before it is complete.
 *
 * @throws InputError naming file and line: a request that the allocation does not have or that comes twice, one of the
 * allocation that the work does not have, a model that no vendor of the target serves (before anything is written), a
 * body that the API would not take, a wrong or unwritable path.
 */
export async function exportAllocation(
  target: ExportTarget,
  given: string | AllocationFile,
  workPath: string | undefined,
  output: string | undefined,
  options: ExportOptions = {},
): Promise<Exported> {
  await checkExport(target, output);
  if (target !== "litellm" && workPath === undefined)
    throw new InputError(`${target} needs the work: the allocation has only its ids`);
  if (given === "-" && workPath === "-")
    throw new InputError("allocation and work cannot both come from standard input");
  const plan = typeof given === "string" ? await readAllocation(given, options) : given;
  checkModels(plan, options);
  const rows = workRows(
    plan,
    workPath ?? "",
    typeof given === "string" ? fileName(given) : "the plan",
    options,
  );
  const { models = plan.models, without = [] } = options;
  const isAsked = plan.models.map((model) => models.includes(model) && !without.includes(model));
  if (isBatch(target)) {
    if (typeof given === "string" && plan.models.some((model) => armOf(model).mode === "standard"))
      options.onNote?.(
        "expected costs are those of the plan: batch prices only if it was made with solve --batch",
      );
    const manifest = await exportBatches(target, plan, isAsked, rows, output as string, options);
    return { target, requests: manifest.requests, manifest };
  }
  switch (target) {
    case "routerarena":
      await writeOut(output, arenaText(predictionsOf(plan, rows, options)), options);
      return { target, requests: plan.ids.length };
    case "litellm": {
      const shares = plan.models.map((model) => ({ model: sentAs(model, options), queries: 0 }));
      for (const m of plan.allocation) shares[m].queries++;
      const { group = "optllm" } = options;
      const asked = shares.filter((_, m) => isAsked[m]);
      await writeOut(output, [litellmConfig(asked, group)], options);
      return { target, requests: asked.reduce((sum, { queries }) => sum + queries, 0) };
    }
  }
}

/** Refuses a path that the export could not be written to. */
export async function checkExport(target: ExportTarget, output: string | undefined): Promise<void> {
  if (!isBatch(target)) return checkOutput(output);
  if (output === undefined || output === "-")
    throw new InputError(`${target} writes several files; expected the name of a new folder`);
  await checkFolder(output);
}

/** The rows of the work, each checked to be in the allocation once; a file without ids numbers its rows from 1. */
async function* workRows(
  plan: AllocationFile,
  path: string,
  allocationName: string,
  { signal, onProgress, onNote, skipBadRows = false }: ExportOptions,
): AsyncGenerator<WorkRow> {
  const bad = new BadRows(skipBadRows);
  const rowOf = new Map(plan.ids.map((id, q) => [id, q]));
  const isSeen = new Uint8Array(plan.ids.length);
  let rows = 0;
  let hasIds = true;
  const onBytes = (done: number, total: number): void => onProgress?.({ phase: "export", done, total });
  let isFirst = true;
  /** The row's place in the plan, checked. */
  const placeOf = ({ row, record }: FileRecord, where: string): number => {
    const value = ID_FIELDS.map((field) => record.get(field)).find((id) => id !== undefined);
    if (isFirst) hasIds = value !== undefined;
    isFirst = false;
    const id = hasIds || value !== undefined ? idOf(value) : String(row);
    if (id === undefined)
      throw new InputError(`${where}: the id is ${shown(value)}; expected text`, { where });
    const q = rowOf.get(id);
    if (q === undefined)
      throw new InputError(`${where}: ${shown(id)} is not in ${allocationName}`, { where, id });
    if (isSeen[q]) throw new InputError(`${where}: ${shown(id)} comes twice in the work`, { where, id });
    isSeen[q] = 1;
    return q;
  };
  for await (const row of readRecords(path, { signal, onBytes, bad })) {
    const where = `${fileName(path)}:${row.line}`;
    let q: number;
    try {
      q = placeOf(row, where);
    } catch (error) {
      // The plan has no row that could not be read when it was made.
      if (!skipBadRows) throw error;
      bad.add(error);
      continue;
    }
    rows++;
    yield { q, record: row.record, where };
  }
  bad.check(fileName(path), rows);
  for (const [reason, times] of bad.reasons()) onNote?.(`${fileName(path)}: ${times} × left out: ${reason}`);
  if (rows === plan.ids.length) return;
  const missing = plan.ids[isSeen.indexOf(0)];
  throw new InputError(
    `${plan.ids.length - rows} of the ${plan.ids.length} queries of ${allocationName} are not in ${fileName(path)}, the first is ${shown(missing)}`,
    { id: missing },
  );
}

async function* predictionsOf(
  plan: AllocationFile,
  rows: AsyncIterable<WorkRow>,
  options: ExportOptions,
): AsyncGenerator<ArenaPrediction> {
  for await (const { q, record, where } of rows) {
    const prompt = record.get("prompt_formatted") ?? record.get("prompt") ?? record.get("query");
    if (typeof prompt !== "string" || prompt === "")
      throw new InputError(`${where}: prompt is ${shown(prompt)}; expected the benchmark's prompt`, {
        where,
      });
    const globalIndex = record.get("global_index") ?? record.get("global index") ?? plan.ids[q];
    yield { globalIndex, prompt, model: sentAs(plan.models[plan.allocation[q]], options) };
  }
}

function sentAs(model: string, { sentAs }: ExportOptions): string {
  return sentAs?.get(model) ?? armOf(model).model;
}

function checkModels(plan: AllocationFile, { models = [], without = [], sentAs }: ExportOptions): void {
  for (const model of [...models, ...without, ...(sentAs?.keys() ?? [])])
    if (!plan.models.includes(model))
      throw new InputError(
        `the allocation has no model ${shown(model)}; its models: ${plan.models.slice(0, 8).map(shown).join(", ")}`,
        { model },
      );
}
