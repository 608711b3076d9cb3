import { createHash } from "node:crypto";
import { InputError } from "../errors.js";
import { Breaker } from "./breaker.js";
import { checkNumber, checkObject, refuse } from "./checks.js";
import { certain, Chooser, type Underway } from "./chooser.js";
import { writeValues } from "./decide.js";
import type { Decision, Refusal } from "./decision.js";
import { Eligibility } from "./eligibility.js";
import type { Alarm } from "./feedback/alarms.js";
import type { Correction } from "./feedback/calibration.js";
import { Feedback } from "./feedback/feedback.js";
import type { Ledger } from "./ledger/ledger.js";
import { memoryLedger } from "./ledger/memory.js";
import { groupColumnsOf } from "./limits/policyLimit.js";
import { Capacities, worstUse, type LimitStatus, type Use } from "./limits/capacities.js";
import { Recorder } from "./log/recorder.js";
import { dollarsUsed, routedModels, type RoutedModel } from "./models.js";
import { dollarsOf, microsUp } from "./money.js";
import { callersOf, checkOptions, type Caller, type RouterOptions } from "./options.js";
import { AnswerLength } from "./pacing/answerLength.js";
import type { PacedBudget } from "./pacing/budget.js";
import { Pacer } from "./pacing/pacer.js";
import { RESERVOIR_ROWS } from "./pacing/reservoir.js";
import { checkPolicy, policyDigest, policyNotes } from "./policy.js";
import {
  checkDecision,
  checkRequest,
  checkSettlement,
  type RouteRequest,
  type Settlement,
} from "./request.js";
import { Reservations } from "./reservations.js";
import { RequestRow } from "./row.js";
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

/** Money that is held for a request that is not routed. */
export interface Hold {
  status: "held";
  id: string;
  key?: string;
}

/** Decides requests one by one; see `createRouter`. */
export interface Router {
  /** SHA-256 of everything it decides by. */
  readonly policy: string;
  /** Names of the models that it routes to. */
  readonly routesTo: readonly string[];
  /** Remarks for the reader, such as prices that have changed since the policy was made. */
  readonly notes: readonly string[];
  /**
   * Resolves when the first requests can be reserved: at once, but for a ledger that several processes share, whose
   * router refuses until then.
   */
  ready(): Promise<void>;
  /** Chooses a model for a request and reserves what the answer may cost. O(models) after scoring. */
  route(request: RouteRequest): Decision | Refusal;
  /**
   * The same decision for a request that is answered elsewhere: it counts as a request, nothing is reserved, and there is
   * nothing to settle. It can be judged by `feedback`.
   */
  advise(request: RouteRequest): Decision | Refusal;
  /** The next of a decision's fallbacks that fits, with a reservation of its own. Settle or cancel the decision first. */
  retry(decision: Decision): Decision | Refusal;
  /** An answer is there: records what it cost. False if the decision was settled or cancelled before. */
  settle(decision: Decision, used: Settlement): boolean;
  /** There will be no answer and no charge: frees the reservation. `failed`: the model's fault. False as above. */
  cancel(decision: Decision, options?: { failed?: boolean }): boolean;
  /**
   * Holds dollars for a request that is not routed, such as one for embeddings, in every budget of its key. End it with
   * `pay`.
   */
  hold(dollars: number, key?: string): Hold | Refusal;
  /** Ends a hold: this is what the request cost. False if it has ended before. */
  pay(hold: Hold, dollars: number): boolean;
  /**
   * A judgement of the answer, 0 … 1, on the scale of the labelled sample: corrects the model's probabilities from now on.
   * False if the decision was judged before (among the last 10,000).
   */
  feedback(decision: Decision, score: number): boolean;
  /** What should be looked at: answers better or worse than predicted, dearer or cheaper, texts unlike the sample's. */
  alarms(): Alarm[];
  /** How judgements correct the probabilities, by model; models without judgements are left out. */
  corrections(): Correction[];
  /** Names of the models that failed so often that they get no requests now. */
  failing(): string[];
  /** Every budget as it stands. */
  status(): BudgetStatus[];
  /** Every capacity of the policy's limits as it stands; empty without any. */
  limits(): LimitStatus[];
  /** What it has learned, as plain data for JSON; the money is in the ledger. Give it to `createRouter` as `state`. */
  state(): object;
}

const HOLD_MS = 3_600_000;
const DAY_MS = 86_400_000;

/**
 * Makes a router: a loaded predictor, what the models cost, and what to decide by.
 *
 * Every request gets the eligible model of largest p − λ·κ·c, with p its chance of a good answer, c its predicted
 * dollars and κ their correction. A policy with limits takes their prices off that, and a model whose capacity is used up is
 * not eligible. λ is given, or found so that a budget lasts its period or an accuracy is reached.
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
  readonly routesTo: readonly string[];
  readonly notes: string[];
  private readonly scorer: Scorer;
  private readonly models: (RoutedModel | undefined)[];
  private readonly callers: Map<string, Caller>;
  private readonly budgets: PacedBudget[];
  private readonly reservations: Reservations;
  private readonly pacer: Pacer;
  private readonly lengths: AnswerLength;
  private readonly sessions = new Sessions();
  private readonly breaker: Breaker;
  private readonly eligibility: Eligibility;
  private readonly row: RequestRow;
  private readonly chooser: Chooser;
  private readonly capacities: Capacities | undefined;
  private readonly learned: Feedback;
  private readonly recorder: Recorder | undefined;
  private readonly clock: () => number;
  private readonly needsSample: boolean;
  private time = -Infinity;

  constructor(private readonly options: RouterOptions) {
    checkOptions(options);
    const { scorer, name = "default", accuracy, explore = 0, seed = 1, holdMs = HOLD_MS } = options;
    const policy = options.policy === undefined ? undefined : checkPolicy(options.policy);
    const planned =
      policy === undefined ? undefined : policy.lambda === "Infinity" ? Infinity : policy.lambda;
    const lambda = options.lambda ?? planned;
    this.scorer = scorer;
    this.models = routedModels(scorer.models, options.models ?? policy?.models, options.prices);
    this.notes = policy === undefined ? [] : policyNotes(policy, scorer.digest, options.prices);
    this.routesTo = this.models.flatMap((model) => (model ? [model.name] : []));
    this.callers = callersOf(name, options, lambda, new Set(this.routesTo));
    this.budgets = [...new Set([...this.callers.values()].flatMap(({ budgets }) => budgets))];
    const isPaced = this.budgets.find((b) => b.name === `policy:${name}`)?.isPaced === true;
    if (!isPaced && lambda === undefined && accuracy === undefined) {
      throw new InputError(
        "the budget does not say how long it is to last: give until or requests, or a lambda to decide by",
        { field: "budget" },
      );
    }
    const models = scorer.models.length;
    this.pacer = new Pacer([...scorer.models], { accuracy, ...(!isPaced && { lambda }) }, seed);
    this.needsSample = accuracy !== undefined || this.budgets.some((b) => b.isPaced);
    this.lengths = new AnswerLength(models);
    this.breaker = new Breaker(models);
    this.eligibility = new Eligibility(this.models, this.breaker, this.lengths, options.onExhausted);
    this.learned = new Feedback(scorer.models, scorer.digest, scorer.unseen);
    const calibration = options.calibrate === false ? undefined : this.learned.calibration;
    this.row = new RequestRow(scorer, this.models, this.sessions, this.pacer.bias, calibration);
    this.recorder =
      options.log &&
      new Recorder(
        options.log,
        scorer.digest,
        [...new Set([...(scorer.featureColumns ?? []), ...groupColumnsOf(policy?.limits)])],
        this.models,
        this.row,
        this.eligibility,
      );
    const ledger = options.ledger ?? memoryLedger();
    this.capacities =
      policy?.limits && new Capacities(policy.limits, this.models, planned ?? Infinity, policyDigest(policy));
    if (this.capacities !== undefined && ledger.shared !== undefined)
      refuse(
        "policy",
        policy!.limits!.map(({ name }) => name).join(", "),
        "no limits: capacities are counted in one process, and the ledger is shared",
      );
    this.clock = options.now ?? sharedClock(ledger) ?? Date.now;
    this.policy = this.digest(name, lambda);
    const exploration = { share: explore, seed };
    this.chooser = new Chooser(
      scorer.models,
      this.policy,
      this.row,
      this.eligibility,
      this.sessions,
      exploration,
    );
    const instance = this.policy.slice(0, 6) + Math.floor(this.tick()).toString(36);
    this.reservations = new Reservations(ledger, instance, holdMs);
    if (options.state !== undefined) this.restore(options.state);
  }

  async ready(): Promise<void> {
    const time = this.now();
    for (const budget of this.budgets) budget.observe(time, 0);
    await this.reservations.ledger.shared?.ready(this.budgets.map(({ account }) => account));
  }

  route(request: RouteRequest): Decision | Refusal {
    return this.decide(request, true);
  }

  advise(request: RouteRequest): Decision | Refusal {
    const result = this.decide(request, false);
    if (result.status === "routed")
      this.recorder?.settled(result, this.time, { cost: 0, unanswered: "cancelled" });
    return result;
  }

  retry(decision: Decision): Decision | Refusal {
    this.modelOf(decision);
    const time = this.now();
    const caller = this.callerOf(decision.key);
    for (const budget of caller.budgets) budget.observe(time, 0);
    const room = this.reservations.room(caller);
    let isMoneyShort = false;
    for (const [k, next] of decision.fallbacks.entries()) {
      const m = this.scorer.models.indexOf(next.model);
      if (m < 0 || this.breaker.isClosedOff(m, time)) continue;
      const isAffordable = microsUp(next.worstCase) <= room;
      isMoneyShort ||= !isAffordable;
      if (
        !isAffordable ||
        this.capacities?.fits(m, useOf({ ...decision, ...next }), decision.groups) === false
      )
        continue;
      const attempt: Decision = {
        ...decision,
        ...next,
        uncorrectedCost: next.cost / this.pacer.bias.factor[m],
        propensity: 1,
        reason: "fallback",
        fallbacks: decision.fallbacks.slice(k + 1),
      };
      delete attempt.runnerUp;
      if (this.reserve(attempt, caller, microsUp(next.worstCase), time)) {
        this.recorder?.retried(attempt, decision, time);
        return attempt;
      }
      isMoneyShort = true;
    }
    const { lambda, excluded } = decision;
    return this.refusal(isMoneyShort ? "budget" : "models", caller, lambda, excluded);
  }

  settle(decision: Decision, used: Settlement): boolean {
    checkSettlement(used);
    const m = this.modelOf(decision);
    const { cost = dollarsUsed(this.models[m]!, used), outputTokens } = used;
    if (!this.reservations.settle(decision, cost)) return false;
    const tokens = tokensUsed(used) ?? useOf(decision).tokens;
    this.capacities?.settle(decision.id, m, { dollars: cost, tokens, probability: decision.probability });
    if (used.ending === "assumed") return true;
    const time = this.now();
    this.recorder?.settled(decision, time, { cost, inputTokens: used.inputTokens, outputTokens });
    if (used.ending === "failed") this.breaker.failed(m, time);
    if (used.ending === "failed" || used.ending === "abandoned") return true;
    this.pacer.bias.observe(m, decision.uncorrectedCost, cost);
    this.learned.paid(m, decision.uncorrectedCost, cost);
    this.breaker.succeeded(m);
    if (outputTokens !== undefined) this.lengths.observe(m, outputTokens);
    if (decision.session !== undefined) {
      const tokens = (used.inputTokens ?? decision.inputTokens) + (outputTokens ?? 0);
      this.sessions.set(decision.session, { model: m, at: time, tokens });
    }
    return true;
  }

  cancel(decision: Decision, options: { failed?: boolean } = {}): boolean {
    const m = this.modelOf(decision);
    checkObject("options", options, "{ failed }");
    if (!this.reservations.cancel(decision)) return false;
    this.capacities?.cancel(decision.id);
    const { failed = false } = options;
    const time = this.now();
    if (failed) this.breaker.failed(m, time);
    this.recorder?.settled(decision, time, { cost: 0, unanswered: failed ? "failed" : "cancelled" });
    return true;
  }

  hold(dollars: number, key?: string): Hold | Refusal {
    checkNumber("dollars", dollars, { least: 0, most: 1e9, expected: "dollars ≥ 0" });
    const time = this.now();
    const caller = this.callerOf(key);
    for (const budget of caller.budgets) budget.observe(time, 0);
    const held: Hold = { status: "held", id: "", ...(key !== undefined && { key }) };
    if (this.reservations.make(held, caller, microsUp(dollars), time)) return held;
    return this.refusal(
      "budget",
      caller,
      this.pacer.lambdaFor(time, caller.budgets, this.reservations.ledger),
      [],
    );
  }

  pay(hold: Hold, dollars: number): boolean {
    checkNumber("dollars", dollars, { least: 0, most: 1e9, expected: "dollars ≥ 0" });
    return this.reservations.settle(hold, dollars);
  }

  feedback(decision: Decision, score: number): boolean {
    const m = this.modelOf(decision);
    if (!(typeof score === "number" && score >= 0 && score <= 1)) refuse("score", score, "a number, 0 … 1");
    const { id, uncorrectedProbability, propensity } = decision;
    if (!this.learned.judge(id, m, uncorrectedProbability, score, propensity)) return false;
    this.recorder?.judged(decision, this.now(), score);
    this.options.onFeedback?.(decision, score);
    return true;
  }

  alarms(): Alarm[] {
    return this.learned.alarms();
  }

  corrections(): Correction[] {
    return this.learned.corrections();
  }

  failing(): string[] {
    const time = this.now();
    return this.routesTo.filter((name) => this.breaker.isClosedOff(this.scorer.models.indexOf(name), time));
  }

  status(): BudgetStatus[] {
    const time = this.now();
    const { ledger } = this.reservations;
    return this.budgets.map((budget) => {
      budget.observe(time, 0);
      const { settled, reserved } = ledger.balance(budget.account);
      return {
        name: budget.name,
        end: budget.end,
        spent: dollarsOf(settled),
        reserved: dollarsOf(reserved),
        left: dollarsOf(ledger.room(budget.account)),
        lambda: budget.lambda,
        requestsSeen: budget.requestsSeen,
        requestsLeft: budget.requestsLeft(time),
      };
    });
  }

  limits(): LimitStatus[] {
    this.now();
    return this.capacities?.status() ?? [];
  }

  state(): RouterState {
    return {
      version: STATE_VERSION,
      models: [...this.scorer.models],
      time: this.time === -Infinity ? 0 : this.time,
      pacer: { ...this.pacer.state(), reservoir: reservoirState(this.pacer.reservoir) },
      budgets: this.budgets.map((budget) => budget.state()),
      answerTokens: [...this.lengths.quantile],
      breaker: { strikes: [...this.breaker.strikes], closedUntil: [...this.breaker.closedUntil] },
      sessions: this.sessions.state(),
      feedback: this.learned.state(),
      ...(this.capacities !== undefined && { limits: this.capacities.state() }),
      ...this.reservations.state(),
    };
  }

  /** `isHeld`: what the answer may cost is reserved. */
  private decide(request: RouteRequest, isHeld: boolean): Decision | Refusal {
    checkRequest(request);
    const groups = this.capacities?.groupsIn(request.features);
    const time = this.now();
    const caller = this.callerOf(request.key);
    const { eligibility, row, pacer, reservations } = this;
    row.write(request, time);
    if (request.vector === undefined) this.learned.read(request.text);
    eligibility.usable(request, caller, row);
    for (const budget of caller.budgets) this.observe(budget, time);
    if (this.needsSample && eligibility.hasUsable) {
      const share = Math.min(1, RESERVOIR_ROWS / (caller.budgets[0]?.perDay ?? 0));
      pacer.reservoir.offer(row.probability, row.cost, eligibility.open, share);
    }
    const lambda = pacer.lambdaFor(time, caller.budgets, reservations.ledger);
    writeValues(row.value, row, lambda);
    this.capacities?.charge(row, eligibility, lambda, groups);
    eligibility.affordable(time, reservations.room(caller));
    this.capacities?.close(row, eligibility, groups);
    const result = this.choose({ request, caller, lambda, time, groups }, isHeld);
    if (result.status === "refused") this.recorder?.refused(result, time);
    return result;
  }

  /** Counts a request, and those of other processes that share the budget. */
  private observe(budget: PacedBudget, time: number): void {
    budget.observe(time, 1);
    const others = this.reservations.ledger.shared?.count(budget.account, 1) ?? 0;
    if (others > 0) budget.observe(time, others);
  }

  private choose(underway: Underway, isHeld: boolean): Decision | Refusal {
    const { eligibility, chooser, reservations } = this;
    const { caller, time, lambda, groups } = underway;
    for (;;) {
      const pick = chooser.pick(underway, reservations.sequence);
      if (pick === undefined) break;
      const decision = chooser.decision(underway, pick);
      if (this.take(decision, underway, eligibility.worst[pick.m], isHeld)) {
        this.recorder?.decided(decision, pick, time, underway.request);
        return decision;
      }
      // Somebody else was quicker.
      eligibility.exclude(pick.m, "over budget");
    }
    if (!eligibility.isMoneyShort) return this.refusal("models", caller, lambda, eligibility.excluded());
    const free = eligibility.free(time);
    if (free >= 0 && this.capacities?.fits(free, worstUse(this.row, eligibility, free), groups) !== false) {
      const pick = certain(free, "budget exhausted");
      const decision = chooser.decision(underway, pick);
      if (this.take(decision, underway, 0, isHeld)) {
        this.recorder?.decided(decision, pick, time, underway.request);
        return decision;
      }
    }
    return this.refusal("budget", caller, lambda, eligibility.excluded());
  }

  private refusal(
    cause: Refusal["cause"],
    caller: Caller,
    lambda: number,
    excluded: Refusal["excluded"],
  ): Refusal {
    const refused: Refusal = { status: "refused", cause, lambda, policy: this.policy, excluded };
    if (cause === "models") return refused;
    const short = this.reservations.shortest(caller);
    return { ...refused, budget: short.name, renewedAt: short.end };
  }

  /** Reserves for a decision, or only gives it an id. */
  private take(decision: Decision, { caller, time }: Underway, micros: number, isHeld: boolean): boolean {
    if (isHeld) return this.reserve(decision, caller, micros, time);
    decision.id = this.reservations.nextId();
    this.pacer.routed(decision.cost, time, caller.budgets, this.reservations.ledger);
    return true;
  }

  private reserve(decision: Decision, caller: Caller, micros: number, time: number): boolean {
    if (!this.reservations.make(decision, caller, micros, time)) return false;
    const m = this.scorer.models.indexOf(decision.model);
    this.capacities?.reserve(decision.id, m, useOf(decision), decision.groups);
    this.breaker.tries(m, time);
    this.pacer.routed(decision.cost, time, caller.budgets, this.reservations.ledger);
    return true;
  }

  /** The clock, which never goes back; what is reserved for too long is settled. */
  private now(): number {
    const time = this.tick();
    if (time > this.time) this.time = time;
    this.reservations.expire(this.time, (id) => this.capacities?.settle(id, 0));
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

  private digest(name: string, lambda: number | undefined): string {
    const { accuracy, budget, keys, groups, explore, calibrate, onExhausted, policy } = this.options;
    const limits = policy?.limits;
    const models = this.models.flatMap((model) => (model ? [[model.name, model.price, [...model.can]]] : []));
    const lambdaText = String(lambda);
    const all = {
      name,
      lambdaText,
      accuracy,
      budget,
      keys,
      groups,
      explore,
      calibrate,
      onExhausted,
      models,
      limits,
    };
    return createHash("sha256")
      .update(JSON.stringify({ ...all, predictor: this.scorer.digest }))
      .digest("hex");
  }

  private restore(value: unknown): void {
    const state = checkRouterState(value, this.scorer.models);
    if (state.time > this.clock() + DAY_MS)
      refuse("state", new Date(state.time), "a state that was saved in the past");
    this.time = state.time;
    this.pacer.restore(state.pacer);
    restoreReservoir(this.pacer.reservoir, state.pacer.reservoir);
    for (const saved of state.budgets) this.budgets.find(({ name }) => name === saved.name)?.restore(saved);
    this.lengths.quantile.set(state.answerTokens);
    this.breaker.strikes.set(state.breaker.strikes);
    this.breaker.closedUntil.set(state.breaker.closedUntil);
    for (const [id, session] of state.sessions) this.sessions.set(id, session);
    this.reservations.restore(state);
    if (state.limits !== undefined && this.capacities?.restore(state.limits) === false)
      this.notes.push("the saved limits are of another plan: those of this one are counted from nothing");
    if (state.feedback !== undefined && !this.learned.restore(state.feedback))
      this.notes.push("the saved feedback is about another predictor and was not taken over");
  }
}

/** The most that the answer of a decision may use. */
function useOf({ worstCase, inputTokens, outputTokens, probability }: Decision): Use {
  return { dollars: worstCase, tokens: inputTokens + outputTokens, probability };
}

/** The tokens that an answer used, if they are known. */
function tokensUsed({ inputTokens, outputTokens }: Settlement): number | undefined {
  return inputTokens === undefined || outputTokens === undefined ? undefined : inputTokens + outputTokens;
}

function sharedClock({ shared }: Ledger): (() => number) | undefined {
  return shared && (() => shared.now());
}
