import { Random } from "../random.js";
import { best } from "./decide.js";
import type { Decision, Reason } from "./decision.js";
import type { Eligibility } from "./eligibility.js";
import { dollarsOf } from "./money.js";
import type { Caller } from "./options.js";
import type { RouteRequest } from "./request.js";
import type { RequestRow } from "./row.js";
import type { Sessions } from "./sessions.js";

const FALLBACKS = 3;

/** The request under way. */
export interface Underway {
  request: RouteRequest;
  caller: Caller;
  /** Price of accuracy that holds for it. */
  lambda: number;
  /** Milliseconds since 1970. */
  time: number;
  /** Its values of the columns that limits are on. */
  groups: Readonly<Record<string, string>> | undefined;
}

/** A model, and why it was chosen. */
export interface Chosen {
  m: number;
  reason: Reason;
  propensity: number;
  /** The model of greatest value. */
  greatest: number;
  /** Exploration: the share of requests, and the chance of each eligible model by it. */
  others: { share: number; each: number };
}

const NO_OTHERS = { share: 0, each: 0 };

/** Chooses among the models that are eligible for the request under way, by the values in its row. */
export class Chooser {
  constructor(
    private readonly models: readonly string[],
    private readonly policy: string,
    private readonly row: RequestRow,
    private readonly eligibility: Eligibility,
    private readonly sessions: Sessions,
    private readonly exploration: { share: number; seed: number },
  ) {}

  /**
   * The model that answers: the best, or the one of a tool loop, or one to learn from; undefined if none is eligible.
   * `sequence` draws.
   */
  pick({ request: { session, isToolLoop }, time }: Underway, sequence: number): Chosen | undefined {
    const { row } = this;
    const { open } = this.eligibility;
    const greatest = best(row.value, row, open);
    if (greatest < 0) return undefined;
    if (isToolLoop === true && session !== undefined) {
      const known = this.sessions.find(session, time);
      if (known !== undefined && open[known.model] === 1)
        return { m: known.model, reason: "tool loop", propensity: 1, greatest, others: NO_OTHERS };
    }
    const { share } = this.exploration;
    if (share === 0) return certain(greatest, "value");
    return this.explored(greatest, open, sequence);
  }

  /** The decision for a model; its id is given when money is reserved. */
  decision(
    { request: { key, session }, lambda, groups }: Underway,
    { m, reason, propensity }: Chosen,
  ): Decision {
    const { row, eligibility, models } = this;
    // One literal: spreading parts takes several times as long.
    const decision: Decision = {
      status: "routed",
      id: "",
      model: models[m],
      probability: row.probability[m],
      uncorrectedProbability: row.scored[m],
      cost: row.expectedCost(m),
      uncorrectedCost: Math.max(0, row.cost[m] - row.saved[m]),
      worstCase: dollarsOf(eligibility.worst[m]),
      lambda,
      runnerUp: undefined,
      propensity,
      reason,
      policy: this.policy,
      fallbacks: [],
      excluded: eligibility.excluded(),
      inputTokens: row.input[m],
      outputTokens: eligibility.output[m],
      key,
      session,
    };
    if (groups !== undefined) decision.groups = groups;
    this.addFallbacks(decision, m);
    return decision;
  }

  private explored(greatest: number, open: Uint8Array, sequence: number): Chosen {
    const { share, seed } = this.exploration;
    let count = 0;
    for (let m = 0; m < open.length; m++) count += open[m];
    const random = new Random(seed ^ 0x5eed, sequence);
    let m = greatest;
    if (random.uniform() < share) {
      let k = random.below(count);
      for (m = 0; k > 0 || open[m] === 0; m++) k -= open[m];
    }
    const each = share / count;
    const others = { share, each };
    if (m === greatest) return { m, reason: "value", propensity: 1 - share + each, greatest, others };
    return { m, reason: "explored", propensity: each, greatest, others };
  }

  /** The models that are left, in order of value. */
  private addFallbacks(decision: Decision, m: number): void {
    const { row, models } = this;
    const { open, worst, output } = this.eligibility;
    open[m] = 0;
    const taken: number[] = [m];
    for (let k = 0; k < FALLBACKS; k++) {
      const next = best(row.value, row, open);
      if (next < 0) break;
      open[next] = 0;
      taken.push(next);
      if (k === 0) decision.runnerUp = { model: models[next], loss: row.value[m] - row.value[next] };
      decision.fallbacks.push({
        model: models[next],
        probability: row.probability[next],
        uncorrectedProbability: row.scored[next],
        cost: row.expectedCost(next),
        worstCase: dollarsOf(worst[next]),
        inputTokens: row.input[next],
        outputTokens: output[next],
      });
    }
    for (const other of taken) open[other] = 1;
  }
}

/** The choice of a model that alone could be chosen. */
export function certain(m: number, reason: Reason): Chosen {
  return { m, reason, propensity: 1, greatest: m, others: NO_OTHERS };
}
