import { mkdir, open, readFile, stat, type FileHandle } from "node:fs/promises";
import { dirname } from "node:path";
import { InputError } from "../errors.js";
import { pack, unpack, type Kind } from "../packed.js";
import { version } from "../package.js";
import { readError } from "../text/fileError.js";
import { oneLine } from "../text/shown.js";
import { writeOut } from "../write/file.js";

const RESULT: Kind = {
  magic: "OPTLLMC\n",
  name: "result of a step",
  format: 1,
  expected: "a file of a run",
  remedy: "remove it and resume the run",
};

/** Plain data with arrays as a file that appears only when complete, and ends with its SHA-256. */
export async function writeResult(path: string, data: unknown): Promise<void> {
  await mkdir(dirname(path), { recursive: true });
  await writeOut(path, [pack(RESULT, version, data)]);
}

/** Reads what `writeResult` wrote. Throws `InputError` naming the file for a damaged one. */
export async function readResult<T>(path: string): Promise<T> {
  let bytes: Buffer;
  try {
    bytes = await readFile(path);
  } catch (error) {
    throw readError(error, path);
  }
  try {
    return unpack(RESULT, bytes, true).data as T;
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`${oneLine(path)}: ${error.message}`, { path, isDamaged: true });
  }
}

export function exists(path: string): Promise<boolean> {
  return stat(path).then(
    () => true,
    () => false,
  );
}

/** Bytes of a file from a place on. Throws `InputError` naming the file if it ends before. */
export async function readBytesAt(path: string, at: number, into: Uint8Array): Promise<void> {
  let handle: FileHandle | undefined;
  try {
    handle = await open(path, "r");
    for (let done = 0; done < into.length;) {
      const { bytesRead } = await handle.read(into, done, into.length - done, at + done);
      if (bytesRead === 0) throw new InputError(`${oneLine(path)} ends too early`, { path });
      done += bytesRead;
    }
  } catch (error) {
    throw readError(error, path);
  } finally {
    await handle?.close();
  }
}
