import { InputError } from "../errors.js";
import { checkFields, checkMethods, checkObject, refuse } from "../online/checks.js";
import type { Router } from "../online/router.js";
import { someOf } from "../text/names.js";
import { shown } from "../text/shown.js";
import type { Routed } from "./attempts.js";
import { routedModel } from "./model.js";
import type { LanguageModelV3, ProviderV3 } from "./types.js";

/** What a provider routes between. */
export interface OptllmOptions {
  /** Decides for `auto` and for calls that name a model. */
  router: Router;
  /** Further routers by name, each for the id `policy/NAME`. */
  policies?: Readonly<Record<string, Router>>;
  /** The language models, of version 3, by their names in the routers. Only these are asked. */
  models: Readonly<Record<string, LanguageModelV3>>;
  /** Whose calls these are, one of the router's `keys`, where a call does not say so itself. */
  key?: string;
  /** Models that are asked for one call at most, 1 … 4. Default 3. */
  maxAttempts?: number;
}

/** A provider for the AI SDK. */
export interface OptllmProvider extends ProviderV3 {
  /** `auto`, `policy/NAME`, or the name of a model. */
  languageModel(id: string): LanguageModelV3;
}

const FIELDS: Record<keyof OptllmOptions, true> = {
  router: true,
  policies: true,
  models: true,
  key: true,
  maxAttempts: true,
};
const ROUTER = ["route", "retry", "settle", "cancel"];

/**
 * Makes a provider for the AI SDK (`ai` 6) whose language model `auto` gives each call to the model that the router
 * chooses: generated and streamed answers, tools, schemas and files.
 *
 * A call's tools, schemas and files become the router's `needs` ("tools", "json", "images", "audio", "video", "files"),
 * `maxOutputTokens` its `maxTokens`, and its usage is settled when the answer ends. Where a model fails before the first
 * content, the next one is asked; after it, the failure is passed on and nothing is asked again.
 *
 * @throws InputError for options of a wrong kind, and from `languageModel` for an id that it does not know.
 */
export function createOptllm(options: OptllmOptions): OptllmProvider {
  checkOptions(options);
  const { router, policies = {}, key, maxAttempts = 3 } = options;
  const ids = new Map<string, Routed>();
  const add = (id: string, one: Router, names: string[], isPinned: boolean): void => {
    const models = new Map(names.map((name) => [name, options.models[name]]));
    ids.set(id, { id, router: one, models, isPinned, maxAttempts: isPinned ? 1 : maxAttempts });
  };
  add("auto", router, namesOf(router, options.models), false);
  for (const [name, one] of Object.entries(policies))
    add(`policy/${name}`, one, namesOf(one, options.models), false);
  for (const name of namesOf(router, options.models)) add(name, router, [name], true);

  function languageModel(id: string): LanguageModelV3 {
    const routed = ids.get(id);
    if (routed === undefined) throw unknownId("language model", id, [...ids.keys()]);
    return routedModel(routed, key);
  }

  return {
    specificationVersion: "v3",
    languageModel,
    embeddingModel: (id) => {
      throw unknownId("embedding model", id, []);
    },
    imageModel: (id) => {
      throw unknownId("image model", id, []);
    },
  };
}

/** The models that a router routes to and that are there to be asked. */
function namesOf({ routesTo }: Router, models: OptllmOptions["models"]): string[] {
  return routesTo.filter((name) => Object.hasOwn(models, name));
}

function unknownId(kind: string, id: string, known: string[]): InputError {
  const names = someOf(known, 12, shown);
  const expected = names === "" ? "only language models are routed" : `expected of ${names}`;
  return new InputError(`optllm has no ${kind} ${shown(id)}; ${expected}`, { field: "id", value: id });
}

function checkOptions(options: OptllmOptions): void {
  checkObject("options", options, "{ router, models }");
  checkFields("options", options, FIELDS);
  const { router, policies = {}, models, key, maxAttempts = 3 } = options;
  checkMethods("router", router, ROUTER, "what createRouter gave");
  checkObject("policies", policies, "{ NAME: router }");
  for (const [name, one] of Object.entries(policies))
    checkMethods(`policy ${shown(name)}`, one, ROUTER, "what createRouter gave");
  checkObject("models", models, "{ NAME: a language model }");
  for (const [name, model] of Object.entries(models)) checkModel(name, model, policies);
  checkRoutes(models, [router, ...Object.values(policies)]);
  if (key !== undefined && typeof key !== "string") refuse("key", key, "one of the router's keys");
  if (!(Number.isInteger(maxAttempts) && maxAttempts >= 1 && maxAttempts <= 4))
    refuse("maxAttempts", maxAttempts, "1 … 4");
}

function checkModel(name: string, model: LanguageModelV3, policies: object): void {
  const field = `model ${shown(name)}`;
  if (name === "auto" || (name.startsWith("policy/") && Object.hasOwn(policies, name.slice(7))))
    refuse("models", name, "names that are not those of routers");
  const expected = 'a language model of version 3, such as openai("gpt-5-mini")';
  checkMethods(field, model, ["doGenerate", "doStream"], expected);
  const { specificationVersion: version } = model as { specificationVersion: unknown };
  if (version !== "v3") refuse(`version of ${field}`, version, expected);
}

/** A model that no router routes to would never be asked, and a router that knows none of them asks nobody. */
function checkRoutes(models: OptllmOptions["models"], routers: readonly Router[]): void {
  const known = routers.flatMap(({ routesTo }) => routesTo);
  const names = someOf([...new Set(known)], 8, shown);
  const other = Object.keys(models).find((name) => !known.includes(name));
  if (other !== undefined)
    throw new InputError(`models has ${shown(other)}, to which no router routes; expected of ${names}`, {
      field: "models",
    });
  const idle = routers.find((router) => namesOf(router, models).length === 0);
  if (idle !== undefined) refuse("models", Object.keys(models), `some of ${someOf(idle.routesTo, 8, shown)}`);
}
