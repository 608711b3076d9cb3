import type { QueriesData, QueryRow } from "./data.js";
import { Random } from "../random.js";
import { count } from "../text/amounts.js";
import { isAllowed, matricesOf } from "../solve/problem.js";
import type { Problem } from "../types.js";
import { rounded } from "./rounded.js";
import { cut, shownNames } from "../text/names.js";

const MOST_ROWS = 2000;
const LONGEST_TEXT = 200;
const LONGEST_ID = 80;
/** A stream of the seed for the sample. */
const SAMPLING = 200;

/** An allocation whose queries are shown. */
export interface Shown {
  problem: Problem;
  /** Text of each query. */
  queries: readonly string[];
  allocation: Uint8Array;
  /** Price of accuracy at the allocation, probability per dollar. */
  lambda: number;
  /** Recorded success, queries × models; NaN: not recorded. */
  outcome?: Float32Array;
  seed: number;
}

/** A seeded sample of queries, each with its model and the next best one. */
export function queriesData({ problem, queries, allocation, lambda, outcome, seed }: Shown): QueriesData {
  const models = problem.models.length;
  const { cost, successProbability: probability, ids } = problem;
  const mayAnswer = isAllowed(matricesOf(problem));
  const score = (option: number): number =>
    lambda === Infinity ? -cost[option] : probability[option] - lambda * cost[option];
  const of = (q: number, m: number) => ({
    model: m,
    probability: rounded(probability[q * models + m]),
    cost: rounded(cost[q * models + m]),
  });
  const nextBest = (q: number): number => {
    let best = -1;
    for (let m = 0; m < models; m++) {
      if (m === allocation[q] || !mayAnswer(q, m)) continue;
      if (best < 0 || score(q * models + m) > score(q * models + best)) best = m;
    }
    return best;
  };
  const rows = Array.from(sampled(allocation.length, seed), (q): QueryRow => {
    const next = nextBest(q);
    const recorded = outcome?.[q * models + allocation[q]] ?? NaN;
    return {
      id: cut(ids?.[q] ?? String(q), LONGEST_ID),
      query: cut(queries[q], LONGEST_TEXT),
      ...of(q, allocation[q]),
      ...(next >= 0 && { next: of(q, next) }),
      ...(!Number.isNaN(recorded) && { outcome: rounded(recorded) }),
    };
  });
  return {
    text: textOf(rows.length, allocation.length, seed),
    models: shownNames(problem.models),
    hasOutcomes: rows.some((row) => row.outcome !== undefined),
    rows,
  };
}

function textOf(shown: number, all: number, seed: number): string {
  const size =
    shown === all
      ? `All ${count(all)} queries`
      : `A random sample of ${count(shown)} of ${count(all)} queries (seed ${seed})`;
  return (
    `${size}; texts are cut at ${LONGEST_TEXT} characters. Probability: the predicted chance that the chosen model ` +
    "answers well. Next best: the model that would answer if the chosen one could not, and what that would change. " +
    "A dearer one is not chosen because the same money buys more accuracy on other queries; a cheaper one, because the " +
    "money it saves buys less accuracy there than is lost here. Where both are equal, either would do. The last few " +
    "queries may be exceptions, where a plan is fitted to its target."
  );
}

/** Row indices of the sample, rising. */
function sampled(rows: number, seed: number): Uint32Array {
  if (rows <= MOST_ROWS) return Uint32Array.from({ length: rows }, (_, q) => q);
  // Floyd's sampling without replacement [BentleyFloyd1987].
  const random = new Random(seed, SAMPLING);
  const chosen = new Set<number>();
  for (let j = rows - MOST_ROWS; j < rows; j++) {
    const q = random.below(j + 1);
    chosen.add(chosen.has(q) ? j : q);
  }
  return Uint32Array.from(chosen).sort();
}
