import type { OnProgress } from "../../types.js";

/** How an allocation is written for another system. */
export interface ExportOptions {
  /** Only requests of these models; default: all. Not for routerarena. */
  models?: readonly string[];
  /** Not the requests of these models. Not for routerarena. */
  without?: readonly string[];
  /**
   * Names to send instead of the plan's; default: the plan's without `@batch` or `@flex`, and in a batch the vendor's own
   * (`anthropic:messages:claude-sonnet-4-5` is `claude-sonnet-4-5`). With the target `batch`, a vendor stands before a name
   * that does not tell it: `openai:NAME`.
   */
  sentAs?: ReadonlyMap<string, string>;
  /** Anthropic: `max_tokens` of requests whose body has none; default 4096. */
  maxTokens?: number;
  /** LiteLLM: the name that callers ask for; default `optllm`. */
  group?: string;
  /** Fewer and smaller files than the API allows. */
  limits?: {
    requests?: number;
    bytes?: number;
    /** Input tokens of a batch file, as far as they can be counted; default: not counted. */
    tokens?: number;
  };
  /** Leave out rows of the work that cannot be read or are not in the allocation; default: they are refused. */
  skipBadRows?: boolean;
  signal?: AbortSignal;
  /** Phase "export"; bytes of the work read. */
  onProgress?: OnProgress;
  /** Receives notes for the user, such as what was changed in the requests. */
  onNote?: (text: string) => void;
}
