import { Agent, request } from "undici";
import { Random } from "../../src/random.js";

/** Who asks: a key with a budget that is not used up, and one whose budget is. */
export const KEYS = { wide: "key-wide", tight: "key-tight" } as const;
/** Shares of requests: of the key with little money, streams, embeddings, and those that hang up. */
const TIGHT = 0.1;
const STREAMS = 0.5;
const VECTORS = 0.1;
const HANG_UP = 0.1;
const LATEST_HANG_UP_MS = 400;
/** An answer that has not come by then will not come: deadlines and times without a byte are far shorter. */
const LOST_MS = 30_000;
const MOST_TOKENS = 50;

/** How requests ended for those who sent them. */
export class Endings {
  /** Complete answers. */
  answered = 0;
  /** Answers that broke off with an error event. */
  brokenOff = 0;
  /** Errors by status. */
  readonly errors = new Map<number, number>();
  hungUp = 0;
  /** Requests that ended in any other way, with what came. */
  readonly lost: string[] = [];

  get requests(): number {
    const errors = [...this.errors.values()].reduce((sum, count) => sum + count, 0);
    return this.answered + this.brokenOff + this.hungUp + this.lost.length + errors;
  }
}

/** Sends requests on so many connections until this moment, one after another on each. */
export async function ask(
  url: string,
  { connections, until, seed }: { connections: number; until: number; seed: number },
): Promise<Endings> {
  const endings = new Endings();
  const dispatcher = new Agent({ connections, pipelining: 1, headersTimeout: LOST_MS, bodyTimeout: LOST_MS });
  const one = async (k: number): Promise<void> => {
    const random = new Random(seed, k + 1);
    for (let turn = 0; performance.now() < until; turn++)
      await send(url, `soak-${k}-${turn}`, random, dispatcher, endings);
  };
  await Promise.all(Array.from({ length: connections }, (_, k) => one(k)));
  await dispatcher.close();
  return endings;
}

async function send(
  url: string,
  id: string,
  random: Random,
  dispatcher: Agent,
  endings: Endings,
): Promise<void> {
  const key = random.uniform() < TIGHT ? KEYS.tight : KEYS.wide;
  const isVectors = random.uniform() < VECTORS;
  const isStream = !isVectors && random.uniform() < STREAMS;
  const hangUp = new AbortController();
  const after = random.uniform() < HANG_UP ? random.uniform() * LATEST_HANG_UP_MS : undefined;
  const timer = after === undefined ? undefined : setTimeout(() => hangUp.abort(), after);
  const text = `Please translate the ${id} sentence: ${"the quick brown fox jumps over the lazy dog ".repeat(3)}`;
  const chat = {
    messages: [{ role: "user", content: text }],
    stream: isStream,
    max_completion_tokens: MOST_TOKENS,
  };
  let came = "";
  try {
    const { statusCode, body } = await request(
      url + (isVectors ? "/v1/embeddings" : "/v1/chat/completions"),
      {
        method: "POST",
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json", "x-request-id": id },
        body: JSON.stringify(isVectors ? { model: "vectors", input: text } : { model: "auto", ...chat }),
        signal: hangUp.signal,
        dispatcher,
      },
    );
    body.setEncoding("utf8");
    for await (const part of body) came += String(part);
    judge(endings, statusCode, came, isStream, id);
  } catch (error) {
    if (hangUp.signal.aborted) endings.hungUp++;
    // A connection that ends after an error event may break under the client.
    else if (isStream && endsInError(came)) endings.brokenOff++;
    else endings.lost.push(`${id}: ${String((error as Error).message)} after ${came.slice(-200)}`);
  } finally {
    clearTimeout(timer);
  }
}

function judge(endings: Endings, status: number, came: string, isStream: boolean, id: string): void {
  if (status !== 200) {
    const { error } = JSON.parse(came) as { error?: { message?: unknown } };
    if (typeof error?.message !== "string") endings.lost.push(`${id}: status ${status} without an error`);
    else endings.errors.set(status, (endings.errors.get(status) ?? 0) + 1);
  } else if (!isStream) {
    JSON.parse(came);
    endings.answered++;
  } else if (came.endsWith("data: [DONE]\n\n") && !endsInError(came)) endings.answered++;
  else if (endsInError(came)) endings.brokenOff++;
  else endings.lost.push(`${id}: a stream that ends with ${came.slice(-200)}`);
}

function endsInError(came: string): boolean {
  return /data: \{"error":[^\n]*\n\n$/.test(came);
}
