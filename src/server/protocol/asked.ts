import type { RequestFeatures } from "../../online/scorer.js";
import type { Api } from "../upstream/kind.js";

export type Body = Record<string, unknown>;

/** What a client asks for, as far as routing must know it. */
export interface Asked {
  api: Api;
  /** The body as the client sent it. */
  body: Body;
  isStream: boolean;
  /** Whether the client wants the usage of a stream. */
  wantsUsage: boolean;
  /** Answers asked for at once. */
  choices: number;
  /** The model that the client names: `auto`, `policy/NAME` or a name. */
  model: string;
  /** What the predictor reads. */
  text: string;
  /** What the client tells of the request beside its text (`optllm.features`). */
  features?: RequestFeatures;
  /** What a model must be able to do. */
  needs: readonly string[];
  /** The longest answer that the client allows, each of the choices. */
  maxTokens: number | undefined;
  /** A digest of how the conversation begins, or what the client calls it. */
  session: string;
  isToolLoop: boolean;
  /** The answer that this one continues (`previous_response_id`). */
  previous?: string;
}
