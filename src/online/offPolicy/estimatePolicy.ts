import { count, percent } from "../../text/amounts.js";
import { refuse } from "../checks.js";
import type { LoggedRequest } from "../log/join.js";
import type { LoggedDecisions } from "../log/reader.js";
import { isSeldom, rowsFor } from "./rows.js";
import {
  estimateMean,
  LEAST_OBSERVED,
  Overlap,
  type Estimate,
  type Estimates,
  type NotEnough,
  type Row,
} from "./estimators.js";
import { checkKnown, chooserOf, type TargetPolicy } from "./target.js";

/** What another policy would have reached and cost on the requests of a log. */
export interface PolicyEstimate {
  /** Requests that count. */
  requests: number;
  /** Requests of tool loops, left out: they stay with their model. */
  toolLoops: number;
  /** Share of the requests for which the policy would most likely have chosen another model than the logged one. */
  differs: number;
  /** Of these, requests that the log happened to answer with the policy's model. */
  explored: number;
  /** Mean score 0 … 1 of the answers, from those that were judged. */
  score: Estimates | NotEnough;
  /** Mean dollars a request, from those that were settled. */
  cost: Estimates | NotEnough;
  /** What the probabilities and costs of the log would have promised: no estimate, and often too good. */
  predicted: { score: number; cost: number };
  /** Share of the chosen models of the policy, by name. */
  shares: Record<string, number>;
}

/**
 * Estimates from a decision log what another policy would have reached and cost: from the answers that the log has of the
 * models which that policy would have chosen. Where it has too few, it says so. Unbiased as long as the log's propensities
 * are right, and whether an answer is judged depends on its model alone. A model that could not answer then cannot here:
 * what other λ would have left in a budget is not followed.
 *
 * @throws InputError for a target that is none, and models that the log does not have.
 */
export function estimatePolicy(log: Pick<LoggedDecisions, "requests">, target: TargetPolicy): PolicyEstimate {
  const { requests: all } = log ?? {};
  if (!Array.isArray(all)) refuse("log", log, "what readDecisions gave");
  const choose = chooserOf(target);
  if (typeof target === "object" && target.models !== undefined) checkKnown(target.models, all);
  const requests = all.filter(({ reason }) => reason !== "tool loop");
  const places = requests.map(choose);
  const isLogged = target === "logged";
  const differs = requests.filter((request, i) => !isLogged && isSeldom(request, places[i]));
  const explored = requests.filter(
    (request, i) => !isLogged && isSeldom(request, places[i]) && request.chosen === places[i],
  );
  const rowsOf = (
    observed: (r: LoggedRequest) => number,
    of: (r: LoggedRequest, m: number) => number,
  ): Row[] => rowsFor(requests, places, isLogged, observed, of);
  const scores = rowsOf(
    ({ score }) => score,
    ({ probability }, m) => (m < 0 ? 0 : probability[m]),
  );
  const costs = rowsOf(
    ({ spent }) => spent,
    ({ cost }, m) => (m < 0 ? 0 : cost[m]),
  );
  const mean = (rows: Row[]): number => rows.reduce((sum, { predicted }) => sum + predicted, 0) / rows.length;
  return {
    requests: requests.length,
    toolLoops: all.length - requests.length,
    differs: requests.length === 0 ? 0 : differs.length / requests.length,
    explored: explored.length,
    score: within(estimateMean(scores, (p) => Math.max(p, 1 - p)) ?? notEnough(scores, "judged"), 1),
    cost: within(estimateMean(costs, (c) => c) ?? notEnough(costs, "settled"), Infinity),
    predicted: { score: mean(scores), cost: mean(costs) },
    shares: sharesOf(requests, places),
  };
}

function notEnough(rows: readonly Row[], verb: string): NotEnough {
  const parts = [
    [Overlap.Likely, "where both policies choose alike"],
    [Overlap.Seldom, "where the policy chooses another model"],
    [Overlap.Never, "where the policy chooses a model that the log never would have"],
  ] as const;
  const [, where, part] = parts
    .map(([overlap, text]) => [overlap, text, rows.filter((row) => row.overlap === overlap)] as const)
    .filter(([overlap, , some]) => overlap === Overlap.Never || observedIn(some) < LEAST_OBSERVED)
    .reduce((a, b) => (b[2].length > a[2].length ? b : a));
  const share =
    rows.length === 0
      ? "the log has no requests"
      : `${percent(part.length / rows.length, 1)} of the requests are ones ${where}`;
  const why =
    rows.length === 0
      ? share
      : `${share}; ${count(observedIn(part))} of them were answered by that model and ${verb}, and an estimate needs ${LEAST_OBSERVED}`;
  return { status: "not enough overlap", why };
}

function observedIn(rows: readonly Row[]): number {
  return rows.filter(({ observed }) => !Number.isNaN(observed)).length;
}

/** Cuts intervals to the range of the outcome. */
function within(result: Estimates | NotEnough, most: number): Estimates | NotEnough {
  if (result.status !== "estimated") return result;
  const cut = ({ estimate, low, high }: Estimate): Estimate => ({
    estimate,
    low: Math.max(0, low),
    high: Math.min(most, high),
  });
  const { ips, snips, doublyRobust } = result;
  return { ...result, ips: cut(ips), snips: cut(snips), doublyRobust: cut(doublyRobust) };
}

function sharesOf(requests: readonly LoggedRequest[], places: readonly number[]): Record<string, number> {
  const counts = new Map<string, number>();
  requests.forEach(({ models }, i) => {
    if (places[i] >= 0) counts.set(models[places[i]], (counts.get(models[places[i]]) ?? 0) + 1);
  });
  const names = [...counts.keys()].sort();
  return Object.fromEntries(names.map((name) => [name, counts.get(name)! / requests.length]));
}
