import type { Matrices } from "../core/solve/block.js";
import { partsOf, type SolveInput } from "./input.js";
import type { Objective } from "./objective.js";
import { isAllowed } from "./problem.js";
import { AllocationSum } from "./exact/total.js";

/** A model that answers every query alone. */
export interface Single {
  /** Its index. */
  model: number;
  objective: SingleObjective;
}

/** Cost and accuracy of a model alone. */
export interface SingleObjective extends Objective {
  /** Share of the queries (by weight) that it may answer; undefined: all. It is judged by these. */
  answered?: number;
}

/** A model that may answer at least this share of the queries is judged alone by these: a few blank costs are no rule. */
const LEAST_ANSWERED = 0.9;

/**
 * The single model of highest expected accuracy (ties: the cheaper, then the lower index) among those of `singles`;
 * undefined if there is none. The sums are those of `evaluate`, to the bit. O(queries × models).
 */
export async function bestSingle(input: SolveInput, signal?: AbortSignal): Promise<Single | undefined> {
  return bestOf(await singles(input, signal));
}

/** The best of the results of `singles`. */
export function bestOf(objectives: readonly (SingleObjective | undefined)[]): Single | undefined {
  let best: Single | undefined;
  objectives.forEach((objective, model) => {
    if (objective === undefined) return;
    const ahead = best === undefined ? 1 : objective.expectedAccuracy - best.objective.expectedAccuracy;
    if (ahead > 0 || (ahead === 0 && objective.totalCost < best!.objective.totalCost))
      best = { model, objective };
  });
  return best;
}

/** Sums over queries that a model may answer. */
interface Sums {
  /** Dollars. */
  cost: number;
  gain: number;
  weight: number;
}

const noSums = (): Sums => ({ cost: 0, gain: 0, weight: 0 });

function add(sums: Sums, { models, cost, successProbability, weight }: Matrices, q: number, m: number): void {
  const w = weight === undefined ? 1 : weight[q];
  sums.cost += w * cost[q * models + m];
  sums.gain += w * successProbability[q * models + m];
  sums.weight += w;
}

/**
 * Cost and accuracy of each model if it answers every query; undefined for one that must not answer more than a tenth of
 * them. One that must not answer a few is compared, on the queries that both may answer, with the model that may answer
 * most: it is as far from it in accuracy, and as dear in proportion, as there. One pass; two if there is such a model.
 */
export async function singles(
  input: SolveInput,
  signal?: AbortSignal,
): Promise<(SingleObjective | undefined)[]> {
  const own = input.models.map(() => new AllocationSum());
  const barred = new Float64Array(own.length);
  const isBarred = new Uint8Array(own.length);
  let total = 0;
  for await (const { matrices, queries, weight } of partsOf(input, signal)) {
    const mayAnswer = isAllowed(matrices);
    for (let q = 0; q < queries; q++)
      for (let m = 0; m < own.length; m++)
        if (!mayAnswer(q, m)) {
          isBarred[m] = 1;
          barred[m] += matrices.weight?.[q] ?? 1;
        }
    own.forEach((sum, m) => sum.add(matrices, m));
    total = weight;
  }
  const answered = Array.from(barred, (weight) => 1 - weight / total);
  const few = [...isBarred.keys()].filter((m) => isBarred[m] && answered[m] >= LEAST_ANSWERED);
  const estimates = few.length > 0 ? await compare(input, few, answered, signal) : [];
  return own.map(({ cost, gain }, m) => {
    if (!isBarred[m]) return { totalCost: cost, expectedAccuracy: gain / total };
    const k = few.indexOf(m);
    return k < 0 ? undefined : { ...estimates[k], answered: answered[m] };
  });
}

/** Compares some models with the one that may answer most queries, on those that both may answer. */
async function compare(
  input: SolveInput,
  few: readonly number[],
  answered: readonly number[],
  signal: AbortSignal | undefined,
): Promise<Objective[]> {
  const most = answered.indexOf(Math.max(...answered));
  const whole = noSums();
  const pairs = few.map(() => ({ model: noSums(), other: noSums() }));
  for await (const { matrices, queries } of partsOf(input, signal)) {
    const mayAnswer = isAllowed(matrices);
    for (let q = 0; q < queries; q++) {
      if (!mayAnswer(q, most)) continue;
      add(whole, matrices, q, most);
      few.forEach((m, k) => {
        if (!mayAnswer(q, m)) return;
        add(pairs[k].model, matrices, q, m);
        add(pairs[k].other, matrices, q, most);
      });
    }
  }
  const wholeCost = whole.cost / answered[most];
  const accuracy = whole.gain / whole.weight;
  return pairs.map(({ model, other }) => {
    const factor = other.cost > 0 ? wholeCost / other.cost : whole.weight / answered[most] / model.weight;
    const ahead = (model.gain - other.gain) / model.weight;
    return {
      totalCost: model.cost * factor,
      expectedAccuracy: Math.max(0, Math.min(1, accuracy + ahead)),
    };
  });
}
