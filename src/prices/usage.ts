import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";

/** What one request used, in one convention: every total includes its parts. */
export interface Usage {
  /** All input tokens: fresh, read from a cache and written to one. */
  input: number;
  /** All output tokens, reasoning included. */
  output: number;
  /** Input tokens read from a prompt cache. */
  cachedInput?: number;
  /** Input tokens written to a prompt cache, for any duration. */
  cacheWrite?: number;
  /** The part of `cacheWrite` that is kept for an hour. */
  cacheWrite1h?: number;
  /** Output tokens spent on reasoning. */
  reasoning?: number;
}

type Fields = Record<string, unknown>;

/**
 * The usage that a provider reports, in our convention. Its fields show which provider's format it is:
 *
 * - OpenAI chat (`prompt_tokens`, `completion_tokens`): both include their parts. DeepSeek's `prompt_cache_hit_tokens`
 *   are part of the prompt. xAI counts reasoning separately from `completion_tokens`; its `total_tokens` shows this.
 * - OpenAI responses (`input_tokens`, `input_tokens_details`): both include their parts.
 * - Anthropic (`input_tokens`, `cache_read_input_tokens`, `cache_creation_input_tokens`): `input_tokens` excludes what
 *   was read from or written to the cache; thinking is part of `output_tokens`.
 * - Gemini (`promptTokenCount`, …): the prompt includes cached content but not tool-use prompts; thoughts are counted
 *   separately from `candidatesTokenCount`.
 * - Bedrock Converse (`inputTokens`, `cacheReadInputTokens`): like Anthropic.
 * - Vercel AI SDK (`inputTokens`, `inputTokenDetails`): both include their parts.
 *
 * @throws InputError for an unknown format, a count that is not a whole number ≥ 0, or a part that exceeds its total.
 */
export function readUsage(reported: unknown): Usage {
  const fields = objectOf(reported);
  if (fields === undefined) throw new InputError(`usage ${shown(reported)} is not an object`);
  const usage = formOf(fields);
  if (usage === undefined) {
    const found = Object.keys(fields).slice(0, 5).join(", ");
    throw new InputError(
      `usage has none of prompt_tokens, input_tokens, promptTokenCount, inputTokens (found ${shown(found)})`,
    );
  }
  return checkUsage(usage);
}

/**
 * The same usage, checked.
 *
 * @throws InputError naming the count.
 */
export function checkUsage(usage: Usage): Usage {
  const { input, output, cachedInput = 0, cacheWrite = 0, cacheWrite1h = 0, reasoning = 0 } = usage;
  const counts = { input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning };
  for (const [field, count] of Object.entries(counts)) {
    if (!(Number.isFinite(count) && count >= 0))
      throw new InputError(`${field} is ${String(count)}; expected a number of tokens ≥ 0`, { field });
  }
  if (cachedInput + cacheWrite > input)
    throw new InputError(
      `${cachedInput} cached and ${cacheWrite} cache-write tokens are more than the input of ${input}, which includes them`,
      { field: "cachedInput" },
    );
  if (cacheWrite1h > cacheWrite)
    throw new InputError(`cacheWrite1h of ${cacheWrite1h} is more than cacheWrite of ${cacheWrite}`, {
      field: "cacheWrite1h",
    });
  if (reasoning > output)
    throw new InputError(
      `reasoning of ${reasoning} is more than the output of ${output}, which includes it`,
      {
        field: "reasoning",
      },
    );
  return counts;
}

function formOf(fields: Fields): Usage | undefined {
  const has = (name: string): boolean => fields[name] !== undefined && fields[name] !== null;
  if (has("prompt_tokens")) return chat(fields);
  if (has("cache_read_input_tokens") || has("cache_creation_input_tokens")) return anthropic(fields);
  if (has("input_tokens")) return responses(fields);
  if (has("promptTokenCount")) return gemini(fields);
  if (has("cacheReadInputTokens") || has("cacheWriteInputTokens")) return bedrock(fields);
  return has("inputTokens") ? vercel(fields) : undefined;
}

function chat(fields: Fields): Usage {
  const input = count(fields, "prompt_tokens");
  const completion = count(fields, "completion_tokens");
  const details = objectOf(fields.prompt_tokens_details) ?? {};
  const reasoning = count(objectOf(fields.completion_tokens_details) ?? {}, "reasoning_tokens");
  const isBeside = reasoning > 0 && count(fields, "total_tokens") === input + completion + reasoning;
  return {
    input,
    output: isBeside ? completion + reasoning : completion,
    cachedInput: count(details, "cached_tokens") || count(fields, "prompt_cache_hit_tokens"),
    cacheWrite: count(details, "cache_write_tokens"),
    reasoning,
  };
}

function responses(fields: Fields): Usage {
  const details = objectOf(fields.input_tokens_details) ?? {};
  return {
    input: count(fields, "input_tokens"),
    output: count(fields, "output_tokens"),
    cachedInput: count(details, "cached_tokens"),
    cacheWrite: count(details, "cache_write_tokens"),
    reasoning: count(objectOf(fields.output_tokens_details) ?? {}, "reasoning_tokens"),
  };
}

function anthropic(fields: Fields): Usage {
  const cachedInput = count(fields, "cache_read_input_tokens");
  const cacheWrite = count(fields, "cache_creation_input_tokens");
  return {
    input: count(fields, "input_tokens") + cachedInput + cacheWrite,
    output: count(fields, "output_tokens"),
    cachedInput,
    cacheWrite,
    cacheWrite1h: count(objectOf(fields.cache_creation) ?? {}, "ephemeral_1h_input_tokens"),
    reasoning: count(objectOf(fields.output_tokens_details) ?? {}, "thinking_tokens"),
  };
}

function gemini(fields: Fields): Usage {
  const reasoning = count(fields, "thoughtsTokenCount");
  return {
    input: count(fields, "promptTokenCount") + count(fields, "toolUsePromptTokenCount"),
    output: count(fields, "candidatesTokenCount") + reasoning,
    cachedInput: count(fields, "cachedContentTokenCount"),
    reasoning,
  };
}

function bedrock(fields: Fields): Usage {
  const cachedInput = count(fields, "cacheReadInputTokens");
  const cacheWrite = count(fields, "cacheWriteInputTokens");
  return {
    input: count(fields, "inputTokens") + cachedInput + cacheWrite,
    output: count(fields, "outputTokens"),
    cachedInput,
    cacheWrite,
  };
}

function vercel(fields: Fields): Usage {
  const input = objectOf(fields.inputTokenDetails) ?? {};
  const output = objectOf(fields.outputTokenDetails) ?? {};
  return {
    input: count(fields, "inputTokens"),
    output: count(fields, "outputTokens"),
    cachedInput: count(input, "cacheReadTokens") || count(fields, "cachedInputTokens"),
    cacheWrite: count(input, "cacheWriteTokens"),
    reasoning: count(output, "reasoningTokens") || count(fields, "reasoningTokens"),
  };
}

function count(fields: Fields, name: string): number {
  const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
  if (value === undefined || value === null) return 0;
  if (typeof value === "number" && Number.isSafeInteger(value) && value >= 0) return value;
  throw new InputError(`${name} is ${shown(value)}; expected a whole number ≥ 0`, { field: name, value });
}

function objectOf(value: unknown): Fields | undefined {
  return typeof value === "object" && value !== null && !Array.isArray(value) ? (value as Fields) : undefined;
}
