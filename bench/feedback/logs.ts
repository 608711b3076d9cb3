import { Join } from "../../src/online/log/join.js";
import type { LoggedRequest } from "../../src/online/log/join.js";
import { createRouter } from "../../src/online/router.js";
import type { Scorer } from "../../src/online/scorer.js";
import { sigmoid } from "../../src/predict/methods/logistic.js";
import { Random } from "../../src/random.js";
import { NAMES, RATES } from "../month/traffic.js";

const SKILL = [-0.6, 0.2, 0.9, 1.6];
/** Log-odds by which answers differ from predictions on average, by model. */
const BIAS = [-0.2, 0.1, -0.5, 0.3];
/** Mean of actual over predicted dollars, by model; lengths have a log-normal tail. */
const BILL = [1, 1.3, 0.8, 1.1];

/** One request: what is predicted for each model, and what is true. */
export interface Truth {
  predicted: number[];
  cost: number[];
  chance: number[];
  bill: number[];
}

/** Requests that logs are drawn from, so that true means are known exactly. */
export const POOL = 100_000;

/** Draws the requests. Predictions are wrong, for each model and for each request. */
export function poolOf(requests = POOL): Truth[] {
  const random = new Random(987_654, 100);
  return Array.from({ length: requests }, () => requestOf(random));
}

function requestOf(random: Random): Truth {
  const ease = 1.4 * random.normal();
  const tokens = 150 * Math.exp(0.6 * random.normal());
  const rows = RATES.map((rate, m) => {
    const margin = SKILL[m] + ease + 0.7 * random.normal();
    const cost = (200 * rate.input + tokens * (1 + 0.3 * m) * rate.output) / 1e6;
    return {
      predicted: Math.fround(sigmoid(margin)),
      cost: Math.fround(cost),
      chance: sigmoid(0.8 * margin + BIAS[m] + 0.5 * random.normal()),
      bill: BILL[m] * cost,
    };
  });
  return {
    predicted: rows.map(({ predicted }) => predicted),
    cost: rows.map(({ cost }) => cost),
    chance: rows.map(({ chance }) => chance),
    bill: rows.map(({ bill }) => bill),
  };
}

/**
 * Draws requests from a pool, routes them with the router itself, settles and judges them, and gives its log, whose texts
 * are the places in the pool. `judged`: share of the answers.
 */
export function logOf(
  pool: readonly Truth[],
  {
    requests,
    seed,
    lambda,
    explore,
    judged = 1,
  }: { requests: number; seed: number; lambda: number; explore: number; judged?: number },
): LoggedRequest[] {
  const random = new Random(seed, 3);
  let truth: Truth;
  const write = (values: number[], out: Float64Array = new Float64Array(NAMES.length)): Float64Array => {
    out.set(values);
    return out;
  };
  const scorer: Scorer = {
    models: NAMES,
    digest: "0".repeat(64),
    score: (_, out) => write(truth.predicted, out),
    costs: (_, __, out) => write(truth.cost, out),
    promptTokens: () => 200,
  };
  const join = new Join();
  const router = createRouter({
    scorer,
    models: Object.fromEntries(NAMES.map((name, m) => [name, { price: RATES[m] }])),
    lambda,
    explore,
    seed,
    calibrate: false,
    log: { texts: true, write: (record) => join.add(record, "log", 0) },
    now: () => Date.UTC(2026, 10, 1),
  });
  for (let q = 0; q < requests; q++) {
    const place = random.below(pool.length);
    truth = pool[place];
    const decision = router.route({ text: String(place), maxTokens: 4_000 });
    if (decision.status === "refused") throw new Error("refused");
    const m = NAMES.indexOf(decision.model);
    router.settle(decision, { cost: truth.bill[m] * Math.exp(0.8 * random.normal() - 0.32) });
    if (random.uniform() < judged) router.feedback(decision, random.uniform() < truth.chance[m] ? 1 : 0);
  }
  return join.requests;
}

/** The model of largest p − λ · c by what is predicted, without the corrections that a router learns. */
export function choiceAt(lambda: number, { predicted, cost }: Truth): number {
  let best = 0;
  for (let m = 1; m < NAMES.length; m++)
    if (predicted[m] - lambda * cost[m] > predicted[best] - lambda * cost[best]) best = m;
  return best;
}

/** The true mean of all requests, where these models are chosen. */
export function truthOf(pool: readonly Truth[], choices: Uint8Array): { score: number; cost: number } {
  const mean = (of: (truth: Truth) => number[]): number =>
    pool.reduce((sum, truth, q) => sum + of(truth)[choices[q]], 0) / pool.length;
  return { score: mean(({ chance }) => chance), cost: mean(({ bill }) => bill) };
}
