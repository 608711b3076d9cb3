import { choose } from "../../src/solve/choose.js";
import { solveFront } from "../../src/solve/front.js";
import { NAMES, type Traffic } from "./traffic.js";

/**
 * The best that could have been done by one who knew all requests of the month and what each answer costs on average:
 * the exact batch solution within the budget. How long each single answer turns out nobody can know.
 *
 * `probability`: sum over the requests; `cheapest`: the same with the cheapest model for each; `most`: what could be
 * spent at most, in dollars.
 */
export async function hindsight(
  traffic: Traffic,
): Promise<{ probability: number; cheapest: number; most: number }> {
  const front = await solveFront({
    models: NAMES,
    cost: Float32Array.from(traffic.expected),
    successProbability: Float32Array.from(traffic.probability),
  });
  const choice = await choose(front, { budget: traffic.budget });
  const best = choice.status === "chosen" ? choice : choice.closest;
  return {
    probability: best.expectedAccuracy * traffic.requests,
    cheapest: front.expectedAccuracy[0] * traffic.requests,
    most: front.totalCost.at(-1)!,
  };
}
