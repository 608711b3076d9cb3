/**
 * How tools spell the provider of a model, the spelling of the price list first. Inspect writes `xai` as `grok`,
 * LiteLLM `together_ai`, promptfoo `togetherai`, and so on.
 */
const PROVIDERS: readonly (readonly string[])[] = [
  ["x-ai", "xai", "grok"],
  ["google", "gemini", "googleai", "google_ai_studio", "google-ai-studio", "google_genai", "google-genai"],
  ["google", "vertex", "vertexai", "vertex_ai", "vertex_ai_beta", "google-vertex", "google_vertexai"],
  ["aws", "bedrock", "bedrock_converse", "amazon-bedrock", "amazon_bedrock", "aws-bedrock", "aws_bedrock"],
  ["azure", "azureai", "azure_ai", "azure-openai", "azure_openai", "azureopenai"],
  ["together", "togetherai", "together_ai", "together-ai"],
  ["fireworks", "fireworksai", "fireworks_ai", "fireworks-ai"],
  ["mistral", "mistralai"],
  ["cohere", "cohere_chat"],
  ["moonshotai", "moonshot"],
  ["zai", "z-ai", "z_ai", "zhipu", "zhipuai"],
  ["perplexity", "pplx"],
  ["voyageai", "voyage"],
  ["cloudflare", "cloudflare-ai", "workers-ai"],
  ["novita", "novitaai", "novita-ai", "novita_ai"],
  ["openai"],
  ["anthropic"],
  ["deepseek"],
  ["groq"],
  ["openrouter"],
  ["cerebras"],
  ["minimax"],
];

const SPELLINGS = new Map<string, readonly string[]>();
for (const names of PROVIDERS)
  for (const name of names) SPELLINGS.set(name, [...(SPELLINGS.get(name) ?? []), ...names]);

/** Tools that pass a whole name on. */
const GATEWAYS = new Set(["litellm", "litellm_proxy", "litellm-proxy", "portkey", "helicone"]);
/** First parts after which a service may follow, as in `openai/azure/gpt-4o` and `openai-api/deepseek/…`. */
const BEFORE_SERVICE = new Set(["openai", "anthropic", "google", "mistral", "openai-api"]);
const KIND = /^(?:chat|completion|completions|messages|responses|converse|embedding|embeddings):/;
const REGION = /^(?:us|eu|apac|au|jp|ca|sa|me|af)\./;
const CLOUD_REGION = /^[a-z]{2}-[a-z]{1,20}-\d\//;

/** Bedrock's own ids, such as `us.anthropic.claude-…-v1:0`. */
const BEDROCK_ID =
  /^(?:(?:us-gov|us|eu|apac|au|jp|ca|sa|me|af|global)\.)?(?:ai21|amazon|anthropic|cohere|deepseek|google|luma|meta|minimax|mistral|moonshotai?|nvidia|openai|qwen|stability|writer|zai)\.[\w.:-]+$/;
/** Google's resource names, as its APIs report them. */
const GOOGLE_RESOURCE = /^(?:(?:projects\/[^/]+\/locations\/[^/]+\/)?publishers\/google\/)?models\//;

/** A model's name in parts: who serves it, as it is spelled ("" where a gateway does not tell), and its own name there. */
export interface Spelled {
  provider: string;
  model: string;
}

/** The parts of a lower-case name such as `azure:chat:gpt-4o` or `openai/azure/gpt-4o`; undefined without a provider. */
export function spelled(name: string): Spelled | undefined {
  if (BEDROCK_ID.test(name)) return { provider: "bedrock", model: name };
  if (GOOGLE_RESOURCE.test(name)) return { provider: "google", model: name.replace(GOOGLE_RESOURCE, "") };
  const parts = /^([\w-]{1,40})[:/](.+)$/s.exec(name);
  if (parts === null) return undefined;
  const provider = parts[1];
  const model = parts[2].replace(KIND, "");
  if (GATEWAYS.has(provider)) return spelled(model) ?? { provider: "", model };
  const service = BEFORE_SERVICE.has(provider) ? spelled(model) : undefined;
  return service !== undefined && SPELLINGS.has(service.provider) ? service : { provider, model };
}

/** Whether price lists know a provider of this lower-case name. */
export function isProvider(name: string): boolean {
  return SPELLINGS.has(name);
}

/** The names under which a price list may have this model of a provider, in order. */
export function* spellingsOf({ provider, model }: Spelled): Generator<string> {
  yield provider === "" ? model : `${provider}/${model}`;
  const spellings = SPELLINGS.get(provider) ?? [];
  const models = spellings.includes("aws") ? bedrockNames(model) : [model];
  for (const spelling of new Set(spellings)) for (const one of models) yield `${spelling}/${one}`;
}

/**
 * Bedrock's names: `us.`, `eu.` and so on are regional, as is a name without any; `global.` is a price of its own. A
 * version may be shortened (`-v1` is `-v1:0`). Prices of government regions are not the others'.
 */
function bedrockNames(id: string): string[] {
  const model = id.slice(id.startsWith("arn:") ? id.lastIndexOf("/") + 1 : 0).replace(CLOUD_REGION, "");
  const plain = model.replace(REGION, "");
  const versions = /-v\d$/.test(plain) ? [plain, `${plain}:0`] : [plain];
  return [model, ...(model.startsWith("global.") ? [] : versions.flatMap((one) => [`regional.${one}`, one]))];
}

/** A model's own name, without provider, region, vendor and version, for hints and comparisons. */
export function bareName(name: string): string {
  const model = spelled(name)?.model ?? name;
  return model
    .slice(model.lastIndexOf("/") + 1)
    .replace(/^(?:us-gov|us|eu|apac|au|jp|ca|sa|me|af|global)\./, "")
    .replace(/^(?:anthropic|amazon|meta|mistral|cohere|openai|deepseek|qwen|google)\./, "")
    .replace(/-v\d(?::\d)?$/, "");
}
