import { setImmediate } from "node:timers/promises";

/** Lets the event loop run, then stops if asked to. */
export async function breathe(signal: AbortSignal | undefined): Promise<void> {
  await setImmediate();
  signal?.throwIfAborted();
}
