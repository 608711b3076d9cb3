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

/**
 * Writes a line of JSON for each request that is over: its level (`error` for 5xx, `warn` for 4xx, otherwise `info`), the
 * time and its outcome, which has no text and no key. `write` takes whole lines.
 *
 * @throws InputError where pino is missing.
 */
export async function openRequestLog(write: (lines: string) => void): Promise<(outcome: Outcome) => void> {
  const { pino } = await peer("pino", () => import("pino"));
  const log = pino(
    {
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (level) => ({ level }) },
      redact: { paths: SECRET, censor: CENSOR },
    },
    { write },
  );
  return (outcome) => log[levelOf(outcome)](outcome);
}

function levelOf({ status }: Outcome): "error" | "warn" | "info" {
  if (status >= 500) return "error";
  return status >= 400 ? "warn" : "info";
}
