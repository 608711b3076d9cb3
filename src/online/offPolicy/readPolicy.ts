import { readFile, stat } from "node:fs/promises";
import { InputError, OptllmError } from "../../errors.js";
import { readError } from "../../text/fileError.js";
import { fileName } from "../../text/shown.js";
import { checkPolicy, type Policy } from "../policy.js";

/** A policy is a page of JSON. */
const MOST_BYTES = 2 ** 20;

/**
 * Reads a policy that `optllm solve --policy-out` wrote.
 *
 * @throws InputError naming the file.
 */
export async function readPolicy(path: string): Promise<Policy> {
  const name = fileName(path);
  const fail = (problem: string): InputError => new InputError(`${name}: ${problem}`, { file: name });
  let text: string;
  try {
    const { size } = await stat(path);
    if (size > MOST_BYTES) throw fail(`has ${size} bytes; a policy has at most ${MOST_BYTES}`);
    text = await readFile(path, "utf8");
  } catch (error) {
    throw readError(error, path);
  }
  try {
    return checkPolicy(JSON.parse(text));
  } catch (error) {
    if (error instanceof OptllmError) throw fail(error.message);
    throw fail("not valid JSON; expected a file that optllm solve --policy-out wrote");
  }
}
