import { choose } from "../../solve/choose.js";
import { solveFront } from "../../solve/front.js";
import { dollars } from "../../text/amounts.js";
import { InputError } from "../../errors.js";
import type { LoggedRequest } from "../log/join.js";

/**
 * The λ at which the requests of a log would have cost at most some dollars, as predicted then: that of the exact batch
 * solution within this budget. Tool loops are left out.
 *
 * @throws InputError if even the cheapest models cost more.
 */
export async function lambdaWithin(
  requests: readonly LoggedRequest[],
  budget: number,
  options: { models?: readonly string[]; signal?: AbortSignal } = {},
): Promise<number> {
  const counted = requests.filter(({ reason }) => reason !== "tool loop");
  const all = [...new Set(counted.flatMap(({ models }) => models))];
  const models = options.models === undefined ? all : all.filter((name) => options.models!.includes(name));
  const cost = new Float32Array(counted.length * models.length).fill(Infinity);
  const successProbability = new Float32Array(cost.length);
  counted.forEach((request, q) => {
    models.forEach((name, k) => {
      const m = request.models.indexOf(name);
      if (m < 0 || Number.isNaN(request.propensity[m])) return;
      cost[q * models.length + k] = costOf(request.cost[m]);
      successProbability[q * models.length + k] = request.probability[m];
    });
  });
  const front = await solveFront({ models, cost, successProbability }, { signal: options.signal });
  const choice = await choose(front, { budget }, { refine: false, signal: options.signal });
  if (choice.status === "chosen") return choice.lambda;
  throw new InputError(
    `the requests of the log cost at least ${dollars(choice.closest.totalCost)} with their cheapest models; the budget is ${dollars(budget)}`,
    { field: "budget", value: budget },
  );
}

/** What the solver takes: amounts below its least are 0. */
function costOf(predicted: number): number {
  return predicted < 1e-12 ? 0 : predicted;
}
