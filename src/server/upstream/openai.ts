import type { UpstreamKind } from "./kind.js";

const PATHS = { chat: "/chat/completions", responses: "/responses", embeddings: "/embeddings" } as const;

/** OpenAI's own protocol: nothing is translated. */
export const openai: UpstreamKind = {
  whyNot: () => undefined,
  request: (api, body, key) => {
    const headers: Record<string, string> = key === undefined ? {} : { authorization: `Bearer ${key}` };
    return { path: PATHS[api], headers, body: JSON.stringify(body) };
  },
};
