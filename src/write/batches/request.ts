import { InputError } from "../../errors.js";

/** One request of the work, as the file has it. */
export interface WorkRequest {
  id: string;
  /** The body of an OpenAI Batch input line; absent in rows that have a query instead. */
  body?: Record<string, unknown>;
  /** The endpoint of the request; default /v1/chat/completions. */
  url?: string;
  /** The text of a native row, or its messages, in OpenAI's form. */
  query?: string | unknown[];
  /** File and line, for errors. */
  where: string;
}

/** The body of a request; for a native row, its messages, or a chat of one message. */
export function bodyOf({ body, query, where }: WorkRequest): Record<string, unknown> {
  if (body !== undefined) return body;
  if (Array.isArray(query)) return { messages: query };
  if (query !== undefined) return { messages: [{ role: "user", content: query }] };
  throw new InputError(
    `${where}: neither body nor query; expected an OpenAI Batch line or a row with a query`,
    {
      where,
    },
  );
}

/**
 * A request as a line of JSON.
 *
 * @throws InputError naming file and line for one that is nested too deep to be written.
 */
export function jsonLine(value: object, where: string): string {
  try {
    return JSON.stringify(value);
  } catch (error) {
    if (error instanceof RangeError) throw new InputError(`${where}: the body is nested too deep`, { where });
    throw error;
  }
}
