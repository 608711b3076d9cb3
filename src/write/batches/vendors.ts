import { armOf } from "../../prices/table.js";

/** The vendors whose batch APIs the export can serve. */
export const VENDORS = ["openai", "anthropic", "gemini", "vertex", "mistral", "bedrock"] as const;
/** One of `VENDORS`. */
export type Vendor = (typeof VENDORS)[number];

/** A model as the vendor that serves it knows it. */
export interface Served {
  vendor: Vendor;
  /** The vendor's own name of the model. */
  name: string;
}

/** How tools and gateways write the vendors before a model's name. */
const PREFIXES = new Map<string, Vendor>([
  ["openai", "openai"],
  ["anthropic", "anthropic"],
  ["google", "gemini"],
  ["gemini", "gemini"],
  ["googleai", "gemini"],
  ["google-ai-studio", "gemini"],
  ["vertex", "vertex"],
  ["vertex_ai", "vertex"],
  ["vertex_ai_beta", "vertex"],
  ["google-vertex", "vertex"],
  ["mistral", "mistral"],
  ["mistralai", "mistral"],
  ["bedrock", "bedrock"],
  ["bedrock_converse", "bedrock"],
  ["amazon-bedrock", "bedrock"],
]);

/** Words between a vendor and a model that say which of its endpoints is meant. */
const ENDPOINT =
  /^(chat|completion|completions|messages|responses|converse|invoke|models|[a-z]{2}(-[a-z]+)+-\d)$/;

/** The names that each vendor serves under; a name of no vendor's form is not sent to it. */
const NAMES: Record<Vendor, RegExp> = {
  openai:
    /^(ft:.+|(gpt-(?!oss|j\b|neo)|o[1-9](-|$)|chatgpt-|codex-|computer-use-|davinci|babbage|text-embedding-)[\w.-]*)$/i,
  anthropic: /^claude-[\w.-]+$/i,
  gemini: /^gemini-[\w.-]+$/i,
  vertex: /^gemini-[\w.-]+$/i,
  mistral:
    /^(ft:.+|(mistral-(tiny|small|medium|large|nemo|saba|embed|moderation|ocr)|ministral-|codestral|magistral|devstral|voxtral|pixtral|open-mi[sx]tral-)[\w.-]*)$/i,
  bedrock:
    /^(arn:aws[\w-]*:bedrock:.+|([a-z]{2,6}\.)?(ai21|amazon|anthropic|cohere|deepseek|google|meta|minimax|mistral|moonshot|nvidia|openai|qwen|writer|zai)\.[\w.:-]+)$/i,
};

/** Models that Anthropic lists under a date or an alias, by the name that others give them. */
const ANTHROPIC_ALIASES = new Map([
  ["claude-3-haiku", "claude-3-haiku-20240307"],
  ["claude-3-opus", "claude-3-opus-latest"],
  ["claude-3-5-haiku", "claude-3-5-haiku-latest"],
  ["claude-3-5-sonnet", "claude-3-5-sonnet-latest"],
  ["claude-3-7-sonnet", "claude-3-7-sonnet-latest"],
  ["claude-sonnet-4", "claude-sonnet-4-0"],
  ["claude-opus-4", "claude-opus-4-0"],
]);

/**
 * The vendor of a model and its own name there, from a name as promptfoo (`anthropic:messages:NAME`), LiteLLM
 * (`vertex_ai/NAME`), OpenRouter (`mistralai/NAME`) or the vendor itself writes it; without `@batch` and `@flex`.
 * Undefined for a model of no vendor in `VENDORS`: a local one, another host's, an unknown name. `isGiven`: the user
 * names it for this export, and a vendor before it is taken at its word.
 */
export function servedBy(model: string, isGiven = false): Served | undefined {
  let rest = armOf(model).model.trim();
  let vendor: Vendor | undefined;
  for (;;) {
    const [whole, word] = /^([\w-]+)[:/](?=.)/.exec(rest) ?? [];
    if (whole === undefined) break;
    const named = PREFIXES.get(word.toLowerCase());
    const isEndpoint = vendor !== undefined && ENDPOINT.test(word.toLowerCase());
    // `anthropic/bedrock/…`: the last vendor serves it.
    if (named !== undefined) vendor = named;
    else if (!isEndpoint) break;
    rest = rest.slice(whole.length);
  }
  const found =
    vendor ?? VENDORS.find((one) => one !== "vertex" && NAMES[one].test(rest) && !/^ft:/i.test(rest));
  const actual = found ?? (/^ft:(gpt|davinci|babbage|o\d)/i.test(rest) ? "openai" : undefined);
  if (actual === undefined) return undefined;
  if (NAMES[actual].test(rest)) return { vendor: actual, name: ownName(actual, rest) };
  return isGiven ? { vendor: actual, name: rest } : undefined;
}

function ownName(vendor: Vendor, name: string): string {
  if (vendor === "bedrock" || /^ft:/i.test(name)) return name;
  const lower = name.toLowerCase();
  if (vendor !== "anthropic") return lower;
  // `claude-4.5-opus` is `claude-opus-4-5`.
  const dashed = lower
    .replaceAll(".", "-")
    .replace(/^claude-([4-9])-(?:(\d)-)?([a-z]+)$/, (_, major, minor, kind) =>
      [`claude-${kind}-${major}`, ...(minor === undefined ? [] : [minor])].join("-"),
    );
  return ANTHROPIC_ALIASES.get(dashed) ?? dashed;
}
