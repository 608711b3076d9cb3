import type { SseEvent } from "../protocol/sse.js";

/** The endpoints that are passed on. */
export type Api = "chat" | "responses" | "embeddings";

/** A request as an upstream gets it. */
export interface Outgoing {
  /** Path below the base URL. */
  path: string;
  headers: Record<string, string>;
  body: string;
}

/**
 * How one kind of upstream speaks. Requests come in OpenAI's form, and answers leave in it. What a kind cannot express
 * makes its models ineligible and is never left out without a word.
 */
export interface UpstreamKind {
  /** Why this request, with the upstream's model id, cannot be expressed; undefined if it can. */
  whyNot(api: Api, body: Record<string, unknown>): string | undefined;
  /** The request of a body that has the upstream's model id already. */
  request(api: Api, body: Record<string, unknown>, key: string | undefined): Outgoing;
  /** A buffered answer in OpenAI's form. Absent: it is so already. Throws an InputError for one that cannot be read. */
  answer?(answer: Record<string, unknown>): Record<string, unknown>;
  /** The text of an error's body in OpenAI's form. Absent: it is so already. */
  error?(text: string): string;
  /** A translator of one stream's events into OpenAI's. Absent: they are so already. */
  translator?(): (event: SseEvent) => SseEvent[];
  /** Whether every request must have a limit of the answer's tokens. */
  needsLimit?: boolean;
}
