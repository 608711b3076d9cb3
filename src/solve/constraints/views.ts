import type { View } from "../../core/solve/constraints/priced.js";
import { sharedLike, type Numbers } from "../../memory.js";

/** Some queries of a view, copied. `isShared`: for threads. */
export function gather(view: View, queries: Uint32Array, isShared: boolean): { view: View; weight: number } {
  const { matrices, columns, classes } = view;
  const { models, cost, successProbability, weight, allowed, minProbability } = matrices;
  const rows = <A extends Numbers>(values: A, width: number): A => pickRows(values, width, queries, isShared);
  const picked: View = {
    matrices: {
      models,
      cost: rows(cost, models),
      successProbability: rows(successProbability, models),
      weight: weight && rows(weight, 1),
      allowed: allowed && rows(allowed, models),
      minProbability: minProbability && rows(minProbability, 1),
    },
    columns: columns.map((column) => rows(column, models)),
    classes: rows(classes, 1),
  };
  const picks = picked.matrices.weight;
  return { view: picked, weight: picks === undefined ? queries.length : picks.reduce((a, w) => a + w, 0) };
}

function pickRows<A extends Numbers>(values: A, width: number, queries: Uint32Array, isShared: boolean): A {
  const Type = values.constructor as new (length: number) => A;
  const length = queries.length * width;
  const picked = isShared ? sharedLike(values, length) : new Type(length);
  for (let i = 0; i < queries.length; i++) {
    const from = queries[i] * width;
    for (let j = 0; j < width; j++) picked[i * width + j] = values[from + j];
  }
  return picked;
}

/** One query from each of `size` equal stretches, at a hashed place. */
export function sampleIndices(queries: number, size: number): Uint32Array {
  return Uint32Array.from({ length: size }, (_, s) => {
    const from = Math.floor((queries * s) / size);
    const to = Math.floor((queries * (s + 1)) / size);
    let hash = Math.imul(s + 1, 0x9e3779b1);
    hash = Math.imul(hash ^ (hash >>> 15), 0x85ebca77);
    hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae3d);
    return from + (((hash ^ (hash >>> 16)) >>> 0) % (to - from));
  });
}

/** More distinct queries are not worth counting. */
const MOST_DISTINCT = 4096;
/** Queries at the beginning after which counting is given up unless most of them are copies. */
const TRIED = 1000;

/**
 * The distinct queries of a view, each weighted by how often it occurs: the same dual at a fraction of the cost. Undefined if
 * there are many. O(queries × models × columns) where there are few.
 */
export function distinctOf(view: View, isShared: boolean): { view: View; weight: number } | undefined {
  const { matrices, columns, classes } = view;
  const { models, cost, successProbability, allowed, minProbability } = matrices;
  const wide = [cost, successProbability, ...columns, ...(allowed === undefined ? [] : [allowed])];
  const number = new Float64Array(1);
  const words = new Uint32Array(number.buffer);
  const hashOf = (q: number): number => {
    let hash = classes[q] + 1;
    for (const values of wide) {
      for (let option = q * models; option < (q + 1) * models; option++) {
        number[0] = values[option];
        hash = Math.imul(hash ^ words[0] ^ Math.imul(words[1], 0x85ebca77), 0x9e3779b1);
        hash ^= hash >>> 15;
      }
    }
    return hash;
  };
  const isSame = (a: number, b: number): boolean =>
    classes[a] === classes[b] &&
    minProbability?.[a] === minProbability?.[b] &&
    wide.every((values) => {
      for (let m = 0; m < models; m++)
        if (!Object.is(values[a * models + m], values[b * models + m])) return false;
      return true;
    });
  const known = new Map<number, number[]>();
  const firsts: number[] = [];
  const weights: number[] = [];
  for (let q = 0; q < classes.length; q++) {
    const hash = hashOf(q);
    const places = known.get(hash) ?? [];
    let place = places.find((p) => isSame(firsts[p], q));
    if (place === undefined) {
      place = firsts.push(q) - 1;
      weights.push(0);
      known.set(hash, [...places, place]);
      const isMany = firsts.length > MOST_DISTINCT || (q < TRIED && 2 * firsts.length > TRIED);
      if (isMany) return undefined;
    }
    weights[place] += matrices.weight?.[q] ?? 1;
  }
  // Weights are float32; a count that is none stays with its copies.
  if (2 * firsts.length > classes.length || weights.some((w) => Math.fround(w) !== w)) return undefined;
  const { view: few } = gather(view, Uint32Array.from(firsts), isShared);
  const weight = isShared
    ? sharedLike(new Float32Array(0), weights.length)
    : new Float32Array(weights.length);
  weight.set(weights);
  return {
    view: { ...few, matrices: { ...few.matrices, weight } },
    weight: weights.reduce((a, w) => a + w, 0),
  };
}
