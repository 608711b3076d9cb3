import { quantile } from "./buffered.js";
import { chatBody, HEADERS } from "./target.js";
import { requestBytes, Wire } from "./wire.js";

/** Of one stream in so many the times of chunks are read: reading all would load the core of the load itself. */
const READ_ONE_IN = 20;

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
  const run: StreamRun = { seconds: 0, chunks: 0, complete: 0, broken: 0, p50: NaN, p99: NaN };
  const requests = texts.map((text) =>
    requestBytes(url, HEADERS, chatBody(text, { stream: true, max_completion_tokens: tokens })),
  );
  const delays: number[] = [];
  const wires: Wire[] = [];
  let hasEnded = false;
  const start = performance.now();
  const ticking = setInterval(() => onSecond(Math.round((performance.now() - start) / 1_000)), 1_000);
  const one = async (k: number): Promise<void> => {
    const isRead = k % READ_ONE_IN === 0;
    // They begin over a time, and end so.
    await new Promise((resolve) => setTimeout(resolve, (k / streams) * 1_000));
    const wire = (wires[k] = new Wire(new URL(url)));
    for (let turn = 0; !hasEnded; turn++) {
      let isWhole = false;
      const status = await wire.send(requests[(k + turn * streams) % requests.length], (bytes) => {
        run.chunks += eventsIn(bytes);
        if (isRead) readDelays(bytes, delays);
        isWhole = bytes.includes("[DONE]") || isWhole;
      });
      if (hasEnded) return;
      if (status === 200 && isWhole) run.complete++;
      else if (run.broken++ === 0) console.log(`  a stream broke off, status ${status}`);
    }
  };
  const all = Array.from({ length: streams }, (_, k) => one(k));
  await new Promise((resolve) => setTimeout(resolve, seconds * 1_000));
  run.seconds = (performance.now() - start) / 1_000;
  hasEnded = true;
  for (const wire of wires) wire.close();
  await Promise.all(all);
  clearInterval(ticking);
  delays.sort((a, b) => a - b);
  return { ...run, p50: quantile(delays, 0.5), p99: quantile(delays, 0.99) };
}

/** Chunks: each begins with `data:`, and no text has that. One that is cut there is not counted. */
function eventsIn(bytes: Buffer): number {
  let count = 0;
  for (let at = bytes.indexOf("data:"); at >= 0; at = bytes.indexOf("data:", at + 5)) count++;
  return count;
}

function readDelays(bytes: Buffer, delays: number[]): void {
  const now = Date.now();
  for (const [, sent] of bytes.toString("latin1").matchAll(/"content":"(\d{13})"/g))
    delays.push(now - Number(sent));
}
