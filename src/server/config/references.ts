import { isIP } from "node:net";
import { nearest } from "../../text/nearest.js";
import { shown } from "../../text/shown.js";
import { nameOf, type Path, type Problem } from "./problem.js";
import type { CheckedConfig, KeyConfig, Policy } from "./types.js";

/** What a schema cannot say: names that nothing has, and fields that do not go together. */
export function referenceProblems(config: CheckedConfig): Problem[] {
  const { upstreams, models, policies, keys, listen, state } = config;
  const problems: Problem[] = [];
  const fail = (path: Path, message: string): void => void problems.push({ path, message });
  const known = (path: Path, name: string, all: object, what: string): boolean => {
    if (Object.hasOwn(all, name)) return true;
    const [closest] = nearest(name, Object.keys(all), 1);
    const advice = closest === undefined ? `there is none` : `the nearest is ${shown(closest)}`;
    fail(path, `${nameOf(path)} is ${shown(name)}, which is no ${what}; ${advice}`);
    return false;
  };
  for (const [name, { kind, responses }] of Object.entries(upstreams))
    if (kind === "anthropic" && responses)
      fail(
        ["upstreams", name, "responses"],
        `upstreams.${name}.responses is true; the Messages API of kind anthropic has no such endpoint`,
      );
  for (const [name, { upstream, serves, price }] of Object.entries(models)) {
    const isKnown = known(["models", name, "upstream"], upstream, upstreams, "upstream");
    if (isKnown && serves === "embeddings" && upstreams[upstream].kind === "anthropic")
      fail(
        ["models", name, "serves"],
        `models.${name}.serves is embeddings; its upstream is of kind anthropic, which has none`,
      );
    if (serves === "chat" && price !== "auto" && price.output === undefined)
      fail(
        ["models", name, "price"],
        `models.${name}.price lacks output; expected dollars ≥ 0 per million tokens`,
      );
  }
  for (const [name, policy] of Object.entries(policies)) checkPolicy(name, policy, config, { known, fail });
  keys?.forEach((key, k) => checkKey(key, k, config, { known, fail }));
  if (keys === undefined && !isLoopback(listen.host))
    fail(
      ["listen", "host"],
      `listen.host is ${shown(listen.host)} and there are no keys: everybody could spend the budget; give keys, or listen on 127.0.0.1`,
    );
  if (state.kind === "file" && state.path === undefined)
    fail(["state"], "state lacks path; expected the folder of a state of kind file");
  if (state.kind === "redis" && state.urlEnv === undefined)
    fail(["state"], "state lacks urlEnv; expected the environment variable with the address of Redis");
  if (state.kind !== "redis" && (state.urlEnv ?? state.prefix) !== undefined)
    fail(
      ["state"],
      `state has ${state.urlEnv === undefined ? "prefix" : "urlEnv"}; expected it only with kind redis`,
    );
  return problems;
}

interface Checks {
  known(path: Path, name: string, all: object, what: string): boolean;
  fail(path: Path, message: string): void;
}

function checkPolicy(name: string, policy: Policy, { models }: CheckedConfig, { known, fail }: Checks): void {
  const path = ["policies", name];
  const { budget, lambda, accuracy, plan, onExhausted } = policy;
  if (budget === undefined && lambda === undefined && accuracy === undefined && plan === undefined)
    fail(path, `policies.${name} has nothing to decide by; expected a budget, lambda, accuracy or plan`);
  if (lambda !== undefined && accuracy !== undefined)
    fail(path, `policies.${name} has lambda and accuracy; expected one of them`);
  policy.models?.forEach((model, k) => {
    const at = [...path, "models", String(k)];
    if (known(at, model, models, "model") && models[model].serves !== "chat")
      fail(
        at,
        `policies.${name}.models has ${shown(model)}, which serves embeddings; expected models that serve chat`,
      );
  });
  if (onExhausted !== "reject") known([...path, "onExhausted"], onExhausted, models, "model");
}

function checkKey(key: KeyConfig, k: number, config: CheckedConfig, { known, fail }: Checks): void {
  const path = ["keys", String(k)];
  key.policies.forEach((name, i) => known([...path, "policies", String(i)], name, config.policies, "policy"));
  key.models?.forEach((name, i) => known([...path, "models", String(i)], name, config.models, "model"));
  if (key.group !== undefined) known([...path, "group"], key.group, config.groups, "group");
  const twin = config.keys!.findIndex(
    ({ name, sha256 }) => name === key.name || sha256.toLowerCase() === key.sha256.toLowerCase(),
  );
  if (twin < k)
    fail([...path, "name"], `keys[${k}] has the name or the sha256 of keys[${twin}]; expected another`);
}

/** Whether only this machine reaches an address. */
export function isLoopback(host: string): boolean {
  if (host === "localhost" || host === "::1") return true;
  return isIP(host) === 4 && host.startsWith("127.");
}
