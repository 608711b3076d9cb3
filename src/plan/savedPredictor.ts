import { readFile, stat } from "node:fs/promises";
import { InputError, OptllmError } from "../errors.js";
import { MAX_SAVED_BYTES } from "../predict/packed/dense.js";
import { loadSaved, type Saved } from "../predict/saved.js";
import { readError } from "../text/fileError.js";
import { fileName } from "../text/shown.js";
import type { Predictor } from "../predict/predictor.js";

/** Reads a predictor that `optllm fit` wrote. Throws InputError naming the file. */
export async function readPredictor(path: string): Promise<Predictor> {
  return (await readSaved(path)).predictor;
}

/** The same with the digest of the file. */
export async function readSaved(path: string): Promise<Saved> {
  const name = fileName(path);
  const fail = (problem: string): InputError => new InputError(`${name}: ${problem}`, { file: name });
  let bytes: Buffer;
  try {
    const { size } = await stat(path);
    if (size > MAX_SAVED_BYTES)
      throw fail(`has ${size} bytes; a saved predictor has at most ${MAX_SAVED_BYTES}`);
    bytes = await readFile(path);
  } catch (error) {
    throw readError(error, path);
  }
  try {
    return loadSaved(bytes);
  } catch (error) {
    if (error instanceof OptllmError) throw fail(error.message);
    throw error;
  }
}
