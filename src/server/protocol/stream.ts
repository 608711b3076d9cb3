import type { SseEvent } from "./sse.js";

/** What an event of a stream is. */
export type Meaning =
  /** Nothing that a client waits for: it can still come from another model. */
  | "silent"
  | "content"
  /** Not for this client. */
  | "drop"
  /** The last event. */
  | "end"
  /** It cannot be read, or reports an error of the upstream. */
  | "failed";

/** Reads the events of one stream as they pass. */
export interface StreamReader {
  see(event: SseEvent): Meaning;
  /** The provider's report of what was used, if it came. */
  readonly usage: unknown;
  /** All text of the answer so far, of which tokens are counted where there is no usage. */
  text(): string;
  /** Whether a stream that ends here has all of its answer. */
  readonly isComplete: boolean;
  /** What is sent at the end if the upstream did not. */
  readonly ending: string;
  /** The event that tells a client of an error. */
  errorEvent(error: { message: string; type: string; param: string | null; code: string | null }): string;
}
