import autocannon from "autocannon";
import { HEADERS } from "./target.js";

const CONNECTIONS = 10;

/** One run of complete requests. */
export interface Load {
  requests: number;
  seconds: number;
  /** Milliseconds from sending to the end of the answer, sorted. */
  times: Float64Array;
  /** Requests without a good answer. */
  failed: number;
}

/** Sends these bodies in turn, as fast as answers come. */
export async function load(url: string, bodies: readonly string[], seconds: number): Promise<Load> {
  const times: number[] = [];
  const run = autocannon({
    url,
    method: "POST",
    headers: HEADERS,
    requests: bodies.map((body) => ({ body })),
    connections: CONNECTIONS,
    duration: seconds,
  });
  run.on("response", (_, __, ___, ms) => times.push(ms));
  const { requests, duration, errors, timeouts, non2xx } = await run;
  return {
    requests: requests.total,
    seconds: duration,
    times: Float64Array.from(times).sort(),
    failed: errors + timeouts + non2xx,
  };
}

/** The value below which this share of sorted values lies. */
export function quantile(sorted: ArrayLike<number>, share: number): number {
  return sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? NaN;
}
