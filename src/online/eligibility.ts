import { InputError } from "../errors.js";
import { shown } from "../text/shown.js";
import type { Breaker } from "./breaker.js";
import { EXCLUSIONS, type Exclusion } from "./decision.js";
import { worstCost, type RoutedModel } from "./models.js";
import { microsUp } from "./money.js";
import type { Caller } from "./options.js";
import type { AnswerLength } from "./pacing/answerLength.js";
import type { RouteRequest } from "./request.js";
import type { RequestRow } from "./row.js";

/** Which models may answer the request under way, and what each may cost at most. Rows in the order of the scorer. */
export class Eligibility {
  /** 1 for each model that may answer. */
  readonly open: Uint8Array;
  /** Longest answer in tokens that is reserved for. */
  readonly output: Float64Array;
  /** Micro-dollars that the answer may cost at most. */
  readonly worst: Float64Array;
  /** Whether some model could answer, whatever the money. */
  hasUsable = false;
  /** Whether it is money alone that keeps some model out. */
  isMoneyShort = false;
  /** Index of the reason in `EXCLUSIONS`, −1 for none. */
  private readonly why: Int8Array;
  private readonly kept: number;

  /** `free`: name of the model for exhausted budgets, or "reject". */
  constructor(
    private readonly models: readonly (RoutedModel | undefined)[],
    private readonly breaker: Breaker,
    private readonly lengths: AnswerLength,
    free = "reject",
  ) {
    this.open = new Uint8Array(models.length);
    this.output = new Float64Array(models.length);
    this.worst = new Float64Array(models.length);
    this.why = new Int8Array(models.length).fill(-1);
    this.kept = free === "reject" ? -1 : models.findIndex((model) => model?.name === free);
    if (free === "reject") return;
    const model = models[this.kept];
    if (model === undefined || worstCost(model, 1e6, 1e6) > 0) {
      throw new InputError(
        `onExhausted is ${shown(free)}; expected "reject" or one of the models with a price of 0`,
        { field: "onExhausted" },
      );
    }
  }

  /** Opens every model that can answer, whatever the money. */
  usable(request: RouteRequest, caller: Caller, row: RequestRow): void {
    this.hasUsable = false;
    for (let m = 0; m < this.open.length; m++) {
      const model = this.models[m];
      const why = model === undefined ? 0 : this.whyNot(model, m, request, caller, row);
      this.why[m] = why;
      this.open[m] = why < 0 ? 1 : 0;
      if (why < 0) this.hasUsable = true;
    }
  }

  /** Closes models that fail, and those that cost more than there is room for. */
  affordable(time: number, room: number): void {
    this.isMoneyShort = false;
    for (let m = 0; m < this.open.length; m++) {
      if (this.open[m] === 0) continue;
      if (this.breaker.isClosedOff(m, time)) this.exclude(m, "failing");
      else if (this.worst[m] > 0 && this.worst[m] > room) this.exclude(m, "over budget");
    }
  }

  exclude(m: number, why: Exclusion): void {
    this.open[m] = 0;
    this.why[m] = EXCLUSIONS.indexOf(why);
    if (why === "over budget") this.isMoneyShort = true;
  }

  /** The model that is kept for an exhausted budget, if it can answer; −1: none. */
  free(time: number): number {
    const { kept } = this;
    const isReady = kept >= 0 && this.why[kept] === EXCLUSIONS.indexOf("kept for an exhausted budget");
    return isReady && !this.breaker.isClosedOff(kept, time) ? kept : -1;
  }

  /** The models that may not answer, those left aside by the policy apart. */
  excluded(): { model: string; why: Exclusion }[] {
    const list: { model: string; why: Exclusion }[] = [];
    for (let m = 0; m < this.open.length; m++) {
      const model = this.models[m];
      if (model !== undefined && this.why[m] >= 0)
        list.push({ model: model.name, why: EXCLUSIONS[this.why[m]] });
    }
    return list;
  }

  private whyNot(
    model: RoutedModel,
    m: number,
    { needs, allowed, maxTokens, answers = 1 }: RouteRequest,
    caller: Caller,
    row: RequestRow,
  ): number {
    const cost = row.cost[m];
    const input = row.input[m];
    if (caller.models?.has(model.name) === false || allowed?.includes(model.name) === false) return 0;
    if (!(cost >= 0 && cost < Infinity)) return 1;
    const room = model.context - input;
    if (room < 1 || (maxTokens !== undefined && (maxTokens > room || maxTokens > model.maxOutput))) return 2;
    if (needs !== undefined) for (const need of needs) if (!model.can.has(need)) return 3;
    const output = answers * (maxTokens ?? Math.min(this.lengths.quantile[m], room, model.maxOutput));
    this.output[m] = output;
    this.worst[m] = microsUp(worstCost(model, input, output));
    return m === this.kept ? 6 : -1;
  }
}
