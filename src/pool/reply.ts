import { CoreError, InputError, OptllmError, OverloadedError, type ErrorCode } from "../errors.js";

/** An answer between threads, as data: classes do not survive the transfer. */
export type Reply<T> =
  { ok: true; value: T } | { ok: false; code: ErrorCode; message: string; details: Record<string, unknown> };

/** Runs and answers with data; an error of another class is a bug and keeps its stack. */
export function reply<T>(run: () => T): Reply<T> {
  try {
    return { ok: true, value: run() };
  } catch (error) {
    return failed(error);
  }
}

/** The same for work that takes its time. */
export async function replyLater<T>(run: () => Promise<T>): Promise<Reply<T>> {
  try {
    return { ok: true, value: await run() };
  } catch (error) {
    return failed(error);
  }
}

function failed(error: unknown): Reply<never> {
  if (!(error instanceof OptllmError)) throw error;
  const { code, message, details } = error;
  return { ok: false, code, message, details };
}

/** The value of an answer; throws its error with the original class. */
export function unwrap<T>(answer: Reply<T>): T {
  if (answer.ok) return answer.value;
  const Class = { E_INPUT: InputError, E_OVERLOADED: OverloadedError, E_CORE: CoreError }[answer.code];
  throw new Class(answer.message, answer.details);
}

/** The buffers of all typed arrays in plain data, each once; shared ones stay where they are. */
export function buffersOf(data: unknown): ArrayBuffer[] {
  const found = new Set<ArrayBuffer>();
  const visit = (value: unknown): void => {
    if (ArrayBuffer.isView(value)) {
      if (value.buffer instanceof ArrayBuffer) found.add(value.buffer);
    } else if (typeof value === "object" && value !== null) Object.values(value).forEach(visit);
  };
  visit(data);
  return [...found];
}
