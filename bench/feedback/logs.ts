import { Join } from "../../src/online/log/join.js";
import type { LoggedRequest } from "../../src/online/log/join.js";
import { createRouter } from "../../src/online/router.js";
import type { Scorer } from "../../src/online/scorer.js";
import { sigmoid } from "../../src/predict/methods/logistic.js";
import { Random } from "../../src/random.js";

/** Dollars per million tokens; models of four sizes. */
export const RATES = [
  { input: 0.1, output: 0.4 },
  { input: 0.4, output: 1.6 },
  { input: 1.25, output: 10 },
  { input: 5, output: 25 },
];
export const NAMES = RATES.map((_, m) => `model-${m + 1}`);
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

/** Draws the request of a number. Predictions are wrong, for each model and for each request. */
export function requestOf(seed: number, q: number): Truth {
  const random = new Random(seed, 100 + q);
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

/** Routes requests with the router itself, settles and judges them, and gives its log. `judged`: share of the answers. */
export function logOf(
  truths: readonly Truth[],
  { seed, lambda, explore, judged = 1 }: { seed: number; lambda: number; explore: number; judged?: number },
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
  for (let q = 0; q < truths.length; q++) {
    truth = truths[q];
    const decision = router.route({ text: String(q), maxTokens: 4_000 });
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

/** The true means of some λ, over many requests that no log has. */
export function truthOf(
  lambdas: readonly number[],
  requests = 400_000,
): Map<number, { score: number; cost: number }> {
  const means = new Map(lambdas.map((lambda) => [lambda, { score: 0, cost: 0 }]));
  for (let q = 0; q < requests; q++) {
    const truth = requestOf(987_654, q);
    for (const [lambda, mean] of means) {
      const best = choiceAt(lambda, truth);
      mean.score += truth.chance[best] / requests;
      mean.cost += truth.bill[best] / requests;
    }
  }
  return means;
}
