import type { LoggedRequest } from "../log/join.js";
import { Overlap, type Row } from "./estimators.js";

/** Whether the log chose a model by exploration only, or never. */
export function isSeldom({ propensity }: LoggedRequest, m: number): boolean {
  return !((propensity[m] ?? 0) >= 0.5);
}

/** The rows of an estimator. `places`: the choices of the policy; `isLogged`: they are those of the log. */
export function rowsFor(
  requests: readonly LoggedRequest[],
  places: readonly number[],
  isLogged: boolean,
  observed: (request: LoggedRequest) => number,
  predicted: (request: LoggedRequest, m: number) => number,
): Row[] {
  const known = knownShares(requests, observed);
  return requests.map((request, i) => {
    const m = places[i];
    const chance = isLogged ? 1 : (request.propensity[m] ?? 0);
    const rate = known.get(request.models[request.chosen]) ?? 0;
    return {
      overlap: chance >= 0.5 ? Overlap.Likely : chance > 0 ? Overlap.Seldom : Overlap.Never,
      predicted: predicted(request, m),
      observed: m === request.chosen ? observed(request) : NaN,
      weight: 1 / (chance * rate),
    };
  });
}

/** By model, the share of its answers whose outcome is known. */
function knownShares(
  requests: readonly LoggedRequest[],
  observed: (request: LoggedRequest) => number,
): Map<string, number> {
  const counts = new Map<string, { known: number; all: number }>();
  for (const request of requests) {
    const name = request.models[request.chosen];
    const counted = counts.get(name) ?? { known: 0, all: 0 };
    counts.set(name, counted);
    counted.all++;
    if (!Number.isNaN(observed(request))) counted.known++;
  }
  return new Map([...counts].map(([name, { known, all }]) => [name, known / all]));
}
