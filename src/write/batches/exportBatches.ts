import { textColumnOf } from "../../rows/builder/knownColumns.js";
import { messagesIn, textOfQuery } from "../../rows/builder/namedColumns.js";
import { InputError } from "../../errors.js";
import { countRequest } from "../../prices/tokens/chat.js";
import { tokenCounter } from "../../prices/tokens/counter.js";
import type { AllocationFile } from "../../rows/allocation.js";
import type { FileRecord } from "../../rows/records.js";
import { oneLine, shown } from "../../text/shown.js";
import { ANTHROPIC_BATCH } from "./anthropic.js";
import { writeBatches, type BatchModel, type Manifest, type PlannedRequest } from "./writeBatches.js";
import type { BatchForm } from "./form.js";
import { BEDROCK_BATCH, invocationType } from "./bedrock.js";
import { Adapting, BodyChanges } from "./body.js";
import type { ExportOptions } from "../targets/options.js";
import { GEMINI_BATCH, VERTEX_BATCH } from "./gemini.js";
import { MISTRAL_BATCH } from "./mistral.js";
import { OPENAI_BATCH } from "./openai.js";
import { bodyOf, type WorkRequest } from "./request.js";
import { servedBy, type Served, type Vendor } from "./vendors.js";

/** The targets that are files for batch APIs: of all vendors, or of one. */
export const BATCH_TARGETS = ["batch", "openai-batch", "anthropic-batch"] as const;
/** One of `BATCH_TARGETS`. */
export type BatchTarget = (typeof BATCH_TARGETS)[number];

export function isBatch(target: string): target is BatchTarget {
  return (BATCH_TARGETS as readonly string[]).includes(target);
}

const FORMS: Record<Vendor, BatchForm> = {
  openai: OPENAI_BATCH,
  anthropic: ANTHROPIC_BATCH,
  gemini: GEMINI_BATCH,
  vertex: VERTEX_BATCH,
  mistral: MISTRAL_BATCH,
  bedrock: BEDROCK_BATCH,
};
const ONLY: Partial<Record<BatchTarget, Vendor>> = {
  "openai-batch": "openai",
  "anthropic-batch": "anthropic",
};

/** Urls of requests that are chats, which every vendor can answer. */
const CHAT_URLS = ["/v1/chat/completions", "/v1/responses", "/v1/messages"];

/**
 * Who serves each model, under its name in the plan or the one of `sentAs`.
 *
 * @throws InputError naming every model that the target's APIs do not serve, and what to do.
 */
export function servedModels(
  target: BatchTarget,
  models: readonly string[],
  sentAs: ReadonlyMap<string, string> = new Map(),
): Map<string, Served> {
  const only = ONLY[target];
  const served = new Map<string, Served>();
  const foreign: string[] = [];
  for (const model of models) {
    const given = sentAs.get(model);
    const found = servedBy(given ?? model, given !== undefined);
    if (found !== undefined && (only === undefined || found.vendor === only)) served.set(model, found);
    else if (only !== undefined && given !== undefined && found === undefined)
      served.set(model, { vendor: only, name: given });
    else foreign.push(model);
  }
  if (foreign.length === 0) return served;
  const list = foreign.slice(0, 20).map(oneLine).join(",") + (foreign.length > 20 ? ",…" : "");
  const serves =
    only === undefined ? "no vendor's batch API is known to serve" : `the API of ${target} does not serve`;
  const all = only === undefined ? "" : "; --to batch writes files for every vendor";
  throw new InputError(
    `${serves} ${list}: leave out with --without ${list}, or give a vendor's name with --as ${oneLine(foreign[0])}=NAME${all}; ` +
      "--to litellm writes a gateway's configuration for any model",
    { models: foreign },
  );
}

/** A row of the work and its place in the allocation. */
export interface WorkRow {
  q: number;
  record: FileRecord["record"];
  /** File and line, for errors. */
  where: string;
}

/** Writes the requests of `rows` as batch files. */
export async function exportBatches(
  target: BatchTarget,
  plan: AllocationFile,
  isAsked: readonly boolean[],
  rows: AsyncIterable<WorkRow>,
  output: string,
  options: ExportOptions,
): Promise<Manifest> {
  const uses = new Set(plan.allocation);
  const names = plan.models.filter((_, m) => isAsked[m] && uses.has(m));
  const served = servedModels(target, names, options.sentAs);
  const models = plan.models.map((model) => modelOf(model, served.get(model), options));
  const lines = new LineWriter(plan, models, options);
  await lines.prepare();
  const changes = new BodyChanges();
  let leftOut = 0;
  async function* requests(): AsyncGenerator<PlannedRequest> {
    for await (const row of rows)
      if (isAsked[plan.allocation[row.q]]) yield lines.write(row, changes);
      else leftOut++;
  }
  const manifest = await writeBatches(output, requests(), {
    ...{ target, models, hasFolders: target === "batch", signal: options.signal },
    leftOut: () => leftOut,
    changes: () => changes.entries(),
  });
  for (const { change, requests } of manifest.changes) options.onNote?.(`${requests} × ${change}`);
  return manifest;
}

function modelOf(
  model: string,
  served: Served | undefined,
  { limits }: ExportOptions,
): (BatchModel & { form: BatchForm }) | undefined {
  if (served === undefined) return undefined;
  const form = FORMS[served.vendor];
  return {
    ...served,
    model,
    form: {
      ...form,
      maxRequests: Math.min(form.maxRequests, limits?.requests ?? Infinity),
      maxBytes: Math.min(form.maxBytes, limits?.bytes ?? Infinity),
      maxTokens: limits?.tokens,
    },
    ...(served.vendor === "bedrock" && { invocationType: invocationType(served.name) }),
  };
}

/** Turns rows of the work into requests of their models. */
class LineWriter {
  private readonly ids: ReadonlySet<string>;
  private readonly urls: (string | undefined)[] = [];
  private readonly counters: ((body: Record<string, unknown>) => number)[] = [];

  constructor(
    private readonly plan: AllocationFile,
    private readonly models: readonly ReturnType<typeof modelOf>[],
    private readonly options: ExportOptions,
  ) {
    this.ids = new Set(plan.ids);
  }

  /** Loads the token counters, where a limit needs them. */
  async prepare(): Promise<void> {
    if (this.options.limits?.tokens === undefined) return;
    for (const [m, one] of this.models.entries()) {
      if (one === undefined) continue;
      const counter = await tokenCounter(one.name);
      this.counters[m] = (body) => countRequest(counter, body);
    }
  }

  write({ q, record, where }: WorkRow, changes: BodyChanges): PlannedRequest {
    const { plan } = this;
    const model = plan.allocation[q];
    const { form, name } = this.models[model]!;
    const id = plan.ids[q];
    const request = requestOf(record, id, where);
    const at = new Adapting(request, name, form.api, changes);
    this.checkUrl(request, model, at);
    const customId = form.ids.test(id) ? id : this.numbered(form, q);
    if (customId !== id) at.note("id sent as a number: requests.jsonl says which");
    const text = form.line(at, customId, { maxTokens: this.options.maxTokens ?? 4096 });
    const tokens = this.tokensOf(request, model);
    return { model, id, customId, text, cost: plan.cost[q], where, ...(tokens !== undefined && { tokens }) };
  }

  /** An id that no request of the work has. */
  private numbered(form: BatchForm, q: number): string {
    let n = q + 1;
    while (this.ids.has(form.idOf(n))) n += this.ids.size;
    return form.idOf(n);
  }

  private checkUrl({ url, where }: WorkRequest, model: number, at: Adapting): void {
    const { form } = this.models[model]!;
    if (form.urlOf === undefined) {
      if (url !== undefined && !CHAT_URLS.includes(url)) at.refuse(`a request to ${shown(url)}`);
      return;
    }
    const own = form.urlOf(url);
    const first = (this.urls[model] ??= own);
    if (own === first) return;
    throw new InputError(`${where}: url ${shown(own)} in a batch of ${shown(first)}; one batch has one url`, {
      where,
    });
  }

  private tokensOf(request: WorkRequest, model: number): number | undefined {
    const count = this.counters[model];
    try {
      return count?.(bodyOf(request));
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      throw new InputError(`${request.where}: ${error.message}`, error.details);
    }
  }
}

function requestOf(record: FileRecord["record"], id: string, where: string): WorkRequest {
  const expected = (field: string, what: string): InputError =>
    new InputError(`${where}: ${field} is ${shown(record.get(field))}; expected ${what}`, { where, field });
  const [body, url] = ["body", "url"].map((field) => record.get(field) ?? undefined);
  const column = body === undefined ? textColumnOf(record.keys()) : undefined;
  const given = column === undefined ? undefined : record.get(column);
  const query = column === undefined ? undefined : (messagesIn(given) ?? textOfQuery(column, given));
  if (body !== undefined && (typeof body !== "object" || Array.isArray(body)))
    throw expected("body", "an object");
  if (url !== undefined && typeof url !== "string") throw expected("url", "text");
  if (column !== undefined && query === undefined) throw expected(column, "text or a list of messages");
  return { id, body: body as WorkRequest["body"], url, query, where };
}
