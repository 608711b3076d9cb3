import { randomUUID } from "node:crypto";
import { mkdir, readdir, rename, rm, rmdir } from "node:fs/promises";
import { basename, dirname, join, resolve } from "node:path";
import { InputError } from "../errors.js";
import { failure, writeError } from "../text/fileError.js";
import { oneLine } from "../text/shown.js";
import { findIn } from "./file.js";

/**
 * Makes a folder whose files appear all at once: `fill` writes into a temporary folder beside it, which takes the name
 * at the end, or is removed on an error or abort.
 *
 * @throws InputError naming the path: it exists and is not an empty folder, its parent is missing or not writable.
 */
export async function writeFolder<T>(
  path: string,
  fill: (folder: string) => Promise<T>,
  options: { signal?: AbortSignal } = {},
): Promise<T> {
  const target = resolve(path);
  await checkFolder(path);
  const temporary = join(dirname(target), `.optllm-${randomUUID()}.tmp`);
  try {
    await mkdir(temporary);
    const result = await fill(temporary);
    options.signal?.throwIfAborted();
    await rmdir(target).catch(() => undefined);
    await rename(temporary, target);
    return result;
  } catch (error) {
    await rm(temporary, { recursive: true, force: true });
    options.signal?.throwIfAborted();
    throw writeError(error, path);
  }
}

/**
 * Checks early, before long work, that `writeFolder` can begin.
 *
 * @throws InputError naming the path.
 */
export async function checkFolder(path: string): Promise<void> {
  const target = resolve(path);
  try {
    if (basename(target) === "") throw failure("ENOTDIR");
    const found = await findIn(dirname(target), target);
    if (found === undefined) return;
    if (found.isDirectory() && (await readdir(target)).length === 0) return;
  } catch (error) {
    throw writeError(error, path);
  }
  throw new InputError(`${oneLine(path)} exists already; expected a new name or an empty folder`, { path });
}
