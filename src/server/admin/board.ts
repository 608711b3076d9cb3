import { explain, type Decision } from "../../online/decision.js";
import { version } from "../../package.js";
import type { Core, Listener } from "../core.js";
import type { Settled } from "../proxy/call.js";
import type { ServedPolicy } from "../setup/policies.js";
import { standingOf } from "../setup/standing.js";
import type { DecisionData, ModelData, Moment, PolicyData, StatusData } from "./data.js";

const MOST_DECISIONS = 20;
/** An hour of moments. */
const EVERY_MS = 5_000;
const MOST_MOMENTS = 720;

interface Tally {
  answers: number;
  failures: number;
  cost: number;
  /** Sum of the answers' predicted chances. */
  probability: number;
}

const NOTHING: Tally = { answers: 0, failures: 0, cost: 0, probability: 0 };

/** Remembers what the status page shows. */
export class Board implements Listener {
  private readonly began: number;
  private readonly last: { decision: Decision; policy: string; time: number }[] = [];
  private readonly lambdas = new Map<string, number>();
  private readonly histories = new Map<string, Moment[]>();
  /** By policy, then by model. */
  private readonly tallies = new Map<string, Map<string, Tally>>();

  constructor(private readonly core: Core) {
    this.began = core.now();
  }

  onDecision(decision: Decision, policy: string): void {
    this.lambdas.set(policy, decision.lambda);
    this.last.unshift({ decision, policy, time: this.core.now() });
    if (this.last.length > MOST_DECISIONS) this.last.pop();
  }

  onSettled({ policy, model, decision, ending, cost }: Settled): void {
    let models = this.tallies.get(policy);
    if (models === undefined) this.tallies.set(policy, (models = new Map()));
    const tally = { ...(models.get(model.name) ?? NOTHING) };
    tally.cost += cost;
    if (ending === "failed") tally.failures++;
    if (ending === "answered") {
      tally.answers++;
      tally.probability += decision.probability;
    }
    models.set(model.name, tally);
  }

  /** Must be called often: keeps a moment every five seconds. */
  tick(): void {
    const time = this.core.now();
    for (const [policy, lambda] of this.lambdas) {
      let history = this.histories.get(policy);
      if (history === undefined) this.histories.set(policy, (history = []));
      if (!Number.isFinite(lambda) || time - (history.at(-1)?.[0] ?? -Infinity) < EVERY_MS) continue;
      history.push([time, lambda]);
      if (history.length > MOST_MOMENTS) history.shift();
    }
  }

  data(hasHistory: boolean): StatusData {
    const { core, began } = this;
    const { policies, upstreams } = core.setup;
    const time = core.now();
    return {
      version,
      began,
      time,
      isDraining: core.isDraining,
      openRequests: core.openRequests,
      policies: [...policies.values()].map((policy) => this.policyData(policy, time, hasHistory)),
      upstreams: [...upstreams.values()].map((upstream) => ({
        name: upstream.name,
        open: upstream.inFlight,
        most: upstream.config.maxInFlight,
        isClosed: upstream.isClosed(time),
      })),
      decisions: this.last.map(({ decision, policy, time }): DecisionData => ({
        id: decision.id,
        time,
        policy,
        text: explain(decision),
      })),
    };
  }

  private policyData({ name, router }: ServedPolicy, time: number, hasHistory: boolean): PolicyData {
    const tallies = this.tallies.get(name);
    const failing = new Set(router.failing());
    const all = [...(tallies?.values() ?? [])].reduce(sum, NOTHING);
    const lambda = this.lambdas.get(name);
    return {
      name,
      ...figures(all),
      budgets: router.status().map(standingOf),
      models: router.routesTo.map((model): ModelData => {
        const tally = tallies?.get(model) ?? NOTHING;
        const share = all.answers > 0 ? tally.answers / all.answers : null;
        return { name: model, ...figures(tally), share, isFailing: failing.has(model) };
      }),
      alarms: router.alarms().map(({ message }) => message),
      now: lambda !== undefined && Number.isFinite(lambda) ? [time, lambda] : null,
      ...(hasHistory && { history: this.histories.get(name) ?? [] }),
    };
  }
}

function figures({ answers, failures, cost, probability }: Tally) {
  return { answers, failures, cost, accuracy: answers > 0 ? probability / answers : null };
}

function sum(a: Tally, b: Tally): Tally {
  return {
    answers: a.answers + b.answers,
    failures: a.failures + b.failures,
    cost: a.cost + b.cost,
    probability: a.probability + b.probability,
  };
}
