import { setTimeout as sleep } from "node:timers/promises";
import { InputError } from "../errors.js";
import { VectorCache } from "./vectorCache.js";

/** The environment variable that holds the key. If it is not set, no key is sent. */
export const KEY_VARIABLE = "OPTLLM_EMBEDDINGS_KEY";

/** The service to ask for vectors, and how to ask it. */
export interface EmbeddingsOptions {
  /** Address of the service, as in `https://api.example.com/v1/embeddings`. http or https, no credentials in it. */
  url: string;
  model: string;
  /** Texts per request, 1 … 2,048; default 64. */
  batch?: number;
  /** Concurrent requests, 1 … 64; default 4. */
  concurrency?: number;
  /** Time limit for one request and its answer; default 60,000. */
  timeoutMs?: number;
  /** Retries of a request after a transient failure; default 5. */
  retries?: number;
  /**
   * Wait before the first retry, doubled each time; default 500. The service's Retry-After is respected, up to 60 s.
   */
  backoffMs?: number;
  /** Keeps answers in files, by model and text. Default: nothing is kept. */
  cacheFolder?: string;
  /** Size limit of that folder; the oldest answers are deleted first. Default 1 GiB. */
  maxCacheBytes?: number;
  signal?: AbortSignal;
  /** Phase "embed"; done and total in distinct texts. */
  onProgress?: (progress: { phase: string; done: number; total: number }) => void;
}

/** Row r is the vector of text r; zeros for a blank text. */
export interface EmbeddedTexts {
  rows: number;
  columns: number;
  /** Row-major. */
  value: Float32Array;
}

const MAX_COLUMNS = 16_384;
/** Maximum number of bytes of one number in JSON, with its comma. */
const NUMBER_BYTES = 32;
const SPARE_BYTES = 1 << 20;
const MAX_WAIT_MS = 60_000;

/**
 * Asks an OpenAI-compatible service for the vectors of texts: each distinct text once, in concurrent batches. Transient
 * failures (no connection, timeout, 408, 429, 5xx) are retried. The key comes from OPTLLM_EMBEDDINGS_KEY, is sent to
 * `url` only (redirects are refused), and never appears in a message.
 *
 * @throws InputError: options out of range, a refusal, an answer that does not match the request. Also throws the
 * signal's reason.
 */
export async function embedTexts(
  texts: readonly string[],
  options: EmbeddingsOptions,
): Promise<EmbeddedTexts> {
  const client = new EmbeddingsClient(options);
  const { signal, onProgress } = options;
  signal?.throwIfAborted();
  const vectors = new Map<string, Float32Array | undefined>();
  for (const text of texts) if (text.trim() !== "") vectors.set(text, undefined);
  const cache = await VectorCache.open(options.cacheFolder, options.maxCacheBytes);
  const missing: string[] = [];
  const keyOf = (text: string): string => cache.key([options.url, options.model, text]);
  for (const text of vectors.keys()) {
    const held = await cache.read(keyOf(text));
    if (held) vectors.set(text, held);
    else missing.push(text);
    signal?.throwIfAborted();
  }
  const batches = client.split(missing);
  let done = vectors.size - missing.length;
  let next = 0;
  // One failure stops the other lanes: their requests are cancelled, not waited for.
  const failed = new AbortController();
  const either = signal ? AbortSignal.any([signal, failed.signal]) : failed.signal;
  const lane = async (): Promise<void> => {
    while (next < batches.length) {
      const batch = batches[next++];
      const answer = await client.ask(batch, either);
      for (const [k, text] of batch.entries()) {
        vectors.set(text, answer[k]);
        await cache.write(keyOf(text), answer[k]);
      }
      done += batch.length;
      onProgress?.({ phase: "embed", done, total: vectors.size });
    }
  };
  try {
    await Promise.all(Array.from({ length: Math.min(client.concurrency, batches.length) }, lane));
  } catch (error) {
    failed.abort();
    signal?.throwIfAborted();
    throw error;
  }
  return gather(texts, vectors, client.place);
}

function gather(
  texts: readonly string[],
  vectors: ReadonlyMap<string, Float32Array | undefined>,
  place: string,
): EmbeddedTexts {
  const columns = vectors.values().next().value?.length ?? 1;
  const value = new Float32Array(texts.length * columns);
  texts.forEach((text, r) => {
    const vector = vectors.get(text);
    if (!vector) return;
    if (vector.length !== columns) {
      throw new InputError(
        `${place} gave vectors of ${columns} and of ${vector.length} numbers; expected one length (an old cache?)`,
        { field: "embedding", value: vector.length },
      );
    }
    value.set(vector, r * columns);
  });
  return { rows: texts.length, columns, value };
}

class EmbeddingsClient {
  /** The address without query and fragment, for messages. */
  readonly place: string;
  readonly concurrency: number;
  private readonly url: URL;
  private readonly model: string;
  private readonly batch: number;
  private readonly timeoutMs: number;
  private readonly retries: number;
  private readonly backoffMs: number;

  constructor(options: EmbeddingsOptions) {
    this.url = checkedUrl(options.url);
    this.place = this.url.origin + this.url.pathname;
    this.model = options.model;
    this.batch = inRange("batch", options.batch ?? 64, 1, 2048);
    this.concurrency = inRange("concurrency", options.concurrency ?? 4, 1, 64);
    this.timeoutMs = inRange("timeoutMs", options.timeoutMs ?? 60_000, 1, 3_600_000);
    this.retries = inRange("retries", options.retries ?? 5, 0, 20);
    this.backoffMs = inRange("backoffMs", options.backoffMs ?? 500, 0, 60_000);
  }

  split(texts: readonly string[]): string[][] {
    const count = Math.ceil(texts.length / this.batch);
    return Array.from({ length: count }, (_, k) => texts.slice(k * this.batch, (k + 1) * this.batch));
  }

  /** The vectors of one batch, in its order. */
  async ask(texts: readonly string[], signal: AbortSignal): Promise<Float32Array[]> {
    for (let attempt = 0; ; attempt++) {
      signal.throwIfAborted();
      const answer = await this.tryOnce(texts, signal);
      if (answer.kind === "vectors") return answer.vectors;
      if (attempt === this.retries) {
        throw new InputError(`${this.place}: ${answer.reason}, after ${attempt + 1} tries`, {
          url: this.place,
          reason: answer.reason,
        });
      }
      const wait = Math.max(this.backoffMs * 2 ** attempt, answer.waitMs);
      await sleep(Math.min(wait, MAX_WAIT_MS), undefined, { signal });
    }
  }

  private async tryOnce(
    texts: readonly string[],
    signal: AbortSignal,
  ): Promise<
    { kind: "vectors"; vectors: Float32Array[] } | { kind: "again"; reason: string; waitMs: number }
  > {
    const timeout = AbortSignal.timeout(this.timeoutMs);
    let body: string | undefined;
    try {
      const response = await fetch(this.url, {
        method: "POST",
        headers: this.headers(),
        // Floats are the default, and some services refuse a field that says so.
        body: JSON.stringify({ model: this.model, input: texts }),
        redirect: "manual",
        signal: AbortSignal.any([signal, timeout]),
      });
      if (response.status !== 200) {
        await response.body?.cancel();
        const reason = `answered ${response.status}`;
        if (![408, 429].includes(response.status) && response.status < 500) {
          throw new InputError(`${this.place} ${reason}; expected 200`, {
            url: this.place,
            status: response.status,
          });
        }
        return { kind: "again", reason, waitMs: retryAfterMs(response.headers.get("retry-after")) };
      }
      body = await readBounded(response, texts.length * MAX_COLUMNS * NUMBER_BYTES + SPARE_BYTES);
    } catch (error) {
      if (error instanceof InputError) throw error;
      signal.throwIfAborted();
      // The cause's own message is omitted: it may contain anything.
      const reason = timeout.aborted ? `no answer within ${this.timeoutMs} ms` : "no connection";
      return { kind: "again", reason, waitMs: 0 };
    }
    if (body === undefined) throw this.malformed("more bytes than these vectors need");
    return { kind: "vectors", vectors: this.read(body, texts.length) };
  }

  private headers(): Record<string, string> {
    const key = process.env[KEY_VARIABLE];
    const headers = { "content-type": "application/json", accept: "application/json" };
    if (key === undefined || key === "") return headers;
    // fetch would quote an invalid header value, here the key, in its error.
    if (!/^[\x21-\x7e]+$/.test(key)) {
      throw new InputError(`${KEY_VARIABLE} is not a key; expected visible ASCII characters without spaces`, {
        field: KEY_VARIABLE,
      });
    }
    return { ...headers, authorization: `Bearer ${key}` };
  }

  /** Validates an answer without trusting anything in it. */
  private read(body: string, count: number): Float32Array[] {
    let answer: unknown;
    try {
      answer = JSON.parse(body);
    } catch {
      throw this.malformed("no JSON");
    }
    const data = field(answer, "data");
    if (!Array.isArray(data) || data.length !== count) {
      throw this.malformed(`not a "data" list of ${count} vectors`);
    }
    const vectors = new Array<Float32Array | undefined>(count).fill(undefined);
    for (const [k, item] of data.entries()) {
      const index = field(item, "index") ?? k;
      if (typeof index !== "number" || !Number.isInteger(index) || index < 0 || index >= count) {
        throw this.malformed("an index outside the batch");
      }
      if (vectors[index]) throw this.malformed(`index ${index} twice`);
      vectors[index] = this.vector(field(item, "embedding"));
    }
    const whole = vectors as Float32Array[];
    if (whole.some((vector) => vector.length !== whole[0].length)) {
      throw this.malformed("vectors of different lengths");
    }
    return whole;
  }

  private vector(numbers: unknown): Float32Array {
    if (!Array.isArray(numbers) || numbers.length < 1 || numbers.length > MAX_COLUMNS) {
      throw this.malformed(`an embedding that is not a list of 1 … ${MAX_COLUMNS} numbers`);
    }
    const vector = new Float32Array(numbers.length);
    for (const [k, x] of numbers.entries()) {
      vector[k] = typeof x === "number" ? x : NaN;
      if (!Number.isFinite(vector[k])) throw this.malformed("an embedding with a value that is not finite");
    }
    return vector;
  }

  private malformed(found: string): InputError {
    return new InputError(`${this.place} answered with ${found}; expected OpenAI-compatible embeddings`, {
      url: this.place,
    });
  }
}

/** An own property of an object; undefined for anything else. */
function field(value: unknown, name: string): unknown {
  if (typeof value !== "object" || value === null || !Object.hasOwn(value, name)) return undefined;
  return (value as Record<string, unknown>)[name];
}

/** The body as text, or undefined when it is longer than `most` bytes. */
async function readBounded(response: Response, most: number): Promise<string | undefined> {
  const chunks: Uint8Array[] = [];
  let bytes = 0;
  if (response.body === null) return "";
  for await (const chunk of response.body as unknown as AsyncIterable<Uint8Array>) {
    bytes += chunk.byteLength;
    if (bytes > most) return undefined;
    chunks.push(chunk);
  }
  return Buffer.concat(chunks).toString("utf8");
}

/** Seconds or a date; 0 when absent or unreadable. */
function retryAfterMs(header: string | null): number {
  if (header === null) return 0;
  const ms = /^\d+$/.test(header) ? Number(header) * 1000 : Date.parse(header) - Date.now();
  return ms > 0 ? Math.min(ms, MAX_WAIT_MS) : 0;
}

function checkedUrl(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const isWeb = url?.protocol === "https:" || url?.protocol === "http:";
  if (!url || !isWeb || url.username !== "" || url.password !== "") {
    // The text itself is not shown: it may hold a password.
    throw new InputError(
      "url is not the address of a service; expected http or https, without user or password",
      {
        field: "url",
      },
    );
  }
  return url;
}

function inRange(name: string, value: number, least: number, most: number): number {
  if (Number.isInteger(value) && value >= least && value <= most) return value;
  throw new InputError(`${name} is ${value}; expected a whole number ${least} … ${most}`, {
    field: name,
    value,
  });
}
