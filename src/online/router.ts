import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { billOf } from "../prices/bill.js";
import { Random } from "../random.js";
import { shown } from "../text/shown.js";
import { Breaker } from "./breaker.js";
import { checkObject, refuse } from "./checks.js";
import type { Decision, Reason, Refusal } from "./decision.js";
import { best, writeValues } from "./decide.js";
import { Eligibility } from "./eligibility.js";
import type { Ledger } from "./ledger/ledger.js";
import { memoryLedger } from "./ledger/memory.js";
import { cacheSaving, routedModels, type RoutedModel } from "./models.js";
import { dollarsOf, microsUp, Rounding } from "./money.js";
import { callersOf, checkOptions, type Caller, type RouterOptions } from "./options.js";
import { AnswerLength } from "./pacing/answerLength.js";
import type { PacedBudget } from "./pacing/budget.js";
import { Pacer } from "./pacing/pacer.js";
import { RESERVOIR_ROWS } from "./pacing/reservoir.js";
import { checkPolicy, priceDigest } from "./policy.js";
import {
  checkDecision,
  checkRequest,
  checkSettlement,
  type RouteRequest,
  type Settlement,
} from "./request.js";
import type { Scorer } from "./scorer.js";
import { Sessions } from "./sessions.js";
import {
  checkRouterState,
  restoreReservoir,
  reservoirState,
  STATE_VERSION,
  type RouterState,
} from "./state.js";

/** How a budget stands. */
export interface BudgetStatus {
  /** Such as "policy:support" or "key:web". */
  name: string;
  /** When the period under way ends, milliseconds since 1970; ∞ for a total budget without an end. */
  end: number;
  /** Dollars. */
  spent: number;
  reserved: number;
  left: number;
  /** λ that this budget asks for; undefined before the first request. */
  lambda: number | undefined;
  requestsSeen: number;
  /** Expected requests until the end of the period; ∞ if unknown. */
  requestsLeft: number;
}

/** Decides requests one by one; see `createRouter`. */
export interface Router {
  /** SHA-256 of everything it decides by. */
  readonly policy: string;
  /** Remarks for the reader, such as prices that have changed since the policy was made. */
  readonly notes: readonly string[];
  /** Chooses a model for a request and reserves what the answer may cost. O(models) after scoring. */
  route(request: RouteRequest): Decision | Refusal;
  /** The next of a decision's fallbacks that fits, with a reservation of its own. Settle or cancel the decision first. */
  retry(decision: Decision): Decision | Refusal;
  /** An answer is there: records what it cost. False if the decision was settled or cancelled before. */
  settle(decision: Decision, used: Settlement): boolean;
  /** There will be no answer and no charge: frees the reservation. `failed`: the model's fault. False as above. */
  cancel(decision: Decision, options?: { failed?: boolean }): boolean;
  /** A judgement of the answer, 0 … 1. */
  feedback(decision: Decision, score: number): void;
  /** Every budget as it stands. */
  status(): BudgetStatus[];
  /** What it has learned, as plain data for JSON; the money is in the ledger. Give it to `createRouter` as `state`. */
  state(): object;
}

const HOLD_MS = 3_600_000;
const DAY_MS = 86_400_000;
const FALLBACKS = 3;

/**
 * Makes a router: a loaded predictor, what the models cost, and what to decide by.
 *
 * Every request gets the eligible model of largest p − λ·κ·c, with p its chance of a good answer, c its predicted
 * dollars and κ their correction. λ is given, or found so that a budget lasts its period or an accuracy is reached.
 * Before an answer is asked for, the most that it may cost is reserved in every budget that it counts towards; a model
 * that does not fit is not eligible. The same requests, clock and seed give the same decisions.
 *
 * @throws InputError for options that do not go together, and a model without a price.
 */
export function createRouter(options: RouterOptions): Router {
  return new OnlineRouter(options);
}

class OnlineRouter implements Router {
  readonly policy: string;
  readonly notes: string[] = [];
  private readonly scorer: Scorer;
  private readonly models: (RoutedModel | undefined)[];
  private readonly callers: Map<string, Caller>;
  private readonly budgets: PacedBudget[];
  private readonly ledger: Ledger;
  private readonly pacer: Pacer;
  private readonly lengths: AnswerLength;
  private readonly sessions = new Sessions();
  private readonly breaker: Breaker;
  private readonly eligibility: Eligibility;
  private readonly clock: () => number;
  private readonly explore: number;
  private readonly seed: number;
  private readonly holdMs: number;
  private readonly needsSample: boolean;
  private instance: string;
  /** Reservations that are open: when they were made, and micro-dollars. The oldest stands first. */
  private readonly open = new Map<string, { at: number; reserved: number }>();
  private readonly rounding = new Map<string, Rounding>();
  private sequence = 0;
  private time = -Infinity;

  // One request's row, written anew for each.
  private readonly probability: Float64Array;
  private readonly cost: Float64Array;
  private readonly saved: Float64Array;
  private readonly value: Float64Array;

  constructor(private readonly options: RouterOptions) {
    checkOptions(options);
    const { scorer, name = "default", explore = 0, seed = 1, holdMs = HOLD_MS, now = Date.now } = options;
    const policy = options.policy === undefined ? undefined : checkPolicy(options.policy);
    const planned =
      policy === undefined ? undefined : policy.lambda === "Infinity" ? Infinity : policy.lambda;
    const lambda = options.lambda ?? planned;
    this.scorer = scorer;
    this.models = routedModels(scorer.models, options.models ?? policy?.models, options.prices);
    if (policy !== undefined) this.compare(policy);
    const routedTo = this.models.flatMap((model) => (model ? [model.name] : []));
    this.callers = callersOf(name, options, lambda, new Set(routedTo));
    this.budgets = [...new Set([...this.callers.values()].flatMap(({ budgets }) => budgets))];
    const own =
      options.budget === undefined ? undefined : this.budgets.find((b) => b.name === `policy:${name}`);
    const isPaced = own?.isPaced === true;
    if (!isPaced && lambda === undefined && options.accuracy === undefined) {
      throw new InputError(
        "the budget does not say how long it is to last: give until or requests, or a lambda to decide by",
        { field: "budget" },
      );
    }
    const models = scorer.models.length;
    const steering = { accuracy: options.accuracy, ...(!isPaced && { lambda }) };
    this.pacer = new Pacer([...scorer.models], steering, seed);
    this.needsSample = options.accuracy !== undefined || this.budgets.some((b) => b.isPaced);
    this.lengths = new AnswerLength(models);
    this.breaker = new Breaker(models);
    this.eligibility = new Eligibility(this.models, this.breaker, options.onExhausted);
    this.ledger = options.ledger ?? memoryLedger();
    this.clock = now;
    [this.explore, this.seed, this.holdMs] = [explore, seed, holdMs];
    [this.probability, this.cost, this.saved, this.value] = Array.from(
      { length: 4 },
      () => new Float64Array(models),
    );
    this.policy = this.digest(name, lambda);
    this.instance = this.policy.slice(0, 6) + Math.floor(this.tick()).toString(36);
    if (options.state !== undefined) this.restore(options.state);
  }

  route(request: RouteRequest): Decision | Refusal {
    checkRequest(request);
    const time = this.now();
    const caller = this.callerOf(request.key);
    const { eligibility, probability, cost, ledger } = this;
    const input = this.score(request);
    eligibility.usable(request, caller, cost, input, this.lengths);
    this.writeSaved(request, time, input);
    for (const budget of caller.budgets) budget.observe(time, 1);
    if (this.needsSample && eligibility.hasUsable) {
      const perDay = caller.budgets[0]?.perDay ?? 0;
      this.pacer.reservoir.offer(probability, cost, eligibility.open, Math.min(1, RESERVOIR_ROWS / perDay));
    }
    const lambda = this.pacer.lambdaFor(time, caller.budgets, ledger);
    const row = { probability, cost, factor: this.pacer.bias.factor, saved: this.saved };
    writeValues(this.value, row, lambda);
    eligibility.affordable(time, this.roomOf(caller));
    return this.choose(request, caller, row, lambda, time, input);
  }

  retry(decision: Decision): Decision | Refusal {
    this.modelOf(decision);
    const time = this.now();
    const caller = this.callerOf(decision.key);
    for (const budget of caller.budgets) budget.observe(time, 0);
    const room = this.roomOf(caller);
    for (const [k, next] of decision.fallbacks.entries()) {
      const m = this.scorer.models.indexOf(next.model);
      if (m < 0 || this.breaker.isClosedOff(m, time) || microsUp(next.worstCase) > room) continue;
      const attempt: Decision = {
        ...decision,
        ...next,
        uncorrectedCost: next.cost / this.pacer.bias.factor[m],
        propensity: 1,
        reason: "fallback",
        fallbacks: decision.fallbacks.slice(k + 1),
      };
      delete attempt.runnerUp;
      if (this.reserve(attempt, caller, microsUp(next.worstCase), time)) return attempt;
    }
    const { lambda, excluded } = decision;
    return this.refusal(decision.fallbacks.length === 0 ? "models" : "budget", caller, lambda, excluded);
  }

  settle(decision: Decision, used: Settlement): boolean {
    checkSettlement(used);
    const m = this.modelOf(decision);
    const { cost = this.priced(m, used), inputTokens = decision.inputTokens, outputTokens } = used;
    if (!this.open.delete(decision.id)) return false;
    const time = this.now();
    this.ledger.settle(decision.id, this.roundingOf(decision.key).charge(cost));
    if (used.ending === "failed") this.breaker.failed(m, time);
    if (used.ending === "failed" || used.ending === "abandoned") return true;
    this.pacer.bias.observe(m, decision.uncorrectedCost, cost);
    this.breaker.succeeded(m);
    if (outputTokens !== undefined) this.lengths.observe(m, outputTokens);
    if (decision.session !== undefined) {
      const tokens = inputTokens + (outputTokens ?? 0);
      this.sessions.set(decision.session, { model: m, at: time, tokens });
    }
    return true;
  }

  cancel(decision: Decision, options: { failed?: boolean } = {}): boolean {
    const m = this.modelOf(decision);
    checkObject("options", options, "{ failed }");
    if (!this.open.delete(decision.id)) return false;
    this.ledger.settle(decision.id, 0);
    if (options.failed === true) this.breaker.failed(m, this.now());
    return true;
  }

  feedback(decision: Decision, score: number): void {
    this.modelOf(decision);
    if (!(typeof score === "number" && score >= 0 && score <= 1)) refuse("score", score, "a number, 0 … 1");
    this.options.onFeedback?.(decision, score);
  }

  status(): BudgetStatus[] {
    const time = this.now();
    return this.budgets.map((budget) => {
      budget.observe(time, 0);
      const { settled, reserved } = this.ledger.balance(budget.account);
      return {
        name: budget.name,
        end: budget.end,
        spent: dollarsOf(settled),
        reserved: dollarsOf(reserved),
        left: dollarsOf(this.ledger.room(budget.account)),
        lambda: budget.lambda,
        requestsSeen: budget.requestsSeen,
        requestsLeft: budget.requestsLeft(time),
      };
    });
  }

  state(): RouterState {
    return {
      version: STATE_VERSION,
      models: [...this.scorer.models],
      instance: this.instance,
      sequence: this.sequence,
      time: this.time === -Infinity ? 0 : this.time,
      pacer: { ...this.pacer.state(), reservoir: reservoirState(this.pacer.reservoir) },
      budgets: this.budgets.map((budget) => budget.state()),
      answerTokens: [...this.lengths.quantile],
      breaker: { strikes: [...this.breaker.strikes], closedUntil: [...this.breaker.closedUntil] },
      sessions: this.sessions.state(),
      open: [...this.open].map(([id, { at, reserved }]) => [id, at, reserved]),
      rounding: [...this.rounding].map(([key, { ahead }]) => [key, ahead]),
    };
  }

  /** Writes probabilities and costs of a request; returns its input tokens by model. */
  private score({ text, vector, maxTokens, inputTokens = 0 }: RouteRequest): Float64Array {
    const { scorer, probability, cost, models } = this;
    scorer.score(vector ?? text, probability);
    scorer.costs(text, maxTokens, cost);
    const input = this.eligibility.input;
    for (let m = 0; m < input.length; m++) {
      const model = models[m];
      if (model === undefined) continue;
      const counted = scorer.promptTokens(text, m);
      input[m] = Math.max(counted, inputTokens);
      if (inputTokens > counted) cost[m] += ((inputTokens - counted) * model.price.input) / 1e6;
      // Batch problems hold costs as float32: the same λ makes the same choice.
      cost[m] = Math.fround(cost[m]);
    }
    return input;
  }

  /** What a session's model saves by its warm cache. */
  private writeSaved({ session }: RouteRequest, time: number, input: Float64Array): void {
    this.saved.fill(0);
    const known = session === undefined ? undefined : this.sessions.find(session, time);
    const model = known && this.models[known.model];
    if (known === undefined || model === undefined) return;
    const m = known.model;
    const saved = cacheSaving(model, this.sessions.warmTokens(known, time, input[m]));
    this.saved[m] = Math.min(saved, this.cost[m] * this.pacer.bias.factor[m]);
  }

  private choose(
    request: RouteRequest,
    caller: Caller,
    row: Parameters<typeof best>[1],
    lambda: number,
    time: number,
    input: Float64Array,
  ): Decision | Refusal {
    const { eligibility, value } = this;
    for (;;) {
      const { open } = eligibility;
      const greatest = best(value, row, open);
      if (greatest < 0) return this.atTheWall(request, caller, row, lambda, time, input);
      const { m, reason, propensity } = this.pick(request, greatest, open, time);
      const decision = this.decisionOf(request, m, row, lambda, input, { reason, propensity });
      if (this.reserve(decision, caller, eligibility.worst[m], time)) return decision;
      // Somebody else was quicker.
      eligibility.exclude(m, "over budget");
    }
  }

  /** The model that answers: the best, or the one of a tool loop, or one to learn from. */
  private pick(request: RouteRequest, greatest: number, open: Uint8Array, time: number) {
    const { session, isToolLoop = false } = request;
    if (isToolLoop && session !== undefined) {
      const known = this.sessions.find(session, time);
      if (known !== undefined && open[known.model] === 1)
        return { m: known.model, reason: "tool loop" as Reason, propensity: 1 };
    }
    if (this.explore === 0) return { m: greatest, reason: "value" as Reason, propensity: 1 };
    let count = 0;
    for (let m = 0; m < open.length; m++) count += open[m];
    const random = new Random(this.seed ^ 0x5eed, this.sequence);
    let m = greatest;
    if (random.uniform() < this.explore) {
      let k = random.below(count);
      for (m = 0; k > 0 || open[m] === 0; m++) k -= open[m];
    }
    const drawn = this.explore / count;
    const propensity = m === greatest ? 1 - this.explore + drawn : drawn;
    return { m, reason: (m === greatest ? "value" : "explored") as Reason, propensity };
  }

  /** No model fits: the free one that is kept for this, or a refusal. */
  private atTheWall(
    request: RouteRequest,
    caller: Caller,
    row: Parameters<typeof best>[1],
    lambda: number,
    time: number,
    input: Float64Array,
  ): Decision | Refusal {
    const { eligibility } = this;
    const isMoney = eligibility.isMoneyShort;
    const free = isMoney ? eligibility.free(time) : -1;
    if (free >= 0) {
      const why = { reason: "budget exhausted" as Reason, propensity: 1 };
      const decision = this.decisionOf(request, free, row, lambda, input, why);
      if (this.reserve(decision, caller, 0, time)) return decision;
    }
    return this.refusal(isMoney ? "budget" : "models", caller, lambda, eligibility.excluded());
  }

  private refusal(
    cause: Refusal["cause"],
    caller: Caller,
    lambda: number,
    excluded: Refusal["excluded"],
  ): Refusal {
    const refused: Refusal = { status: "refused", cause, lambda, policy: this.policy, excluded };
    if (cause === "models") return refused;
    const short = caller.budgets.reduce((a, b) =>
      this.ledger.room(b.account) < this.ledger.room(a.account) ? b : a,
    );
    return { ...refused, budget: short.name, renewedAt: short.end };
  }

  private decisionOf(
    { key, session }: RouteRequest,
    m: number,
    { probability, cost, factor, saved }: Parameters<typeof best>[1],
    lambda: number,
    input: Float64Array,
    { reason, propensity }: { reason: Reason; propensity: number },
  ): Decision {
    const { eligibility, value, scorer } = this;
    const { open, worst, output } = eligibility;
    // One literal: spreading parts takes several times as long.
    const decision: Decision = {
      status: "routed",
      id: "",
      model: scorer.models[m],
      probability: probability[m],
      cost: Math.max(0, factor[m] * cost[m] - saved[m]),
      uncorrectedCost: Math.max(0, cost[m] - saved[m]),
      worstCase: dollarsOf(worst[m]),
      lambda,
      runnerUp: undefined,
      propensity,
      reason,
      policy: this.policy,
      fallbacks: [],
      excluded: eligibility.excluded(),
      inputTokens: input[m],
      outputTokens: output[m],
      key,
      session,
    };
    // The rest in order of value.
    open[m] = 0;
    const taken: number[] = [m];
    for (let k = 0; k < FALLBACKS; k++) {
      const next = best(value, { probability, cost, factor, saved }, open);
      if (next < 0) break;
      open[next] = 0;
      taken.push(next);
      if (k === 0) decision.runnerUp = { model: scorer.models[next], loss: value[m] - value[next] };
      decision.fallbacks.push({
        model: scorer.models[next],
        probability: probability[next],
        cost: Math.max(0, factor[next] * cost[next] - saved[next]),
        worstCase: dollarsOf(worst[next]),
      });
    }
    for (const other of taken) open[other] = 1;
    return decision;
  }

  /** Reserves for a decision and gives it its id; false if a budget has no room. */
  private reserve(decision: Decision, caller: Caller, micros: number, time: number): boolean {
    const id = `${this.instance}-${(this.sequence + 1).toString(36)}`;
    const accounts = caller.budgets.map(({ account }) => account);
    if (!this.ledger.reserve(id, accounts, micros)) return false;
    this.sequence++;
    decision.id = id;
    this.open.set(id, { at: time, reserved: micros });
    this.breaker.tries(this.scorer.models.indexOf(decision.model), time);
    this.pacer.routed(decision.cost, time, caller.budgets, this.ledger);
    return true;
  }

  /** Micro-dollars that every budget of a caller still has. */
  private roomOf({ budgets }: Caller): number {
    let room = Infinity;
    for (const { account } of budgets) room = Math.min(room, this.ledger.room(account));
    return room;
  }

  /** The clock, which never goes back; what is reserved for too long counts as spent. */
  private now(): number {
    const time = this.tick();
    if (time > this.time) this.time = time;
    for (const [id, { at, reserved }] of this.open) {
      if (this.time - at <= this.holdMs) break;
      this.open.delete(id);
      this.ledger.settle(id, reserved);
    }
    return this.time;
  }

  private tick(): number {
    const time = this.clock();
    return Number.isFinite(time) ? time : refuse("now()", time, "milliseconds since 1970");
  }

  private callerOf(key: string | undefined): Caller {
    const caller = this.callers.get(key ?? "");
    if (caller !== undefined) return caller;
    return refuse("key", key, "one of the router's keys");
  }

  private modelOf(decision: Decision): number {
    checkDecision(decision);
    const { model } = decision;
    const m = this.scorer.models.indexOf(model);
    if (m < 0 || this.models[m] === undefined) refuse("decision.model", model, "a decision of this router");
    return m;
  }

  private priced(m: number, used: Settlement): number {
    const { inputTokens = 0, outputTokens = 0, cachedTokens = 0, cacheWriteTokens = 0 } = used;
    const usage = {
      input: inputTokens,
      output: outputTokens,
      cachedInput: cachedTokens,
      cacheWrite: cacheWriteTokens,
    };
    return billOf(this.models[m]!.price, usage).total;
  }

  private roundingOf(key = ""): Rounding {
    const known = this.rounding.get(key);
    if (known !== undefined) return known;
    const fresh = new Rounding();
    this.rounding.set(key, fresh);
    return fresh;
  }

  private compare({ predictor, prices, models }: ReturnType<typeof checkPolicy>): void {
    if (predictor !== this.scorer.digest) {
      throw new InputError(
        `the policy was made with another predictor (${shown(predictor.slice(0, 12))}…, this is ${shown(this.scorer.digest.slice(0, 12))}…): plan again, or load that one`,
        { field: "policy" },
      );
    }
    if (this.options.prices !== undefined && prices !== priceDigest(models, this.options.prices))
      this.notes.push("prices have changed since the policy was made: its λ may no longer fit its target");
  }

  private digest(name: string, lambda: number | undefined): string {
    const { accuracy, budget, keys, groups, explore, onExhausted } = this.options;
    const models = this.models.flatMap((model) => (model ? [[model.name, model.price, [...model.can]]] : []));
    const lambdaText = String(lambda);
    const all = { name, lambdaText, accuracy, budget, keys, groups, explore, onExhausted, models };
    return createHash("sha256")
      .update(JSON.stringify({ ...all, predictor: this.scorer.digest }))
      .digest("hex");
  }

  private restore(value: unknown): void {
    const state = checkRouterState(value, this.scorer.models);
    if (state.time > this.clock() + DAY_MS)
      refuse("state", new Date(state.time), "a state that was saved in the past");
    this.sequence = state.sequence;
    this.time = state.time;
    this.instance = state.instance;
    this.pacer.restore(state.pacer);
    restoreReservoir(this.pacer.reservoir, state.pacer.reservoir);
    for (const saved of state.budgets) this.budgets.find(({ name }) => name === saved.name)?.restore(saved);
    this.lengths.quantile.set(state.answerTokens);
    this.breaker.strikes.set(state.breaker.strikes);
    this.breaker.closedUntil.set(state.breaker.closedUntil);
    for (const [id, session] of state.sessions) this.sessions.set(id, session);
    for (const [id, at, reserved] of state.open) this.open.set(id, { at, reserved });
    for (const [key, ahead] of state.rounding) this.rounding.set(key, new Rounding(ahead));
  }
}
