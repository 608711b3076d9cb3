import { InputError } from "../errors.js";
import type { PriceTable } from "../prices/table.js";
import { shown } from "../text/shown.js";
import type { Decision } from "./decision.js";
import type { Ledger } from "./ledger/ledger.js";
import type { ModelOptions } from "./models.js";
import { PacedBudget, type BudgetOptions } from "./pacing/budget.js";
import type { Policy } from "./policy.js";
import { refuse } from "./request.js";
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
  /** Receives what `router.feedback` is given. */
  onFeedback?: (decision: Decision, score: number) => void;
}

/** A key's models and budgets. */
export interface Caller {
  models: ReadonlySet<string> | undefined;
  budgets: PacedBudget[];
}

/** The budgets of a policy by caller; "" is the caller without a key. */
export function callersOf(
  name: string,
  options: RouterOptions,
  start: number | undefined,
): Map<string, Caller> {
  const { budget, keys = {}, groups = {} } = options;
  const shared = budget === undefined ? [] : [new PacedBudget(`policy:${name}`, budget, start)];
  const group = new Map(
    Object.entries(groups).map(([id, { budget }]) => [id, new PacedBudget(`group:${id}`, budget)]),
  );
  const callers = new Map<string, Caller>();
  for (const [id, key] of Object.entries(keys)) {
    if (id === "") refuse("keys", id, "names of at least one character");
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
  const { lambda, accuracy, budget, policy, explore = 0, holdMs = 1, name = "default" } = options;
  if (lambda !== undefined && !(lambda >= 0)) refuse("lambda", lambda, "probability per dollar ≥ 0");
  if (accuracy !== undefined && !(accuracy >= 0 && accuracy <= 1)) refuse("accuracy", accuracy, "0 … 1");
  if (lambda !== undefined && accuracy !== undefined)
    throw new InputError("lambda and accuracy are both given; expected one of them", { field: "lambda" });
  if (lambda === undefined && accuracy === undefined && budget === undefined && policy === undefined) {
    throw new InputError("nothing to decide by: give a policy, lambda, accuracy or budget", {
      field: "lambda",
    });
  }
  if (!(explore >= 0 && explore <= 1)) refuse("explore", explore, "a share, 0 … 1");
  if (!(holdMs > 0)) refuse("holdMs", holdMs, "milliseconds > 0");
  if (typeof name !== "string" || name === "" || name.length > 200)
    refuse("name", name, "1 … 200 characters");
}
