import { join } from "node:path";
import { InputError } from "../errors.js";
import { exists } from "./files.js";

/** The file whose presence says that a run was cancelled. */
export function cancelledPath(folder: string): string {
  return join(folder, "cancelled");
}

/** Milliseconds between two looks for that file. */
const LOOK_MS = 500;

/**
 * Does work on a run, whose signal aborts once the run is cancelled, or with the given one.
 *
 * @throws InputError where the run is cancelled.
 */
export async function unlessCancelled<T>(
  folder: string,
  given: AbortSignal | undefined,
  work: (signal: AbortSignal) => Promise<T>,
): Promise<T> {
  const cancelled = new AbortController();
  const look = async (): Promise<void> => {
    if (await exists(cancelledPath(folder)))
      cancelled.abort(new InputError("the run was cancelled; `optllm cluster resume` goes on with it", {}));
  };
  const timer = setInterval(() => void look().catch(() => undefined), LOOK_MS);
  try {
    await look();
    cancelled.signal.throwIfAborted();
    return await work(given === undefined ? cancelled.signal : AbortSignal.any([given, cancelled.signal]));
  } finally {
    clearInterval(timer);
  }
}
