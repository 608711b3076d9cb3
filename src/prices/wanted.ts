import { priceFlag } from "./table.js";

/** Programs that serve models on one's own machine. */
const LOCAL =
  /^(?:ollama|ollama_chat|vllm|hosted_vllm|lm_studio|lmstudio|llamacpp|llama-cpp|llama\.cpp|localai|llamafile|hf|huggingface|file|exec|python)[:/]/i;
const NAMED = 5;

/** A sentence that offers the options which would price these models. */
export function pricesWanted(models: ReadonlySet<string>): string {
  const names = [...models];
  const options = names
    .slice(0, NAMED)
    .map((name) => (LOCAL.test(name) ? priceFlag(name, 0, 0) : priceFlag(name, "IN", "OUT")));
  const more = names.length > NAMED ? ` and ${names.length - NAMED} more` : "";
  return `to price them, give ${options.join(" ")}${more} (dollars per million tokens; 0/0 is free)`;
}
