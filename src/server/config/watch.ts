import { unwatchFile, watchFile } from "node:fs";

/** How often files are looked at: this also sees files that are replaced, and network disks. */
const EVERY_MS = 1_000;

/** Calls `onChange` when one of these files has changed, until the function that it gives is called. */
export function watchFiles(paths: readonly string[], onChange: () => void, everyMs = EVERY_MS): () => void {
  const listener = (
    now: { mtimeMs: number; size: number },
    before: { mtimeMs: number; size: number },
  ): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) onChange();
  };
  for (const path of paths) watchFile(path, { interval: everyMs, persistent: false }, listener);
  return () => {
    for (const path of paths) unwatchFile(path, listener);
  };
}
