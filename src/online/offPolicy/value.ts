import type { LoggedRequest } from "../log/join.js";
import { estimateMean, type Estimate } from "./estimators.js";
import { rowsFor } from "./rows.js";
import { greatest } from "./target.js";

/** The probabilities of a request, and the models that they are of. */
export interface Scored {
  models: readonly string[];
  probability: ArrayLike<number>;
}

/**
 * What a router would have reached with other probabilities at the log's λ: mean score − λ · dollars (−dollars at
 * λ = ∞), doubly robust, and its choices. Undefined estimate: not enough overlap.
 */
export function valueOf(
  requests: readonly LoggedRequest[],
  scored: (request: LoggedRequest, q: number) => Scored,
): { places: number[]; estimate?: Estimate } {
  const places = requests.map((request, q) => {
    const { models, probability } = scored(request, q);
    const own = request.models.map((name, m) => {
      const at = models.indexOf(name);
      return at < 0 ? request.probability[m] : probability[at];
    });
    return greatest({ ...request, probability: own }, request.lambda, undefined);
  });
  const worth = (lambda: number, score: number, dollars: number): number =>
    lambda === Infinity ? -dollars : score - lambda * dollars;
  const rows = rowsFor(
    requests,
    places,
    false,
    ({ lambda, score, spent }) => worth(lambda, score, spent),
    ({ lambda, probability, cost }, m) => (m < 0 ? 0 : worth(lambda, probability[m], cost[m])),
  );
  const found = estimateMean(rows, (predicted) => 1 + Math.abs(predicted));
  return { places, ...(found !== undefined && { estimate: found.doublyRobust }) };
}
