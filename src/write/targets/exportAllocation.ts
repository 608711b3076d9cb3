import { readAllocation, idOf, type AllocationFile } from "../../rows/allocation.js";
import { armOf } from "../../prices/table.js";
import { textColumnOf } from "../../rows/builder/knownColumns.js";
import { textOfQuery } from "../../rows/builder/namedColumns.js";
import { readRecords, type FileRecord } from "../../rows/records.js";
import { fileName, shown } from "../../text/shown.js";
import { InputError } from "../../errors.js";
import { ANTHROPIC_BATCH, anthropicLine } from "./anthropicBatch.js";
import { writeBatches, type Manifest, type PlannedRequest } from "./batches.js";
import { checkOutput, writeOut } from "../file.js";
import { checkFolder } from "../folder.js";
import { litellmConfig } from "./litellm.js";
import { OPENAI_BATCH, openaiLine } from "./openaiBatch.js";
import type { PartForm } from "./parts.js";
import type { WorkRequest } from "./request.js";
import { arenaText, type ArenaPrediction } from "./routerArena.js";
import type { OnProgress } from "../../types.js";

/** Fields that may hold a query's id in the work. */
const ID_FIELDS = ["custom_id", "id", "global_index", "global index"];

/** The systems for which an allocation can be written. */
export const EXPORT_TARGETS = ["openai-batch", "anthropic-batch", "routerarena", "litellm"] as const;
/** One of `EXPORT_TARGETS`. */
export type ExportTarget = (typeof EXPORT_TARGETS)[number];

/** How an allocation is written for another system. */
export interface ExportOptions {
  /** Only requests of these models; default: all. Not for routerarena. */
  models?: readonly string[];
  /** Names to send instead of the plan's; default: the plan's without `@batch` or `@flex`, and in a batch without `openai:chat:`. */
  sentAs?: ReadonlyMap<string, string>;
  /** Anthropic: `max_tokens` of requests whose body has none; default 4096. */
  maxTokens?: number;
  /** LiteLLM: the name that callers ask for; default `optllm`. */
  group?: string;
  /** Fewer and smaller files than the API allows. */
  limits?: { requests?: number; bytes?: number };
  signal?: AbortSignal;
  /** Phase "export"; bytes of the work read. */
  onProgress?: OnProgress;
}

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
 * - `openai-batch`, `anthropic-batch`: a new folder `output` with one or more files a model and manifest.json. The work
 *   is an OpenAI Batch input file (`custom_id`, `body`) or native rows (`id`, `query`).
 * - `routerarena`: a prediction file. The work has `global_index` or `id`, and `prompt_formatted`, `prompt` or `query`.
 * - `litellm`: a proxy configuration with the plan's shares; needs no work.
 *
 * Nothing appears under its name before it is complete.
 *
 * @throws InputError naming file and line: a request that the allocation does not have or that comes twice, one of the
 * allocation that the work does not have, a body that the API would not take, a wrong or unwritable path.
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
  switch (target) {
    case "openai-batch":
      return exportBatches(target, OPENAI_BATCH, openaiLine, plan, rows, output as string, options);
    case "anthropic-batch": {
      const { maxTokens = 4096 } = options;
      const line = (request: WorkRequest, model: string): string => anthropicLine(request, model, maxTokens);
      return exportBatches(target, ANTHROPIC_BATCH, line, plan, rows, output as string, options);
    }
    case "routerarena":
      await writeOut(output, arenaText(predictionsOf(plan, rows, options)), options);
      return { target, requests: plan.ids.length };
    case "litellm": {
      const shares = plan.models.map((model) => ({ model: sentAs(model, options), queries: 0 }));
      for (const m of plan.allocation) shares[m].queries++;
      const { models, group = "optllm" } = options;
      const asked = shares.filter((_, m) => models === undefined || models.includes(plan.models[m]));
      await writeOut(output, [litellmConfig(asked, group)], options);
      return { target, requests: asked.reduce((sum, { queries }) => sum + queries, 0) };
    }
  }
}

/** Refuses a path that the export could not be written to. */
export async function checkExport(target: ExportTarget, output: string | undefined): Promise<void> {
  if (target !== "openai-batch" && target !== "anthropic-batch") return checkOutput(output);
  if (output === undefined || output === "-")
    throw new InputError(`${target} writes several files; expected the name of a new folder`);
  await checkFolder(output);
}

/** A row of the work and its place in the allocation. */
interface WorkRow {
  q: number;
  record: FileRecord["record"];
  /** File and line, for errors. */
  where: string;
}

/** The rows of the work, each checked to be in the allocation once; a file without ids numbers its rows from 1. */
async function* workRows(
  plan: AllocationFile,
  path: string,
  allocationName: string,
  { signal, onProgress }: ExportOptions,
): AsyncGenerator<WorkRow> {
  const rowOf = new Map(plan.ids.map((id, q) => [id, q]));
  const isSeen = new Uint8Array(plan.ids.length);
  let rows = 0;
  let hasIds = true;
  const onBytes = (done: number, total: number): void => onProgress?.({ phase: "export", done, total });
  for await (const { line, record } of readRecords(path, { signal, onBytes })) {
    const where = `${fileName(path)}:${line}`;
    const value = ID_FIELDS.map((field) => record.get(field)).find((id) => id !== undefined);
    if (rows++ === 0) hasIds = value !== undefined;
    const id = hasIds || value !== undefined ? idOf(value) : String(rows);
    if (id === undefined)
      throw new InputError(`${where}: the id is ${shown(value)}; expected text`, { where });
    const q = rowOf.get(id);
    if (q === undefined)
      throw new InputError(`${where}: ${shown(id)} is not in ${allocationName}`, { where, id });
    if (isSeen[q]) throw new InputError(`${where}: ${shown(id)} comes twice in the work`, { where, id });
    isSeen[q] = 1;
    yield { q, record, where };
  }
  if (rows === plan.ids.length) return;
  const missing = plan.ids[isSeen.indexOf(0)];
  throw new InputError(
    `${plan.ids.length - rows} of the ${plan.ids.length} queries of ${allocationName} are not in ${fileName(path)}, the first is ${shown(missing)}`,
    { id: missing },
  );
}

async function exportBatches(
  target: ExportTarget,
  form: PartForm,
  line: (request: WorkRequest, model: string) => string,
  plan: AllocationFile,
  rows: AsyncIterable<WorkRow>,
  output: string,
  options: ExportOptions,
): Promise<Exported> {
  const { models: asked, limits, signal } = options;
  const names = plan.models.map((model) => sentAs(model, options, target));
  const isAsked = plan.models.map((model) => asked === undefined || asked.includes(model));
  let leftOut = 0;
  const urlOf: (string | undefined)[] = [];
  async function* requests(): AsyncGenerator<PlannedRequest> {
    for await (const { q, record, where } of rows) {
      const model = plan.allocation[q];
      if (!isAsked[model]) {
        leftOut++;
        continue;
      }
      const request = requestOf(record, plan.ids[q], where);
      const url = (urlOf[model] ??= request.url ?? "");
      if (url !== (request.url ?? ""))
        throw new InputError(
          `${where}: url ${shown(request.url)} in a batch of ${shown(url)}; one batch has one url`,
          {
            where,
          },
        );
      yield { model, text: line(request, names[model]), cost: plan.cost[q], where };
    }
  }
  const manifest = await writeBatches(output, requests(), {
    target,
    form: {
      ...form,
      maxRequests: Math.min(form.maxRequests, limits?.requests ?? Infinity),
      maxBytes: Math.min(form.maxBytes, limits?.bytes ?? Infinity),
    },
    models: plan.models,
    sentAs: names,
    leftOut: () => leftOut,
    signal,
  });
  return { target, requests: manifest.requests, manifest };
}

function requestOf(record: FileRecord["record"], id: string, where: string): WorkRequest {
  const expected = (field: string, what: string): InputError =>
    new InputError(`${where}: ${field} is ${shown(record.get(field))}; expected ${what}`, { where, field });
  const [body, url] = ["body", "url"].map((field) => record.get(field) ?? undefined);
  const column = body === undefined ? textColumnOf(record.keys()) : undefined;
  const query = column === undefined ? undefined : textOfQuery(column, record.get(column));
  if (body !== undefined && (typeof body !== "object" || Array.isArray(body)))
    throw expected("body", "an object");
  if (url !== undefined && typeof url !== "string") throw expected("url", "text");
  if (column !== undefined && query === undefined) throw expected(column, "text or a list of messages");
  return { id, body: body as WorkRequest["body"], url, query, where };
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

/** How promptfoo names providers, which their own APIs do not. */
const PROVIDER: { [target in ExportTarget]?: RegExp } = {
  "openai-batch": /^openai:(?:(?:chat|completion|responses|embedding):)?/,
  "anthropic-batch": /^anthropic:(?:(?:messages|completion):)?/,
};

function sentAs(model: string, { sentAs }: ExportOptions, target?: ExportTarget): string {
  const provider = target && PROVIDER[target];
  const { model: name } = armOf(model);
  return sentAs?.get(model) ?? (provider ? name.replace(provider, "") : name);
}

function checkModels(plan: AllocationFile, { models = [], sentAs }: ExportOptions): void {
  for (const model of [...models, ...(sentAs?.keys() ?? [])])
    if (!plan.models.includes(model))
      throw new InputError(
        `the allocation has no model ${shown(model)}; its models: ${plan.models.slice(0, 8).map(shown).join(", ")}`,
        { model },
      );
}
