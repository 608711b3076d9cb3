import { unwatchFile, watchFile } from "node:fs";

/** How often files are looked at: this also sees files that are replaced, and network disks. */
const EVERY_MS = 1_000;

/** Calls a function when one of some files has changed. */
export class FileWatch {
  private paths: readonly string[] = [];
  private isClosed = false;

  constructor(
    private readonly onChange: () => void,
    private readonly everyMs = EVERY_MS,
  ) {}

  /** From now on these are the files. No change is missed of one that was among them already. */
  set(paths: readonly string[]): void {
    if (this.isClosed) return;
    const before = this.paths;
    this.paths = [...new Set(paths)];
    const interval = this.everyMs;
    for (const path of this.paths)
      if (!before.includes(path)) watchFile(path, { interval, persistent: false }, this.listener);
    for (const path of before) if (!this.paths.includes(path)) unwatchFile(path, this.listener);
  }

  close(): void {
    this.set([]);
    this.isClosed = true;
  }

  private readonly listener = (
    now: { mtimeMs: number; size: number },
    before: { mtimeMs: number; size: number },
  ): void => {
    if (now.mtimeMs !== before.mtimeMs || now.size !== before.size) this.onChange();
  };
}
