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
