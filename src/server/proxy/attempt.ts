import { InputError } from "../../errors.js";
import type { Decision } from "../../online/decision.js";
import type { Ending } from "../../online/request.js";
import { billOf } from "../../prices/bill.js";
import { readUsage, type Usage } from "../../prices/usage.js";
import type { ServedModel } from "../setup/models.js";
import type { AttemptTrace } from "../tracing/tracing.js";
import type { Call, Settled } from "./call.js";

/** One request to one model: settled exactly once, whatever happens. */
export class Attempt {
  readonly model: ServedModel;
  /** Dollars, once it is settled. */
  cost = 0;
  isEstimated = false;
  /** What was charged, once it is settled; undefined if nothing was. */
  paid: { cost: number; inputTokens?: number; outputTokens?: number } | undefined;
  readonly trace: AttemptTrace | undefined;
  private isSettled = false;
  private readonly began = performance.now();
  private firstMs: number | undefined;

  /** Whether it was settled. */
  get isOver(): boolean {
    return this.isSettled;
  }

  constructor(
    readonly call: Call,
    readonly decision: Decision,
  ) {
    this.model = call.policy.models.get(decision.model)!;
    this.trace = call.trace?.attempt(call.asked, this.model, decision, call.policy.name);
  }

  /** The first part of a stream is there. */
  begins(): void {
    this.firstMs ??= performance.now() - this.began;
  }

  /** The answer came with a report of what was used; without one that can be read, tokens are counted. */
  answered(reported: unknown, text: () => string): void {
    const usage = usageOf(reported);
    if (usage === undefined) this.counted("answered", text());
    else this.settle("answered", usage, false);
  }

  /** It broke off, or nobody waited for the rest. What came is charged. */
  brokeOff(ending: Ending, reported: unknown, text: string): void {
    const usage = usageOf(reported);
    if (usage === undefined) this.counted(ending, text);
    else this.settle(ending, usage, false);
  }

  /** It was sent, and what the upstream made of it is not known: charged as predicted. */
  unknown(ending: Ending): void {
    this.charge(ending, this.decision.cost, {}, true);
  }

  /** There was no answer and there is no charge. */
  free(isModelsFault: boolean): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { decision, call } = this;
    call.policy.router.cancel(decision, { failed: isModelsFault });
    this.report(isModelsFault ? "failed" : "abandoned");
  }

  private counted(ending: Ending, text: string): void {
    const { decision, model } = this;
    const output = text === "" ? 0 : model.counter.count(text);
    this.settle(ending, { input: decision.inputTokens, output }, true);
  }

  private settle(ending: Ending, usage: Usage, isEstimated: boolean): void {
    const { input: inputTokens, output: outputTokens } = usage;
    const cost = billOf(this.model.price, usage).total;
    this.charge(ending, cost, { inputTokens, outputTokens }, isEstimated);
  }

  private charge(
    ending: Ending,
    cost: number,
    tokens: { inputTokens?: number; outputTokens?: number },
    isEstimated: boolean,
  ): void {
    if (this.isSettled) return;
    this.isSettled = true;
    const { decision, call } = this;
    this.cost = cost;
    this.isEstimated = isEstimated;
    this.paid = { cost, ...tokens };
    call.policy.router.settle(decision, { ...this.paid, ending });
    this.report(ending, tokens);
  }

  private report(ending: Ending, tokens: { inputTokens?: number; outputTokens?: number } = {}): void {
    const { call, model, decision, cost, isEstimated, firstMs } = this;
    const ms = performance.now() - this.began;
    const { asked, policy, shared } = call;
    const settled: Settled = {
      ...{ api: asked.api, policy: policy.name, model, decision, ending, cost, isEstimated, ...tokens, ms },
      ...(firstMs !== undefined && { firstMs }),
    };
    this.trace?.end(settled);
    shared.onSettled(settled);
  }
}

/** A report in our convention; undefined where there is none, or none that makes sense. */
function usageOf(reported: unknown): Usage | undefined {
  if (reported === undefined || reported === null) return undefined;
  try {
    return readUsage(reported);
  } catch (error) {
    if (error instanceof InputError) return undefined;
    throw error;
  }
}
