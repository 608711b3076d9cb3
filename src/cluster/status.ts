import { readdir, rm } from "node:fs/promises";
import { join } from "node:path";
import { InputError } from "../errors.js";
import { writeOut } from "../write/file.js";
import { cancelledPath } from "./cancelled.js";
import { exists } from "./files.js";
import type { Manifest } from "./plan.js";
import { readProgress, type StepProgress } from "./progress.js";
import { nameOf } from "./pieces/piece.js";
import { splitPath } from "./pieces/split.js";
import { changedOf, checkInput, inputFile, readJson, readRun, writeJson, type Run } from "./run.js";

/** Where a run stands, from its files alone. */
export interface RunStatus {
  state: "open" | "cancelled" | "done";
  run: Run;
  steps: StepProgress[];
  /** Of a run that is done. */
  manifest?: Manifest;
}

/** @throws InputError for a folder without a run. */
export async function statusOf(folder: string): Promise<RunStatus> {
  const run = await readRun(folder);
  const manifest = await readJson<Manifest | undefined>(join(folder, "manifest.json"), () => undefined);
  const isCancelled = await exists(cancelledPath(folder));
  return {
    state: manifest !== undefined ? "done" : isCancelled ? "cancelled" : "open",
    run,
    steps: await readProgress(folder),
    ...(manifest && { manifest }),
  };
}

/**
 * Cancels a run: its coordinator ends, and workers skip its tasks. Tasks under way end by themselves. What is done stays.
 *
 * @throws InputError for a run that is done.
 */
export async function cancelRun(folder: string): Promise<void> {
  const { state } = await statusOf(folder);
  if (state === "done") throw new InputError("the run is done; there is nothing to cancel", { folder });
  await writeOut(cancelledPath(folder), ["cancelled\n"]);
}

/**
 * Makes a run ready to go on, unless it is done: takes a cancellation back, and accepts inputs that were changed, as to repair
 * them, before they were read.
 *
 * @throws InputError for an input that has changed since it was read.
 */
export async function reopenRun(folder: string): Promise<void> {
  const { state, run } = await statusOf(folder);
  if (state === "done") return;
  const done = await readdir(join(folder, "pieces")).catch(() => []);
  const read = new Set(
    done.filter((name) => name.endsWith(".json")).map((name) => name.slice(0, nameOf(0).length)),
  );
  for (const [k, file] of run.files.entries()) {
    if ((await changedOf(file)) === undefined) continue;
    if (read.has(nameOf(k))) await checkInput(file);
    run.files[k] = { ...file, ...(await inputFile(file.path)) };
    await rm(splitPath(folder, k), { force: true });
  }
  await writeJson(join(folder, "run.json"), run);
  await rm(cancelledPath(folder), { force: true });
}
