import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import { formOf, objectOf, type Reported } from "./usageForms.js";

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

/** A usage, and how it was read where that is not the usual way of its format. */
export interface SettledUsage {
  usage: Usage;
  /** A phrase for the user. */
  taken?: string;
}

/** A report whose total no reading of its parts gives. */
export class UsageContradiction extends InputError {}

/**
 * The usage that a provider reports, in our convention. Its fields show which provider's format it is:
 *
 * - OpenAI chat (`prompt_tokens`, `completion_tokens`), also Mistral, vLLM and others: both include their parts.
 *   DeepSeek's `prompt_cache_hit_tokens` are part of the prompt. xAI counts reasoning beside `completion_tokens`.
 * - LiteLLM: as OpenAI chat, with `cache_read_input_tokens` and `cache_creation_input_tokens` in the prompt.
 * - OpenAI responses (`input_tokens`, `input_tokens_details`): both include their parts. LangChain's `usage_metadata`
 *   (`input_token_details`): the same.
 * - Anthropic (`input_tokens`, `cache_read_input_tokens`, `cache_creation_input_tokens`): `input_tokens` excludes what
 *   was read from or written to the cache; thinking is part of `output_tokens`.
 * - Gemini (`promptTokenCount`, …): the prompt includes cached content but not tool-use prompts; thoughts are counted
 *   separately from `candidatesTokenCount`.
 * - Bedrock Converse (`inputTokens`, `cacheReadInputTokens`), Inspect (`input_tokens_cache_read`): like Anthropic.
 *   Bedrock's Llama (`prompt_token_count`) and Titan (`inputTextTokenCount`) have no parts.
 * - Vercel AI SDK (`inputTokens`, `inputTokenDetails`): both include their parts.
 * - Cohere (`billed_units`, `tokens`): what is billed.
 *
 * A reported total decides where it fits only another reading: whether the input includes the cached tokens, and the
 * output the reasoning. A total above all counts, where no reasoning is reported, has the reasoning in it.
 *
 * @throws InputError for an unknown format, a count that is not a whole number ≥ 0, a part that exceeds its whole, or a
 * total that no reading gives.
 */
export function readUsage(reported: unknown): Usage {
  return settledUsage(reported).usage;
}

/** Like `readUsage`, and says how it was read where that is unusual. */
export function settledUsage(reported: unknown): SettledUsage {
  const fields = objectOf(reported);
  if (fields === undefined) throw new InputError(`usage ${shown(reported)} is not an object`);
  const counts = formOf(fields);
  if (counts === undefined) {
    const found = Object.keys(fields).slice(0, 5).join(", ");
    throw new InputError(
      `usage has none of prompt_tokens, input_tokens, promptTokenCount, inputTokens (found ${shown(found)})`,
    );
  }
  return settle(counts);
}

/** One way to read the counts of a report. */
interface Reading {
  hasCacheInInput: boolean;
  hasReasoningInOutput: boolean;
}

/**
 * Brings counts to our convention. A total chooses among the readings that are possible, the format's own first.
 *
 * @throws UsageContradiction for a total that none gives, InputError for a part that exceeds its whole.
 */
export function settle(counts: Reported): SettledUsage {
  const { total = 0 } = counts;
  const own: Reading = {
    hasCacheInInput: counts.hasCacheInInput,
    hasReasoningInOutput: counts.hasReasoningInOutput,
  };
  // A total of 0 beside tokens was not counted.
  if (total === 0) return { usage: checkUsage(usageOf(counts, own)) };
  if (isPossible(counts, own) && sumOf(counts, own) === total) return { usage: usageOf(counts, own) };
  const readings = readingsFrom(own).filter((reading) => isPossible(counts, reading));
  const fitting = readings.find((reading) => sumOf(counts, reading) === total);
  if (fitting !== undefined) return { usage: usageOf(counts, fitting), ...takenBy(counts, own, fitting) };
  if (readings.length === 0) return { usage: checkUsage(usageOf(counts, own)) };
  return beyond(counts, own, readings, total);
}

/** The other readings are tried in the order in which they are met: reasoning beside the output, then the cache. */
function readingsFrom({ hasCacheInInput, hasReasoningInOutput }: Reading): Reading[] {
  return [hasCacheInInput, !hasCacheInInput].flatMap((cache) =>
    [hasReasoningInOutput, !hasReasoningInOutput].map((reasoning) => ({
      hasCacheInInput: cache,
      hasReasoningInOutput: reasoning,
    })),
  );
}

/** A total that no reading gives: it leaves out what lies beside, or has reasoning that is reported nowhere else. */
function beyond(counts: Reported, own: Reading, readings: Reading[], total: number): SettledUsage {
  const partial = readings.find((reading) => {
    const beside = besideOf(counts, reading);
    return beside > 0 && sumOf(counts, reading) - beside === total;
  });
  if (partial !== undefined) return { usage: usageOf(counts, partial), ...takenBy(counts, own, partial) };
  const [reading] = readings;
  const usage = usageOf(counts, reading);
  const rest = total - usage.input - usage.output;
  if (rest > 0 && counts.reasoning === 0)
    return {
      usage: { ...usage, output: usage.output + rest, reasoning: rest },
      taken: "tokens that only the total has are taken as reasoning, part of the output",
    };
  throw new UsageContradiction(
    `the total of ${total} tokens is neither ${usage.input} of input and ${usage.output} of output, ` +
      `nor any other sum of the counts`,
    { field: "total", value: total },
  );
}

function usageOf(counts: Reported, { hasCacheInInput, hasReasoningInOutput }: Reading): Usage {
  const { input, output, cachedInput, cacheWrite, cacheWrite1h, reasoning } = counts;
  return {
    input: hasCacheInInput ? input : input + cachedInput + cacheWrite,
    output: hasReasoningInOutput ? output : output + reasoning,
    cachedInput,
    cacheWrite,
    cacheWrite1h,
    reasoning,
  };
}

function sumOf(counts: Reported, reading: Reading): number {
  const { input, output } = usageOf(counts, reading);
  return input + output;
}

/** Tokens that a reading adds to the input and output because they are too many to be part of them. */
function besideOf(counts: Reported, { hasCacheInInput, hasReasoningInOutput }: Reading): number {
  const cache = counts.cachedInput + counts.cacheWrite;
  return (
    (!hasCacheInInput && cache > counts.input ? cache : 0) +
    (!hasReasoningInOutput && counts.reasoning > counts.output ? counts.reasoning : 0)
  );
}

function isPossible(counts: Reported, reading: Reading): boolean {
  const { input, output, cachedInput = 0, cacheWrite = 0, reasoning = 0 } = usageOf(counts, reading);
  return cachedInput + cacheWrite <= input && reasoning <= output;
}

/** Says that the total has decided against the usual reading of the cached tokens. */
function takenBy(counts: Reported, own: Reading, { hasCacheInInput }: Reading): { taken?: string } {
  if (own.hasCacheInInput === hasCacheInInput || counts.cachedInput + counts.cacheWrite === 0) return {};
  return {
    taken: `the input ${hasCacheInInput ? "includes" : "excludes"} the cached tokens, as the total shows`,
  };
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
      { field: "reasoning" },
    );
  return counts;
}

/** Dollars that a provider or gateway reports beside the tokens (`cost`, `total_cost`); undefined where it does not. */
export function reportedCost(reported: unknown): number | undefined {
  const fields = objectOf(reported);
  if (fields === undefined) return undefined;
  for (const name of ["total_cost", "cost"]) {
    const value = Object.hasOwn(fields, name) ? fields[name] : undefined;
    if (typeof value === "number" && Number.isFinite(value) && value >= 0) return value;
  }
  return undefined;
}
