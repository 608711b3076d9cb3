import { randomBytes } from "node:crypto";
import { readFile } from "node:fs/promises";
import { InputError } from "../../errors.js";
import { checkCapacityState, withoutOpen } from "../../online/limits/capacities.js";
import type { Router } from "../../online/router.js";
import type { RouterState } from "../../online/state.js";
import { readError } from "../../text/fileError.js";
import { writeOut } from "../../write/file.js";

const VERSION = 1;

/** What a server keeps from one run to the next, besides money. */
export interface Learned {
  version: number;
  /** By policy, what its router learned. */
  policies: Record<string, unknown>;
  pins: unknown;
}

/** Reads what was kept; nothing where there is no file, or none that can be read, which `note` tells. */
export async function readLearned(path: string, note: (text: string) => void): Promise<Learned> {
  const none: Learned = { version: VERSION, policies: {}, pins: [] };
  let text: string;
  try {
    text = await readFile(path, "utf8");
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "ENOENT") return none;
    throw readError(error, path);
  }
  try {
    const value = JSON.parse(text) as Learned;
    if (value?.version === VERSION && typeof value.policies === "object" && value.policies !== null)
      return value;
  } catch {
    // The same as one of another form.
  }
  note("what was learned before cannot be read and is left aside; the money is in another file");
  return none;
}

export async function writeLearned(path: string, learned: Omit<Learned, "version">): Promise<void> {
  await writeOut(path, [JSON.stringify({ version: VERSION, ...learned })]);
}

/**
 * What a router learned, for its successor: with ids of its own, since both may decide for a while, and without the
 * reservations that its predecessor settles. What they hold of a plan's limits counts as used.
 */
export function inherited(state: unknown): unknown {
  if (typeof state !== "object" || state === null) return state;
  const limits = (state as Partial<RouterState>).limits;
  return {
    ...state,
    instance: randomBytes(6).toString("hex"),
    open: [],
    ...(limits !== undefined && { limits: withoutOpen(checkCapacityState(limits)) }),
  };
}

/** What the routers of these policies have learned. */
export function learnedOf(policies: Iterable<{ name: string; router: Router }>): Record<string, unknown> {
  return Object.fromEntries([...policies].map(({ name, router }) => [name, router.state()]));
}

/** @throws InputError for a folder that cannot be made. */
export function folderError(error: unknown, path: string): unknown {
  const { code } = error as NodeJS.ErrnoException;
  if (typeof code !== "string") return error;
  return new InputError(`state.path: the folder ${path} cannot be made (${code})`, { field: "state.path" });
}
