import type { Chosen } from "../chooser.js";
import type { Decision, Refusal } from "../decision.js";
import type { Eligibility } from "../eligibility.js";
import type { RouteRequest } from "../request.js";
import type { RequestRow } from "../row.js";
import type { RequestFeatures } from "../scorer.js";
import type { DecisionLog, DecisionRecord, SettlementRecord } from "./record.js";

/** Makes the records of a router's decisions. */
export class Recorder {
  /** Places of the models that are routed to, in the scorer's order, and their names. */
  private readonly places: number[];
  private readonly names: string[];

  /** `routed`: the scorer's models, undefined where none is routed to. */
  constructor(
    private readonly log: DecisionLog,
    private readonly predictor: string,
    private readonly featureColumns: readonly string[],
    routed: readonly ({ name: string } | undefined)[],
    private readonly row: RequestRow,
    private readonly eligibility: Eligibility,
  ) {
    this.places = [...routed.keys()].filter((m) => routed[m] !== undefined);
    this.names = this.places.map((m) => routed[m]!.name);
  }

  /** The request under way has been decided. */
  decided(decision: Decision, chosen: Chosen, time: number, { text, features }: RouteRequest): void {
    const { places, row, log } = this;
    const take = (values: Float64Array): number[] => places.map((m) => values[m]);
    const isCorrected = places.some((m) => row.probability[m] !== row.scored[m]);
    log.write({
      ...this.common(decision, time),
      models: this.names,
      probability: take(row.probability),
      ...(isCorrected && { uncorrected: take(row.scored) }),
      cost: places.map((m) => finite(row.expectedCost(m))),
      propensity: places.map((m) => this.propensity(m, chosen)),
      ...(decision.key !== undefined && { key: decision.key }),
      ...this.told(features),
      ...(log.texts === true && { text }),
    });
  }

  /** What a request told of the predictor's columns. */
  private told(features: RequestFeatures = {}): Pick<DecisionRecord, "features"> {
    const names = this.featureColumns.filter((name) => Object.hasOwn(features, name));
    if (names.length === 0) return {};
    return { features: Object.fromEntries(names.map((name) => [name, features[name]])) };
  }

  /** An attempt after a failed one: there was no other choice. */
  retried(attempt: Decision, before: Decision, time: number): void {
    const { model, probability, cost, key } = attempt;
    this.log.write({
      ...this.common(attempt, time),
      models: [model],
      probability: [probability],
      cost: [cost],
      propensity: [1],
      retryOf: before.id,
      ...(key !== undefined && { key }),
    });
  }

  refused({ cause, policy }: Refusal, time: number): void {
    this.log.write({ type: "refusal", time, policy, cause });
  }

  settled({ id }: Decision, time: number, paid: Omit<SettlementRecord, "type" | "id" | "time">): void {
    this.log.write({ type: "settlement", id, time, ...paid });
  }

  judged({ id }: Decision, time: number, score: number): void {
    this.log.write({ type: "feedback", id, time, score });
  }

  private common({ id, policy, lambda, model, reason }: Decision, time: number) {
    const { predictor } = this;
    const type = "decision" as const satisfies DecisionRecord["type"];
    const price: DecisionRecord["lambda"] = lambda === Infinity ? "Infinity" : lambda;
    return { type, id, time, policy, predictor, lambda: price, model, reason };
  }

  private propensity(m: number, { m: chosen, greatest, reason, others }: Chosen): number | null {
    if (reason === "budget exhausted") return m === chosen ? 1 : null;
    if (this.eligibility.open[m] === 0) return null;
    if (reason === "tool loop") return m === chosen ? 1 : 0;
    return m === greatest ? 1 - others.share + others.each : others.each;
  }
}

function finite(dollars: number): number | null {
  return Number.isFinite(dollars) ? dollars : null;
}
