/** Tokens as the Messages API counts them: input apart from what was read from and written to the cache. */
export const USAGE_FIELDS = [
  "input_tokens",
  "output_tokens",
  "cache_read_input_tokens",
  "cache_creation_input_tokens",
  "cache_creation",
] as const;
export type MessageUsage = Partial<Record<(typeof USAGE_FIELDS)[number], unknown>>;

/**
 * The same in OpenAI's form, whose prompt includes all input. Undefined where input or output is not reported: a count that
 * is missing is not 0.
 */
export function chatUsage(usage: MessageUsage): Record<string, unknown> | undefined {
  const input = countOf(usage.input_tokens);
  const completion = countOf(usage.output_tokens);
  if (input === undefined || completion === undefined) return undefined;
  const cached = countOf(usage.cache_read_input_tokens) ?? 0;
  const written = countOf(usage.cache_creation_input_tokens) ?? 0;
  const prompt = input + cached + written;
  return {
    prompt_tokens: prompt,
    completion_tokens: completion,
    total_tokens: prompt + completion,
    prompt_tokens_details: { cached_tokens: cached, cache_write_tokens: written },
    ...(typeof usage.cache_creation === "object" &&
      usage.cache_creation !== null && { cache_creation: usage.cache_creation }),
  };
}

function countOf(value: unknown): number | undefined {
  return typeof value === "number" && Number.isSafeInteger(value) && value >= 0 ? value : undefined;
}
