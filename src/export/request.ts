import { InputError } from "../errors.js";

/** One request of the work, as the file has it. */
export interface WorkRequest {
  id: string;
  /** Of an OpenAI Batch input line; absent in rows that have a query instead. */
  body?: Record<string, unknown>;
  /** The endpoint of the request; default /v1/chat/completions. */
  url?: string;
  /** The text to be answered, of a native row. */
  query?: string;
  /** File and line, for errors. */
  where: string;
}

/** The body of a request, of a native row a chat of one message. */
export function bodyOf({ body, query, where }: WorkRequest): Record<string, unknown> {
  if (body !== undefined) return body;
  if (query !== undefined) return { messages: [{ role: "user", content: query }] };
  throw new InputError(
    `${where}: neither body nor query; expected an OpenAI Batch line or a row with a query`,
    {
      where,
    },
  );
}
