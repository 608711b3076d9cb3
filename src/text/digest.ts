import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { readError } from "./fileError.js";

/**
 * The SHA-256 of a file's bytes in hexadecimal digits, as `sha256sum` prints it; undefined for standard
 * input ("-"), pipes and devices, which cannot be read twice.
 *
 * @throws InputError for a file that cannot be read.
 */
export async function fileDigest(path: string, signal?: AbortSignal): Promise<string | undefined> {
  if (path === "-") return undefined;
  const hash = createHash("sha256");
  try {
    if (!(await stat(path)).isFile()) return undefined;
    await pipeline(createReadStream(path), hash, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw readError(error, path);
  }
  return hash.digest("hex");
}
