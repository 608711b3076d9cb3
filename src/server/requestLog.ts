import { peer } from "./peers.js";
import type { Outcome } from "./proxy/call.js";

/** What no line shows, should an outcome ever have it. An outcome is flat: paths further down would cost 17 µs a line. */
const SECRET = [
  "authorization",
  "apiKey",
  "body",
  "content",
  "headers",
  "input",
  "messages",
  "prompt",
  "text",
];
const CENSOR = "[redacted]";

/** How long a line may wait. A write for each took 3 % of the time of a small request, and would wait for a slow reader. */
const WAIT_MS = 100;
const MOST_UNITS = 65_536;

/** The lines of requests. */
export interface RequestLog {
  write(outcome: Outcome): void;
  /** Writes what waits. */
  close(): void;
}

/**
 * Writes a line of JSON for each request that is over: its level (`error` for 5xx, `warn` for 4xx, otherwise `info`), the
 * time and its outcome, which has no text and no key. `out` takes whole lines, within 100 ms.
 *
 * @throws InputError where pino is missing.
 */
export async function openRequestLog(out: (lines: string) => void): Promise<RequestLog> {
  const { pino } = await peer("pino", () => import("pino"));
  let waiting = "";
  const flush = (): void => {
    if (waiting === "") return;
    const lines = waiting;
    waiting = "";
    out(lines);
  };
  const write = (line: string): void => {
    waiting += line;
    if (waiting.length > MOST_UNITS) flush();
  };
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: SECRET, censor: CENSOR },
    },
    { write },
  );
  const timer = setInterval(flush, WAIT_MS).unref();
  return {
    write: (outcome) => log[levelOf(outcome)](outcome),
    close: () => {
      clearInterval(timer);
      flush();
    },
  };
}

function levelOf({ status }: Outcome): "error" | "warn" | "info" {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}
