import type { RouterState } from "../../src/online/state.js";
import { descend } from "../../src/online/pacing/lambda.js";
import { Pace } from "../../src/online/pacing/pace.js";
import { Zone } from "../../src/online/pacing/zone.js";
import { createRouter } from "../../src/online/router.js";
import type { Scorer } from "../../src/online/scorer.js";
import { NAMES, RATES, START, type Traffic } from "./traffic.js";

/** Dollars spent, and the summed probability of the answers that were given. */
export interface Outcome {
  spent: number;
  probability: number;
}

const MODELS = NAMES.length;

/** Routes a month by a λ for each request: the wall is the same for all. `next`: what follows an answer's cost. */
function routeBy(
  traffic: Traffic,
  lambdaOf: (q: number, left: number) => number,
  next: (cost: number) => void,
): Outcome {
  const { requests, probability, predicted, worst, actual, budget } = traffic;
  const outcome = { spent: 0, probability: 0 };
  for (let q = 0; q < requests; q++) {
    const left = budget - outcome.spent;
    const lambda = lambdaOf(q, left);
    let best = -1;
    let most = -Infinity;
    for (let k = q * MODELS; k < (q + 1) * MODELS; k++) {
      const value = probability[k] - lambda * predicted[k];
      if (worst[k] <= left && value > most) [best, most] = [k, value];
    }
    if (best < 0) continue;
    outcome.spent += actual[best];
    outcome.probability += probability[best];
    next(actual[best]);
  }
  return outcome;
}

const nothing = (): void => undefined;

/** λ of the usual traffic, all month. */
const fixed = (traffic: Traffic): Outcome => routeBy(traffic, () => traffic.lambda, nothing);

/**
 * The rule of ParetoBandit [arXiv 2604.00136] as we read it: a ceiling on the mean cost of a request, here the budget
 * over the expected requests; λ rises with the smoothed cost over the ceiling and falls below it, in steps.
 */
function paretoBandit(traffic: Traffic): Outcome {
  const ceiling = traffic.budget / (traffic.known?.requests ?? traffic.requests);
  let [lambda, smoothed] = [traffic.lambda, ceiling];
  return routeBy(
    traffic,
    () => lambda,
    (cost) => {
      smoothed += 0.05 * (cost - smoothed);
      lambda = Math.max(0, lambda + 0.05 * traffic.lambda * (smoothed / ceiling - 1));
    },
  );
}

/** Dual descent towards what is left for each request still to come; the forecast is the router's. */
function dualDescent(traffic: Traffic): Outcome {
  const pace = paceOf(traffic);
  let [lambda, rate] = [traffic.lambda, 0];
  return routeBy(
    traffic,
    (q, left) => {
      pace.observe(traffic.time[q]);
      rate = left / pace.left(traffic.time[q]);
      return lambda;
    },
    (cost) => (lambda = descend(lambda, cost, rate)),
  );
}

function paceOf({ known }: Traffic): Pace {
  const options = { period: "month" as const, zone: new Zone("UTC"), requests: known?.requests };
  const pace = new Pace(options, known && { profile: known.profile, seen: 0 });
  pace.observe(START, 0);
  return pace;
}

/** The router itself. It knows λ of the usual traffic only where the others do. */
function resolve(traffic: Traffic): Outcome {
  const { requests, time, probability, actual, budget, input, maxTokens, known } = traffic;
  let clock = START;
  const options = {
    scorer: scorerOf(traffic),
    models: Object.fromEntries(NAMES.map((name, m) => [name, { price: RATES[m] }])),
    budget: { dollars: budget, period: "month" as const, requests: known?.requests },
    lambda: traffic.lambda,
    seed: traffic.seed,
    now: () => clock,
  };
  const router = createRouter(
    known === undefined
      ? options
      : { ...options, state: knowing(known, createRouter(options).state() as RouterState) },
  );
  const outcome = { spent: 0, probability: 0 };
  for (let q = 0; q < requests; q++) {
    clock = time[q];
    const decision = router.route({ text: String(q), maxTokens: maxTokens[q], inputTokens: input[q] });
    if (decision.status === "refused") continue;
    const k = q * MODELS + NAMES.indexOf(decision.model);
    router.settle(decision, { cost: actual[k] });
    outcome.spent += actual[k];
    outcome.probability += probability[k];
  }
  return outcome;
}

/** The state of a router that has seen the usual weeks. */
function knowing({ profile }: NonNullable<Traffic["known"]>, state: RouterState): RouterState {
  const [budget] = state.budgets;
  return { ...state, budgets: [{ ...budget, pace: { profile, seen: 0 } }] };
}

function scorerOf({ probability, predicted, input }: Traffic): Scorer {
  const row = (
    matrix: Float64Array,
    text: string,
    out = new Float64Array(MODELS) as Float64Array,
  ): Float64Array => {
    const from = Number(text) * MODELS;
    for (let m = 0; m < MODELS; m++) out[m] = matrix[from + m];
    return out;
  };
  return {
    models: NAMES,
    digest: "0".repeat(64),
    score: (text, out) => row(probability, text as string, out),
    costs: (text, _, out) => row(predicted, text, out),
    promptTokens: (text) => input[Number(text)],
  };
}

export const POLICIES = new Map<string, (traffic: Traffic) => Outcome>([
  ["fixed λ", fixed],
  ["ParetoBandit", paretoBandit],
  ["dual descent", dualDescent],
  ["re-solve", resolve],
]);
