import { closeSync, openSync, readFileSync, rmSync, writeSync } from "node:fs";
import { InputError } from "../../errors.js";
import { writeError } from "../../text/fileError.js";
import { fileName } from "../../text/shown.js";

/** Locks that this process holds. */
const held = new Set<string>();

/**
 * Takes the lock of a file: `<path>.lock`, which holds the process's id. Returns how to give it back. The lock of a
 * process that is gone is taken over.
 *
 * @throws InputError if another process, or this one, has it.
 */
export function lock(path: string): () => void {
  const name = `${path}.lock`;
  if (held.has(name)) throw inUse(path, process.pid);
  for (;;) {
    try {
      const file = openSync(name, "wx");
      writeSync(file, String(process.pid));
      closeSync(file);
      break;
    } catch (error) {
      if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw writeError(error, name);
      const owner = ownerOf(name);
      if (owner !== undefined) throw inUse(path, owner);
      rmSync(name, { force: true });
    }
  }
  held.add(name);
  return () => {
    held.delete(name);
    rmSync(name, { force: true });
  };
}

/** The process that has a lock; undefined if it is gone. */
function ownerOf(name: string): number | undefined {
  let pid: number;
  try {
    pid = Number(readFileSync(name, "utf8"));
  } catch {
    return undefined;
  }
  // This process has its number from one that is gone, as happens in containers.
  if (!Number.isSafeInteger(pid) || pid <= 0 || pid === process.pid) return undefined;
  try {
    process.kill(pid, 0);
    return pid;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === "EPERM" ? pid : undefined;
  }
}

function inUse(path: string, pid: number): InputError {
  const name = fileName(path);
  return new InputError(
    `${name} is in use by process ${pid}; a journal has one writer (if that process is no router, remove ${name}.lock)`,
    { file: name, pid },
  );
}
