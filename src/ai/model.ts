import { firstAnswer, ChargedFailure, type Attempt, type Routed } from "./attempts.js";
import { metadataOf } from "./metadata.js";
import { isOpenCall, requestOf, sessionAfter } from "./request.js";
import { openStream, passedOn } from "./stream.js";
import type { CallOptions, GenerateResult, LanguageModelV3, StreamResult } from "./types.js";
import { commonUrls } from "./urls.js";
import { estimatedUse, reportedUse } from "./usage.js";

/** A language model whose every call the router gives to one of the models behind it. `key`: whose money it is. */
export function routedModel(routed: Routed, key: string | undefined): LanguageModelV3 {
  const { id, models } = routed;
  const names = [...models.keys()];
  return {
    specificationVersion: "v3",
    provider: "optllm",
    modelId: id,
    get supportedUrls() {
      return commonUrls([...models.values()]);
    },
    doGenerate(options) {
      const ask = (attempt: Attempt) => generate(routed, attempt, options);
      return answered(options, ask);
    },
    doStream(options) {
      const ask = (attempt: Attempt) => stream(routed, attempt, options);
      return answered(options, ask);
    },
  };

  async function answered<T>(options: CallOptions, ask: (attempt: Attempt) => Promise<T>): Promise<T> {
    return firstAnswer(routed, requestOf(options, names, key), options.abortSignal, ask);
  }
}

async function generate(
  { router }: Routed,
  { decision, model, failed }: Attempt,
  options: CallOptions,
): Promise<GenerateResult> {
  const result = await model.doGenerate(options);
  const { content, finishReason, usage, response, providerMetadata } = result;
  const reported = reportedUse(usage);
  if (finishReason.unified === "error" && content.length === 0)
    throw new ChargedFailure(`the answer ended with "error" and nothing in it`, reported);
  const calls = content.flatMap((part) =>
    part.type === "tool-call" && isOpenCall(part) ? [part.toolCallId] : [],
  );
  const session = decision.session ?? sessionAfter(options.prompt, calls);
  router.settle({ ...decision, session }, reported ?? estimatedUse(decision, writtenIn(content)));
  const optllm = metadataOf(decision, failed, reported === undefined, response?.modelId);
  return {
    ...result,
    response: { ...response, modelId: decision.model },
    providerMetadata: { ...providerMetadata, optllm },
  };
}

/** What a model wrote: its text, its reasoning and the input of its tool calls. */
function writtenIn(content: GenerateResult["content"]): string {
  return content
    .map((part) => {
      if (part.type === "text" || part.type === "reasoning") return part.text;
      return part.type === "tool-call" ? `${part.toolName} ${part.input}` : "";
    })
    .join("\n");
}

async function stream({ router }: Routed, attempt: Attempt, options: CallOptions): Promise<StreamResult> {
  const result = await attempt.model.doStream(options);
  const opened = await openStream(result.stream, options.abortSignal);
  return { ...result, stream: passedOn(router, attempt, opened, options) };
}
