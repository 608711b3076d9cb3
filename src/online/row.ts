import type { Row } from "./decide.js";
import type { Calibration } from "./feedback/calibration.js";
import { cacheSaving, type RoutedModel } from "./models.js";
import type { CostBias } from "./pacing/bias.js";
import type { RouteRequest } from "./request.js";
import type { Scorer } from "./scorer.js";
import type { Sessions } from "./sessions.js";

/** What the request under way would get from each model, and for what: in the order of the scorer, written anew for each. */
export class RequestRow implements Row {
  readonly probability: Float64Array;
  /** The scorer's probabilities, before feedback corrects them. */
  readonly scored: Float64Array;
  readonly cost: Float64Array;
  readonly factor: Float64Array;
  readonly saved: Float64Array;
  /** What each model is worth at the λ that holds; `writeValues` writes it. */
  readonly value: Float64Array;
  /** Input tokens. */
  readonly input: Float64Array;

  constructor(
    private readonly scorer: Scorer,
    private readonly models: readonly (RoutedModel | undefined)[],
    private readonly sessions: Sessions,
    bias: CostBias,
    /** Corrects the probabilities; undefined: they stay as they are. */
    private readonly calibration: Calibration | undefined,
  ) {
    const fresh = (): Float64Array => new Float64Array(models.length);
    [this.probability, this.scored, this.cost, this.saved, this.value, this.input] = Array.from(
      { length: 6 },
      fresh,
    );
    this.factor = bias.factor;
  }

  /** Scores a request and counts its tokens; the values apart. */
  write(request: RouteRequest, time: number): void {
    this.score(request);
    this.save(request, time);
  }

  /** Predicted dollars of an answer, corrected, less what a warm cache saves. */
  expectedCost(m: number): number {
    return Math.max(0, this.factor[m] * this.cost[m] - this.saved[m]);
  }

  private score({ text, vector, features, maxTokens, inputTokens = 0 }: RouteRequest): void {
    const { scorer, cost, models, input } = this;
    const both = vector !== undefined && scorer.vectorsBeside !== undefined;
    scorer.score(both ? { text, vector } : (vector ?? text), this.scored, features);
    this.probability.set(this.scored);
    this.calibration?.apply(this.probability);
    scorer.costs(text, maxTokens, cost);
    for (let m = 0; m < input.length; m++) {
      const model = models[m];
      if (model === undefined) continue;
      const counted = scorer.promptTokens(text, m);
      input[m] = Math.max(counted, inputTokens);
      if (inputTokens > counted) cost[m] += ((inputTokens - counted) * model.price.input) / 1e6;
      // Batch problems hold costs as float32: the same λ makes the same choice.
      cost[m] = Math.fround(cost[m]);
    }
  }

  /** What a session's model saves by its warm cache. */
  private save({ session }: RouteRequest, time: number): void {
    this.saved.fill(0);
    const known = session === undefined ? undefined : this.sessions.find(session, time);
    const model = known && this.models[known.model];
    if (known === undefined || model === undefined) return;
    const m = known.model;
    const saved = cacheSaving(model, this.sessions.warmTokens(known, time, this.input[m]));
    this.saved[m] = Math.min(saved, this.cost[m] * this.factor[m]);
  }
}
