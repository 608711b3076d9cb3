import { InputError } from "../../errors.js";
import { objectOf } from "../protocol/fields.js";
import { gatewayFailure, type Failure } from "../upstream/failure.js";
import type { Reply } from "../upstream/upstream.js";
import type { Attempt } from "./attempt.js";
import { readAll, writtenText } from "./bodies.js";
import { answerHeaders, dollarsText } from "./outgoing.js";
import { thrownFailure } from "./thrown.js";

const MOST_BYTES = 64 * 2 ** 20;

/** An answer that is complete. */
export interface Answer {
  headers: Record<string, string>;
  bytes: Buffer;
  /** As JSON. */
  value: Record<string, unknown>;
}

/** Reads a whole answer, settles it, and passes its bytes on unchanged. */
export async function bufferedAnswer(attempt: Attempt, reply: Reply): Promise<Answer | Failure> {
  const { name, kind } = attempt.model.upstream;
  let bytes: Buffer;
  try {
    bytes = await readAll(reply.body, MOST_BYTES);
  } catch (error) {
    // Its beginning came, so the upstream has worked on it.
    return { ...thrownFailure(error, attempt), isCharged: true };
  }
  const fail = (problem: string, isCharged: boolean): Failure =>
    gatewayFailure(`upstream ${name} ${problem}`, { isCharged });
  let value = parsed(bytes);
  if (value === undefined) return fail("answered with something that is not JSON", true);
  if (value.error !== undefined && value.error !== null) return fail("answered with an error", false);
  if (kind.answer !== undefined) {
    try {
      value = kind.answer(value);
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      return fail("answered with something that is no finished answer", true);
    }
    bytes = Buffer.from(JSON.stringify(value));
  }
  attempt.answered(value.usage, () => writtenText(value));
  const headers = { ...answerHeaders(attempt, reply.headers), "x-optllm-cost": dollarsText(attempt.cost) };
  return { headers, bytes, value };
}

function parsed(bytes: Buffer): Record<string, unknown> | undefined {
  try {
    return objectOf(JSON.parse(bytes.toString("utf8")));
  } catch {
    return undefined;
  }
}
