/** The public names of `optllm/ai`: a provider for the AI SDK whose models are routed. */
export { createOptllm, type OptllmOptions, type OptllmProvider } from "../ai/provider.js";
export type { OptllmCallOptions } from "../ai/request.js";
export type { OptllmMetadata } from "../ai/metadata.js";
export type { LanguageModelV3, ProviderV3 } from "../ai/types.js";
