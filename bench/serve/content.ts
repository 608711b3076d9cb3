// What the upstreams of these measurements answer.

/** Tokens of every input, as the upstreams report them. */
export const INPUT_TOKENS = 60;

/** A complete answer of so many tokens. */
export function completion(model: unknown, tokens: number): string {
  return JSON.stringify({
    id: "chatcmpl-0",
    object: "chat.completion",
    created: 1,
    model,
    choices: [
      {
        index: 0,
        message: { role: "assistant", content: "word ".repeat(tokens).trimEnd() },
        finish_reason: "stop",
      },
    ],
    usage: usage(tokens),
  });
}

export function usage(tokens: number): Record<string, number> {
  return { prompt_tokens: INPUT_TOKENS, completion_tokens: tokens, total_tokens: INPUT_TOKENS + tokens };
}

/** One chunk of a stream, of one token. */
export function chunk(content: string): string {
  return event({
    id: "chatcmpl-0",
    object: "chat.completion.chunk",
    created: 1,
    model: "m",
    choices: [{ index: 0, delta: { content }, finish_reason: null }],
  });
}

/** The last chunks: why it ends, what was used, and the end. */
export function ending(tokens: number): string {
  const stop = { id: "chatcmpl-0", choices: [{ index: 0, delta: {}, finish_reason: "stop" }] };
  return event(stop) + event({ id: "chatcmpl-0", choices: [], usage: usage(tokens) }) + "data: [DONE]\n\n";
}

const event = (value: unknown): string => `data: ${JSON.stringify(value)}\n\n`;
