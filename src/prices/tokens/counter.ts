import { loadEncoding, type Encoding } from "./encoding.js";
import { estimateTokens, RATIOS, type Family } from "./ratio.js";

/** Counts the tokens of texts as a model does. */
export interface TokenCounter {
  /** An OpenAI vocabulary, or the family whose ratios are used. */
  tokenizer: Encoding | Family;
  /**
   * Relative error of a text's count: half of the texts are within `median`, nine of ten within `ninth`. 0 if the
   * model's own vocabulary is used.
   */
  error: { median: number; ninth: number };
  /** The tokens of one text, a whole number. */
  count(text: string): number;
}

const ENCODINGS: [RegExp, Encoding][] = [
  [/^(gpt-4o|gpt-4\.[15]|gpt-[5-9]|gpt-oss|chatgpt-|codex-|o\d)/, "o200k_base"],
  [/^(gpt-4|gpt-3\.?5|text-embedding-)/, "cl100k_base"],
];
const FAMILY: [RegExp, Family][] = [
  [/claude/, "claude"],
  [/gemini|gemma/, "gemma-3"],
  [/llama-?v?3/, "llama-3"],
  [/qwen|qwq/, "qwen-3"],
  [/deepseek/, "deepseek-3"],
];

/** The tokenizer of a model, by its name; a provider before it (`openai/`, `openai:chat:`) and case do not matter. */
export function tokenizerOf(model: string): Encoding | Family {
  const name = model.toLowerCase();
  const bare = name.slice(Math.max(name.lastIndexOf("/"), name.lastIndexOf(":")) + 1);
  const matches = ([form]: [RegExp, unknown]): boolean => form.test(bare);
  return ENCODINGS.find(matches)?.[1] ?? FAMILY.find(([form]) => form.test(name))?.[1] ?? "other";
}

/**
 * A counter for a model's tokens: OpenAI's own vocabularies where the model uses one, otherwise ratios by kind of
 * character, with their measured error. Counting is synchronous and keeps nothing of a text, so it suits a stream.
 */
export async function tokenCounter(model: string): Promise<TokenCounter> {
  const tokenizer = tokenizerOf(model);
  if (!isEncoding(tokenizer)) return ratioCounter(tokenizer);
  return { tokenizer, error: { median: 0, ninth: 0 }, count: await loadEncoding(tokenizer) };
}

/** A counter that needs no vocabulary: ratios by kind of character, also for models of OpenAI. */
export function estimatedCounter(model: string): TokenCounter {
  const tokenizer = tokenizerOf(model);
  return ratioCounter(isEncoding(tokenizer) ? "other" : tokenizer);
}

function isEncoding(tokenizer: Encoding | Family): tokenizer is Encoding {
  return tokenizer === "o200k_base" || tokenizer === "cl100k_base";
}

function ratioCounter(family: Family): TokenCounter {
  const ratio = RATIOS[family];
  return { tokenizer: family, error: ratio.error, count: (text) => estimateTokens(text, ratio) };
}
