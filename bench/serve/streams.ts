import { setMaxListeners } from "node:events";
import { Agent, request } from "undici";
import { quantile } from "./buffered.js";
import { chatBody, HEADERS } from "./target.js";

/** Of one stream in so many the times of chunks are read: reading all would load the core of the load itself. */
const READ_ONE_IN = 20;
/** A thousand connections at once take their time on a busy machine. */
const PATIENCE_MS = 60_000;
const LF = 10;

/** What came in a run of streams. */
export interface StreamRun {
  seconds: number;
  chunks: number;
  /** Streams that ended with `[DONE]`, and those that did not. */
  complete: number;
  broken: number;
  /** Milliseconds from when the upstream wrote a chunk until the client read it, of a part of the streams. */
  p50: number;
  p99: number;
}

/** Keeps so many streams open, each of so many tokens; a new one begins where one ends. `onSecond` is called meanwhile. */
export async function runStreams(
  url: string,
  texts: readonly string[],
  { streams, seconds, tokens }: { streams: number; seconds: number; tokens: number },
  onSecond: (second: number) => void = () => undefined,
): Promise<StreamRun> {
  const dispatcher = new Agent({ connections: streams, pipelining: 1, connect: { timeout: PATIENCE_MS } });
  const run: StreamRun = { seconds: 0, chunks: 0, complete: 0, broken: 0, p50: NaN, p99: NaN };
  const delays: number[] = [];
  const ending = new AbortController();
  setMaxListeners(0, ending.signal);
  const start = performance.now();
  const ticking = setInterval(() => onSecond(Math.round((performance.now() - start) / 1_000)), 1_000);
  const one = async (k: number): Promise<void> => {
    const isRead = k % READ_ONE_IN === 0;
    // They begin over a time, and end so.
    await new Promise((resolve) => setTimeout(resolve, (k / streams) * 1_000));
    for (let turn = 0; !ending.signal.aborted; turn++) {
      try {
        const text = texts[(k + turn * streams) % texts.length];
        const { statusCode, body } = await request(url, {
          method: "POST",
          headers: HEADERS,
          body: chatBody(text, { stream: true, max_completion_tokens: tokens }),
          signal: ending.signal,
          dispatcher,
        });
        if (statusCode !== 200) throw new Error((await body.text()).slice(0, 200));
        let last: Buffer = Buffer.alloc(0);
        for await (const bytes of body as AsyncIterable<Buffer>) {
          run.chunks += eventsIn(bytes);
          if (isRead) readDelays(bytes, delays);
          last = bytes;
        }
        if (last.includes("[DONE]")) run.complete++;
        else run.broken++;
      } catch (error) {
        if (ending.signal.aborted) return;
        if (run.broken++ === 0) console.log(`  a stream broke off: ${String((error as Error).message)}`);
      }
    }
  };
  const all = Array.from({ length: streams }, (_, k) => one(k));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  run.seconds = (performance.now() - start) / 1_000;
  ending.abort();
  await Promise.all(all);
  clearInterval(ticking);
  await dispatcher.destroy();
  delays.sort((a, b) => a - b);
  return { ...run, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}

/** Blank lines. */
function eventsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf("\n\n"); at >= 0; at = bytes.indexOf("\n\n", at + 2)) count++;
  return bytes[0] === LF && bytes[1] !== LF ? count + 1 : count;
}

function readDelays(bytes: Buffer, delays: number[]): void {
  const now = Date.now();
  for (const [, sent] of bytes.toString("latin1").matchAll(/"content":"(\d{13})"/g))
    delays.push(now - Number(sent));
}
