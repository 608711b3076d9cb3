import type { Adapting } from "./body.js";
import type { PartForm } from "./parts.js";

/** How a vendor's batch API takes requests. */
export interface BatchForm extends PartForm {
  /** Its name in errors. */
  api: string;
  /** The ids that it takes; a request with another one is sent under a number. */
  ids: RegExp;
  /** The form of the `n`th id, from 1, where a request's own cannot be sent. */
  idOf(n: number): string;
  /** The url that all requests of a file must have; undefined where files have none. */
  urlOf?(url: string | undefined): string;
  /** The text of one request, sent under `id`. */
  line(at: Adapting, id: string, options: BodyOptions): string;
}

/** What the caller decides about bodies. */
export interface BodyOptions {
  /** `max_tokens` of requests that have none, where the API demands it. */
  maxTokens: number;
}

/** An id of letters, digits, `-` and `_`. */
export const numberedId = (n: number): string => `r${String(n).padStart(10, "0")}`;
