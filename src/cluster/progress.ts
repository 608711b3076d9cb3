import { join } from "node:path";
import type { OnProgress } from "../types.js";
import { readJson, writeJson } from "./run.js";

/** A step of a run as far as it got. */
export interface StepProgress {
  step: string;
  /** Rows done, and all of them; bytes of the inputs in the steps `split` and `predict`, whose rows are not yet known. */
  done: number;
  total: number;
  /** Since the step began. */
  seconds: number;
}

const WRITE_MS = 1_000;

/** Keeps the progress of each step in `progress.json`, about once a second, and passes it on. */
export class ProgressFile {
  private readonly steps = new Map<string, StepProgress>();
  private began = 0;
  private last = "";
  private written = -Infinity;
  private writing: Promise<void> = Promise.resolve();

  constructor(
    private readonly folder: string,
    private readonly onProgress?: OnProgress,
  ) {}

  readonly update: OnProgress = (progress) => {
    const { phase, done, total } = progress;
    const now = performance.now();
    if (phase !== this.last) this.began = now;
    const isDue = phase !== this.last || done === total || now - this.written > WRITE_MS;
    this.last = phase;
    this.steps.set(phase, { step: phase, done, total, seconds: (now - this.began) / 1000 });
    if (isDue) {
      this.written = now;
      const steps = [...this.steps.values()];
      // Progress that cannot be kept stops no run: a full disk shows where results are written.
      this.writing = this.writing
        .then(() => writeJson(join(this.folder, "progress.json"), { steps }))
        .catch(() => undefined);
    }
    this.onProgress?.(progress);
  };

  /** Resolves when all is written. */
  settled(): Promise<void> {
    return this.writing;
  }
}

export async function readProgress(folder: string): Promise<StepProgress[]> {
  const { steps } = await readJson<{ steps: StepProgress[] }>(join(folder, "progress.json"), () => ({
    steps: [],
  }));
  return steps;
}
