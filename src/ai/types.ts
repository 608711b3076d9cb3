/** The types of language models, all of them from the package `ai`, which is a user's own. */
import type { createProviderRegistry, LanguageModel } from "ai";

/** A language model of version 3, as providers for `ai` 6 make them. */
export type LanguageModelV3 = Extract<LanguageModel, { specificationVersion: "v3" }>;
export type CallOptions = Parameters<LanguageModelV3["doGenerate"]>[0];
export type GenerateResult = Awaited<ReturnType<LanguageModelV3["doGenerate"]>>;
export type StreamResult = Awaited<ReturnType<LanguageModelV3["doStream"]>>;
export type StreamPart = StreamResult["stream"] extends ReadableStream<infer Part> ? Part : never;
export type Usage = GenerateResult["usage"];
/** A provider of version 3, as `ai` 6 takes it. */
export type ProviderV3 = Parameters<typeof createProviderRegistry>[0][string];
