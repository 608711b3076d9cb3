import { readFile } from "node:fs/promises";
import { InputError } from "../../errors.js";
import type { Ledger } from "../../online/ledger/ledger.js";
import type { DecisionLog } from "../../online/log/record.js";
import type { KeyOptions } from "../../online/options.js";
import { groupColumnsOf } from "../../online/limits/policyLimit.js";
import { checkPolicy, type Policy as Plan } from "../../online/policy.js";
import { createRouter, type Router } from "../../online/router.js";
import type { Scorer } from "../../online/scorer.js";
import type { TokenCounter } from "../../prices/tokens/counter.js";
import { readError } from "../../text/fileError.js";
import { someOf } from "../../text/names.js";
import { fileName, oneLine, shown } from "../../text/shown.js";
import type { CheckedConfig, Policy } from "../config/types.js";
import type { Priced, ServedModel } from "./models.js";

/** A policy that decides requests. */
export interface ServedPolicy {
  name: string;
  config: Policy;
  router: Router;
  /** Its models by name. */
  models: ReadonlyMap<string, ServedModel>;
  /** One counter for each way in which its models count tokens. */
  counters: readonly TokenCounter[];
  /** What the predictor and the plan's limits must know of each request beside its text. */
  featureColumns: readonly string[];
}

/** What policies are made of. */
export interface Parts {
  config: CheckedConfig;
  scorer: Scorer;
  priced: Priced;
  models: ReadonlyMap<string, ServedModel>;
  ledger: Ledger;
  log?: DecisionLog;
  now: () => number;
  /** What a router of this name has learned before; undefined: nothing. */
  learned(name: string): unknown;
  /** A remark for whoever runs the server. */
  note(text: string): void;
}

/** @throws InputError naming the policy and what does not go together. */
export async function servedPolicy(name: string, parts: Parts): Promise<ServedPolicy> {
  const { config, models, scorer } = parts;
  const policy = config.policies[name];
  const plan = policy.plan === undefined ? undefined : await readPlan(policy.plan);
  const chosen = chosenModels(name, policy, plan, models);
  const unknown = [...chosen.keys()].find((model) => !scorer.models.includes(model));
  if (unknown !== undefined)
    throw new InputError(
      `models.${unknown}: the predictor does not know it; it knows ${someOf(scorer.models, 20, shown)}`,
      { field: `models.${unknown}` },
    );
  const router = routerOf(name, policy, plan, chosen, parts);
  router.notes.forEach((text) => parts.note(`policies.${name}: ${text}`));
  const counters = new Map([...chosen.values()].map(({ counter }) => [counter.tokenizer, counter]));
  return {
    ...{ name, config: policy, router, models: chosen, counters: [...counters.values()] },
    featureColumns: [...new Set([...(scorer.featureColumns ?? []), ...groupColumnsOf(plan?.limits)])],
  };
}

/**
 * The policy of a dry run: everything goes to one model, and there is no budget.
 *
 * @throws InputError for a model that does not serve chat, or that the predictor does not know.
 */
export function passingPolicy(name: string, model: string, parts: Parts): ServedPolicy {
  const { config, models, scorer, priced, now } = parts;
  const served = models.get(model);
  if (served?.config.serves !== "chat" || !scorer.models.includes(model))
    throw new InputError(
      `the dry run passes everything to ${shown(model)}, which is not one of the models that serve chat and that the predictor knows`,
      { field: "dryRun" },
    );
  const keys = Object.fromEntries((config.keys ?? []).map((key) => [key.name, {}]));
  const router = createRouter({
    ...{ scorer, name, now, keys, prices: priced.table, lambda: 0 },
    // What it cannot do, its upstream says.
    models: { [model]: { price: served.options.price } },
  });
  return {
    ...{ name, router, counters: [served.counter], models: new Map([[model, served]]) },
    config: { onExhausted: "reject", explore: 0 },
    featureColumns: scorer.featureColumns ?? [],
  };
}

function chosenModels(
  name: string,
  policy: Policy,
  plan: Plan | undefined,
  models: ReadonlyMap<string, ServedModel>,
): Map<string, ServedModel> {
  const all = [...models.values()]
    .filter(({ config }) => config.serves === "chat")
    .map((model) => model.name);
  const names = policy.models ?? plan?.models ?? all;
  if (names.length === 0)
    throw new InputError(`policies.${name} has no model that serves chat`, { field: `policies.${name}` });
  return new Map(
    names.map((model) => {
      const found = models.get(model);
      if (found === undefined)
        throw new InputError(
          `policies.${name}.plan decides about model ${shown(model)}, which models does not have; add it, or give policies.${name}.models`,
          { field: `policies.${name}.plan` },
        );
      return [model, found];
    }),
  );
}

function routerOf(
  name: string,
  policy: Policy,
  plan: Plan | undefined,
  models: ReadonlyMap<string, ServedModel>,
  { config, scorer, priced, ledger, log, now, learned, note }: Parts,
): Router {
  const { budget, lambda, accuracy, explore, onExhausted } = policy;
  const keys = keysOf(name, config, models);
  if (config.keys !== undefined && Object.keys(keys).length === 0)
    note(`policies.${name} is used by no key: nobody can ask for it`);
  const options = {
    ...{ scorer, name, ledger, log, now, explore, onExhausted, prices: priced.table },
    ...{ lambda, accuracy, budget, policy: plan, keys, groups: config.groups },
    models: Object.fromEntries([...models].map(([model, served]) => [model, served.options])),
  };
  try {
    try {
      return createRouter({ ...options, state: learned(name) });
    } catch (error) {
      if (!(error instanceof InputError)) throw error;
      // A fault of the options is met again without the state.
      const router = createRouter(options);
      note(`policies.${name}: what was learned before does not fit any more (${oneLine(error.message)})`);
      return router;
    }
  } catch (error) {
    if (!(error instanceof InputError)) throw error;
    throw new InputError(`policies.${name}: ${error.message}`, error.details);
  }
}

/** The keys that may use a policy, with those of their models that it has. */
function keysOf(
  name: string,
  { keys = [] }: CheckedConfig,
  models: ReadonlyMap<string, ServedModel>,
): Record<string, KeyOptions> {
  const options: Record<string, KeyOptions> = {};
  for (const key of keys.filter(({ policies }) => policies.includes(name))) {
    const { budget, group } = key;
    const own = key.models?.filter((model) => models.has(model));
    if (own?.length === 0)
      throw new InputError(
        `keys: ${shown(key.name)} may use policy ${shown(name)} and none of its models; expected one of ${someOf([...models.keys()], 8, shown)}`,
        { field: "keys" },
      );
    options[key.name] = {
      ...(own !== undefined && { models: own }),
      ...(budget !== undefined && { budget }),
      ...(group !== undefined && { group }),
    };
  }
  return options;
}

async function readPlan(path: string): Promise<Plan> {
  const name = fileName(path);
  try {
    return checkPolicy(JSON.parse(await readFile(path, "utf8")));
  } catch (error) {
    if (error instanceof InputError) throw new InputError(`${name}: ${error.message}`, error.details);
    if (error instanceof SyntaxError) throw new InputError(`${name} is not valid JSON`, { file: name });
    throw readError(error, path);
  }
}
