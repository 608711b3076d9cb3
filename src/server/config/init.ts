import { stringify } from "yaml";

const HEAD = `# Configuration of \`optllm serve\`. Paths are relative to this file; it is read again when it changes.
# Keys of upstreams come from the environment. Check it with \`optllm serve --check FILE\`.
`;

/** What promptfoo writes before a model's own name. */
const PROVIDER = /^(?:openai|anthropic):(?:(?:chat|responses|completion|messages):)?/;

/** A commented configuration for the models of a predictor, to be completed by hand. */
export function initialConfig(
  predictor: string,
  models: readonly string[],
  priced: ReadonlySet<string>,
): string {
  const quoted = (text: string): string => stringify(text).trim();
  const lines = models.map((name) => {
    const from = `upstream: main, id: ${quoted(name.replace(PROVIDER, ""))}`;
    if (priced.has(name)) return `  ${quoted(name)}: { ${from}, price: auto }`;
    const price = "price: { input: FILL_IN, output: FILL_IN }";
    return `  # Its price is not known: fill in dollars per million tokens.\n  ${quoted(name)}: { ${from}, ${price} }`;
  });
  return `${HEAD}version: 1
predictor: ${quoted(predictor)}

# Services that answer. An OpenAI-compatible one needs its address and the variable with its key.
upstreams:
  main: { baseUrl: https://api.openai.com/v1, keyEnv: OPENAI_API_KEY, maxInFlight: 200, responses: true }

# The predictor's models: where they are served, under which id, and what they cost.
models:
${lines.join("\n")}

# What to decide by. Clients name a policy as model "policy/NAME"; "auto" is the first of their key.
policies:
  default: { budget: { dollars: 100, period: month }, onExhausted: reject, explore: 0.01 }

# Who may ask. Make a key, keep its hash: printf %s KEY | sha256sum
# Without keys only this machine can ask.
# keys:
#   - { name: web, sha256: "64 hexadecimal digits", policies: [default], requestsPerMinute: 600 }

# Money and what was learned outlive the process.
state: { kind: file, path: ./state }

# What was decided, without texts, for \`optllm replay\` and \`optllm refit\`.
# log: { path: ./decisions.jsonl }

listen: { host: 127.0.0.1, port: 8080 }

# Metrics for Prometheus and the status page, for this machine alone.
# admin: { host: 127.0.0.1, port: 9090 }
`;
}
