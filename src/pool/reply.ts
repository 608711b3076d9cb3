import { CoreError, InputError, OptllmError, OverloadedError, type ErrorCode } from "../errors.js";

/** An answer between threads: classes do not survive the passage, data does. */
export type Reply<T> =
  { ok: true; value: T } | { ok: false; code: ErrorCode; message: string; details: Record<string, unknown> };

/** Runs and answers with data; an error that is not ours is a bug and keeps its stack. */
export function reply<T>(run: () => T): Reply<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    if (!(error instanceof OptllmError)) throw error;
    const { code, message, details } = error;
    return { ok: false, code, message, details };
  }
}

/** The value of an answer, or its error as the class it was. */
export function unwrap<T>(answer: Reply<T>): T {
  if (answer.ok) return answer.value;
  const Class = { E_INPUT: InputError, E_OVERLOADED: OverloadedError, E_CORE: CoreError }[answer.code];
  throw new Class(answer.message, answer.details);
}
