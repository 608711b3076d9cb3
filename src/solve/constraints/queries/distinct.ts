import { Copied } from "../../../core/solve/constraints/copied.js";
import type { View } from "../../../core/solve/constraints/priced.js";
import { sharedLike } from "../../../memory.js";
import { queriesOf, rowsOfView, type Queries } from "./queries.js";

/** More distinct queries are not worth counting. */
const MOST_DISTINCT = 4096;
/** Queries at the beginning after which counting is given up unless most of them are copies. */
const TRIED = 1000;

/**
 * The distinct queries, each weighted by how often it occurs: the same dual at a fraction of the cost. Undefined if there are
 * many. One pass at most. O(queries × models × columns) where there are few.
 */
export async function distinctOf(
  queries: Queries,
  isShared: boolean,
  signal?: AbortSignal,
): Promise<{ queries: Queries; weight: number } | undefined> {
  const found = new Distinct(Math.min(MOST_DISTINCT, queries.count), isShared);
  for await (const batch of queries.batches(signal)) {
    for (const { view, first } of batch) if (!found.add(view, first)) return undefined;
  }
  const { weights } = found;
  // Weights are float32; a count that is none stays with its copies.
  if (2 * weights.length > queries.count || weights.some((w) => Math.fround(w) !== w)) return undefined;
  return { queries: queriesOf(found.weighted()), weight: weights.reduce((a, w) => a + w, 0) };
}

class Distinct {
  readonly weights: number[] = [];
  private readonly firsts: Copied;
  private known: View | undefined;
  private readonly byHash = new Map<number, number[]>();

  constructor(
    most: number,
    private readonly isShared: boolean,
  ) {
    this.firsts = new Copied(most, isShared);
  }

  /** Counts the queries of a part; false if there are too many distinct ones. */
  add(view: View, first: number): boolean {
    const { weights, byHash, firsts } = this;
    const hashOf = hashing(view);
    const { weight } = view.matrices;
    for (let q = 0; q < view.classes.length; q++) {
      const hash = hashOf(q);
      const places = byHash.get(hash) ?? [];
      let place = places.find((p) => isSame((this.known ??= firsts.view), p, view, q));
      if (place === undefined) {
        if (weights.length === MOST_DISTINCT) return false;
        place = weights.push(0) - 1;
        firsts.add(view, [q]);
        this.known = undefined;
        byHash.set(hash, [...places, place]);
        if (first + q < TRIED && 2 * weights.length > TRIED) return false;
      }
      weights[place] += weight?.[q] ?? 1;
    }
    return true;
  }

  weighted(): View {
    const { weights, isShared } = this;
    const view = rowsOfView(this.firsts.view, 0, weights.length);
    const none = new Float32Array(0);
    const weight = isShared ? sharedLike(none, weights.length) : new Float32Array(weights.length);
    weight.set(weights);
    return { ...view, matrices: { ...view.matrices, weight } };
  }
}

/** A hash of a query's values and class. */
function hashing({ matrices, columns, classes }: View): (query: number) => number {
  const { models, cost, successProbability } = matrices;
  const wide = [cost, successProbability, ...columns];
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  return (query) => {
    let hash = classes[query] + 1;
    for (const values of wide) {
      for (let option = query * models; option < (query + 1) * models; option++) {
        number[0] = values[option];
        hash = Math.imul(hash ^ words[0] ^ Math.imul(words[1], 0x85ebca77), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
    }
    return hash;
  };
}

/** Whether two queries of two views have the same values and class, and the same models may answer them. */
function isSame(a: View, p: number, b: View, q: number): boolean {
  const [one, other] = [a.matrices, b.matrices];
  const { models } = one;
  if (a.classes[p] !== b.classes[q]) return false;
  if ((one.minProbability?.[p] ?? 0) !== (other.minProbability?.[q] ?? 0)) return false;
  const isEqual = (x: ArrayLike<number>, y: ArrayLike<number>): boolean => {
    for (let m = 0; m < models; m++) if (!Object.is(x[p * models + m], y[q * models + m])) return false;
    return true;
  };
  if (!isEqual(one.cost, other.cost) || !isEqual(one.successProbability, other.successProbability))
    return false;
  if (!a.columns.every((column, j) => isEqual(column, b.columns[j]))) return false;
  for (let m = 0; m < models; m++) {
    const may = one.allowed?.[p * models + m] ?? 1;
    if ((may !== 0) !== ((other.allowed?.[q * models + m] ?? 1) !== 0)) return false;
  }
  return true;
}
