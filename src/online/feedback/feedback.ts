import type { Unseen } from "../../predict/unseen.js";
import { calibrationAlarm, costAlarm, textsAlarm, type Alarm } from "./alarms.js";
import { Calibration, type CalibrationSums, type Correction } from "./calibration.js";
import { Drift, type DriftState } from "./drift.js";
import { Ratio, type RatioSums } from "./ratio.js";

/** Of this many requests, one text is looked at for new n-grams: this takes as long as scoring it. */
const EVERY = 16;
/** Decisions that have been judged are remembered, so that a repeated judgement does not count twice. */
const REMEMBERED = 10_000;

/** What feedback has taught a router, as plain data. Lists are by model. */
export interface FeedbackState {
  /** SHA-256 of the predictor that it is about. */
  predictor: string;
  calibration: CalibrationSums[];
  drift: DriftState[];
  cost: RatioSums[];
  texts: RatioSums;
  /** Requests seen. */
  requests: number;
}

/** Learns from scores, costs and texts: corrects probabilities, and watches for drift. */
export class Feedback {
  readonly calibration: Calibration;
  private readonly drift: Drift[];
  private readonly cost: Ratio[];
  private readonly texts = new Ratio();
  private requests = 0;
  private readonly judged = new Set<string>();

  constructor(
    private readonly models: readonly string[],
    private readonly predictor: string,
    private readonly unseen: Unseen | undefined,
  ) {
    this.calibration = new Calibration(models.length);
    this.drift = models.map(() => new Drift());
    this.cost = models.map(() => new Ratio());
  }

  /** A request's text. */
  read(text: string): void {
    if (this.unseen === undefined || this.requests++ % EVERY !== 0) return;
    const share = this.unseen.share(text);
    if (!Number.isNaN(share)) this.texts.observe(share, 1);
  }

  /** What an answer cost, where this was predicted before correction; dollars. */
  paid(model: number, predicted: number, actual: number): void {
    if (predicted > 0 && predicted < Infinity) this.cost[model].observe(actual, predicted);
  }

  /**
   * An answer's score 0 … 1, where the scorer had given this probability. False if the decision was judged before, among
   * the last 10,000 of this process.
   */
  judge(id: string, model: number, probability: number, score: number, propensity: number): boolean {
    if (this.judged.has(id)) return false;
    this.judged.add(id);
    if (this.judged.size > REMEMBERED) this.judged.delete(this.judged.values().next().value!);
    this.calibration.observe(model, probability, score, propensity);
    this.drift[model].observe(probability, score);
    return true;
  }

  alarms(): Alarm[] {
    const { models } = this;
    const found = models.flatMap((model, m) => [
      calibrationAlarm(model, this.drift[m], models.length),
      costAlarm(model, this.cost[m]),
    ]);
    const texts = this.unseen && textsAlarm(this.texts, this.unseen.expected);
    return [...found, texts].filter((alarm) => alarm !== undefined);
  }

  corrections(): Correction[] {
    return this.calibration.corrections(this.models);
  }

  state(): FeedbackState {
    return {
      predictor: this.predictor,
      calibration: this.calibration.state(),
      drift: this.drift.map((one) => one.state()),
      cost: this.cost.map((one) => one.state()),
      texts: this.texts.state(),
      requests: this.requests,
    };
  }

  /** Takes over a checked state. False if it is about another predictor: then nothing is taken over. */
  restore(state: FeedbackState): boolean {
    if (state.predictor !== this.predictor) return false;
    this.calibration.restore(state.calibration);
    state.drift.forEach((one, m) => this.drift[m].restore(one));
    state.cost.forEach((one, m) => this.cost[m].restore(one));
    this.texts.restore(state.texts);
    this.requests = state.requests;
    return true;
  }
}
