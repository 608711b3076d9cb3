import type { Decision } from "../online/decision.js";
import type { Settlement } from "../online/request.js";
import { estimatedCounter } from "../prices/tokens/counter.js";
import type { Usage } from "./types.js";

/** What a provider reports, as the router takes it; undefined if it does not report both input and output. */
export function reportedUse({ inputTokens, outputTokens }: Usage): Settlement | undefined {
  const output = tokensOf(outputTokens?.total);
  const total = tokensOf(inputTokens?.total);
  const cachedTokens = tokensOf(inputTokens?.cacheRead) ?? 0;
  const cacheWriteTokens = tokensOf(inputTokens?.cacheWrite) ?? 0;
  if (total === undefined || output === undefined) return undefined;
  // The total includes what was cached. Where a provider left that out, the parts add up to more.
  const parts = (tokensOf(inputTokens.noCache) ?? 0) + cachedTokens + cacheWriteTokens;
  return { inputTokens: Math.max(total, parts), outputTokens: output, cachedTokens, cacheWriteTokens };
}

/**
 * An estimate where nothing is reported: the input as it was routed and the answer's text by kind of character. If
 * nothing was seen of the answer, hidden reasoning and the rest of it may still be charged: the predicted cost counts.
 */
export function estimatedUse({ model, cost, inputTokens }: Decision, answer: string): Settlement {
  if (answer === "") return { cost };
  return { inputTokens, outputTokens: estimatedCounter(model).count(answer) };
}

function tokensOf(value: unknown): number | undefined {
  return typeof value === "number" && value >= 0 && value < 1e9 ? Math.ceil(value) : undefined;
}
