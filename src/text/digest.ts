import { createHash } from "node:crypto";
import { createReadStream } from "node:fs";
import { stat } from "node:fs/promises";
import { pipeline } from "node:stream/promises";
import { readError } from "./fileError.js";

/** Larger than the default, which costs as much as hashing does. */
const CHUNK_BYTES = 2 ** 20;

/** Which bytes are read, and until when. */
interface DigestOptions {
  signal?: AbortSignal;
  /** Default: all of the file. */
  range?: { from: number; to: number };
}

/**
 * The SHA-256 of a file's bytes in hexadecimal digits, as `sha256sum` prints it; undefined for standard
 * input ("-"), pipes and devices, which cannot be read twice.
 *
 * @throws InputError for a file that cannot be read.
 */
export async function fileDigest(
  path: string,
  { signal, range }: DigestOptions = {},
): Promise<string | undefined> {
  if (path === "-") return undefined;
  const hash = createHash("sha256");
  try {
    if (!(await stat(path)).isFile()) return undefined;
    const part = range && { start: range.from, end: range.to - 1 };
    await pipeline(createReadStream(path, { highWaterMark: CHUNK_BYTES, ...part }), hash, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw readError(error, path);
  }
  return hash.digest("hex");
}
