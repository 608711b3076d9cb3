import { InputError } from "../errors.js";
import type { PriceTable } from "../prices/table.js";
import { shown } from "../text/shown.js";
import { checkFields, checkMethods, checkNames, checkNumber, checkObject, refuse } from "./checks.js";
import type { Decision } from "./decision.js";
import type { Ledger } from "./ledger/ledger.js";
import type { DecisionLog } from "./log/record.js";
import type { ModelOptions } from "./models.js";
import { PacedBudget, type BudgetOptions } from "./pacing/budget.js";
import type { Policy } from "./policy.js";
import type { Scorer } from "./scorer.js";

/** Who may ask for what. */
export interface KeyOptions {
  /** The only models for this key. Default: all of the policy. */
  models?: readonly string[];
  /** Money of this key alone. */
  budget?: BudgetOptions;
  /** One of the router's `groups`, whose budget must hold too. */
  group?: string;
}

/** What a router decides by. Give `policy`, `lambda`, `accuracy` or `budget`; several work together as described. */
export interface RouterOptions {
  /** As `loadScorer` makes it. */
  scorer: Scorer;
  /** The models to route to, and what the price table does not know of them. Default: all of the policy or scorer. */
  models?: readonly string[] | Readonly<Record<string, ModelOptions>>;
  /** Prices of models without one in `models`: `await readPrices()`. */
  prices?: PriceTable;
  /** Name of the policy in accounts and decisions. Default "default". */
  name?: string;
  /** A policy that `optllm solve --policy-out` wrote: gives models and λ. */
  policy?: Policy;
  /** Price of accuracy, probability per dollar: each request gets the model of largest p − λ · cost. */
  lambda?: number;
  /** Mean success probability to reach at the least cost, 0 … 1. */
  accuracy?: number;
  /** Money to spend evenly over a period; a λ given as well is where it begins. Never exceeded; see `Ledger`. */
  budget?: BudgetOptions;
  /** Callers, each with models and a budget of its own. If there are any, every request needs one. */
  keys?: Readonly<Record<string, KeyOptions>>;
  /** Budgets that several keys share. */
  groups?: Readonly<Record<string, { budget: BudgetOptions }>>;
  /** When no model fits a budget any more: "reject" (default), or a model of price 0, which is used only then. */
  onExhausted?: string;
  /** Share of the requests, 0 … 1, that go to a random eligible model, to learn from. Default 0. */
  explore?: number;
  /** Of exploration and the sample. Default 1. */
  seed?: number;
  /** Where money is counted. Default: in memory. */
  ledger?: Ledger;
  /** What `router.state()` gave. */
  state?: unknown;
  /** Milliseconds since 1970. Default `Date.now`. */
  now?: () => number;
  /** A request that is not settled for this long counts as having cost what was reserved. Default an hour. */
  holdMs?: number;
  /**
   * Whether judgements given to `router.feedback` correct the probabilities. Default true; false where they are on another
   * scale than the labelled sample.
   */
  calibrate?: boolean;
  /** Where decisions, settlements and judgements are logged: `logDecisions("decisions.jsonl")`. Default: nowhere. */
  log?: DecisionLog;
  /** Receives what `router.feedback` is given. */
  onFeedback?: (decision: Decision, score: number) => void;
}

const KEY_FIELDS: Record<keyof KeyOptions, true> = { models: true, budget: true, group: true };
const FIELDS: Record<keyof RouterOptions, true> = {
  scorer: true,
  models: true,
  prices: true,
  name: true,
  policy: true,
  lambda: true,
  accuracy: true,
  budget: true,
  keys: true,
  groups: true,
  onExhausted: true,
  explore: true,
  seed: true,
  ledger: true,
  state: true,
  now: true,
  holdMs: true,
  calibrate: true,
  log: true,
  onFeedback: true,
};

/** A key's models and budgets. */
export interface Caller {
  models: ReadonlySet<string> | undefined;
  budgets: PacedBudget[];
}

/** The budgets of a policy by caller; "" is the caller without a key. `known`: the models that are routed to. */
export function callersOf(
  name: string,
  options: RouterOptions,
  start: number | undefined,
  known: ReadonlySet<string>,
): Map<string, Caller> {
  const { budget, keys = {}, groups = {} } = options;
  checkObject("keys", keys, "{ name: { models, budget, group } }");
  checkObject("groups", groups, "{ name: { budget } }");
  const shared = budget === undefined ? [] : [new PacedBudget(`policy:${name}`, budget, start)];
  const group = new Map(
    Object.entries(groups).map(([id, one]) => {
      checkObject(`group ${shown(id)}`, one, "{ budget }");
      return [id, new PacedBudget(`group:${id}`, one.budget)];
    }),
  );
  const callers = new Map<string, Caller>();
  for (const [id, key] of Object.entries(keys)) {
    if (id === "") refuse("keys", id, "names of at least one character");
    checkKey(id, key, known);
    const budgets = [...shared];
    if (key.group !== undefined) {
      const found = group.get(key.group);
      if (found === undefined) {
        throw new InputError(`key ${shown(id)} names group ${shown(key.group)}, which groups does not have`, {
          field: "keys",
        });
      }
      budgets.push(found);
    }
    if (key.budget !== undefined) budgets.push(new PacedBudget(`key:${id}`, key.budget));
    callers.set(id, { models: key.models && new Set(key.models), budgets });
  }
  if (callers.size === 0) callers.set("", { models: undefined, budgets: shared });
  return callers;
}

export function checkOptions(options: RouterOptions): void {
  checkObject("options", options, "{ scorer, … }");
  checkFields("options", options, FIELDS);
  checkParts(options);
  const { lambda, accuracy, budget, policy, explore, holdMs, seed = 1, name = "default" } = options;
  checkNumber("lambda", lambda, { least: 0, most: Infinity, expected: "probability per dollar ≥ 0" });
  checkNumber("accuracy", accuracy, { least: 0, most: 1, expected: "0 … 1" });
  if (lambda !== undefined && accuracy !== undefined)
    throw new InputError("lambda and accuracy are both given; expected one of them", { field: "lambda" });
  if (lambda === undefined && accuracy === undefined && budget === undefined && policy === undefined) {
    throw new InputError("nothing to decide by: give a policy, lambda, accuracy or budget", {
      field: "lambda",
    });
  }
  checkNumber("explore", explore, { least: 0, most: 1, expected: "a share, 0 … 1" });
  checkNumber("holdMs", holdMs, { least: Number.MIN_VALUE, most: Infinity, expected: "milliseconds > 0" });
  if (options.calibrate !== undefined && typeof options.calibrate !== "boolean")
    refuse("calibrate", options.calibrate, "true or false");
  if (!Number.isSafeInteger(seed)) refuse("seed", seed, "a whole number");
  if (typeof name !== "string" || name === "" || name.length > 200)
    refuse("name", name, "1 … 200 characters");
}

/** What other code hands in: a part that cannot work is refused before the first request. */
function checkParts({ scorer, prices, ledger, log, now, onFeedback }: RouterOptions): void {
  const scores = "what loadScorer gave";
  checkMethods("scorer", scorer, ["score", "costs", "promptTokens"], scores);
  if (!Array.isArray(scorer.models)) refuse("scorer.models", scorer.models, scores);
  if (prices !== undefined) checkMethods("prices", prices, ["find"], "what readPrices gave");
  if (ledger !== undefined)
    checkMethods(
      "ledger",
      ledger,
      ["room", "reserve", "settle", "balance"],
      "a Ledger, as openJournal gives",
    );
  if (log !== undefined) checkMethods("log", log, ["write"], "what logDecisions gave");
  for (const [field, value] of Object.entries({ now, onFeedback })) {
    if (value !== undefined && typeof value !== "function") refuse(field, value, "a function");
  }
}

function checkKey(id: string, key: KeyOptions, known: ReadonlySet<string>): void {
  const field = `key ${shown(id)}`;
  checkObject(field, key, "{ models, budget, group }");
  checkFields(field, key, KEY_FIELDS);
  checkNames(`models of ${field}`, key.models);
  if (key.models?.length === 0)
    refuse(`models of ${field}`, [], "at least one, or none of the field for all");
  const other = key.models?.find((name) => !known.has(name));
  if (other === undefined) return;
  const names = [...known].slice(0, 8).map(shown).join(", ");
  throw new InputError(`${field} names model ${shown(other)}, which is not routed to; expected of ${names}`, {
    field: "keys",
  });
}
