import type { View } from "../../../core/solve/constraints/priced.js";
import { sharedLike, type Numbers } from "../../../memory.js";
import { queriesOf, type Queries } from "./queries.js";

/** Queries that are copied out of the parts of a pass, one after another, with a place for each. */
export class Copied {
  private readonly arrays = new Map<string, Numbers>();
  private columns = 0;
  private models = 0;
  private filled = 0;

  /** `isShared`: for threads. */
  constructor(
    private readonly size: number,
    private readonly isShared: boolean,
  ) {}

  /** Adds queries of a view, by index in it. */
  add(view: View, queries: ArrayLike<number>): void {
    const { matrices, columns, classes } = view;
    const { models, cost, successProbability, weight, allowed, minProbability } = matrices;
    this.models = models;
    this.columns = columns.length;
    this.put("cost", cost, queries, models, 0);
    this.put("successProbability", successProbability, queries, models, 0);
    // What a part leaves out counts as its default.
    this.put("weight", weight, queries, 1, 1);
    this.put("allowed", allowed, queries, models, 1);
    this.put("minProbability", minProbability, queries, 1, 0);
    columns.forEach((column, j) => this.put(`column ${j}`, column, queries, models, 0));
    this.put("classes", classes, queries, 1, 0);
    this.filled += queries.length;
  }

  /** All of them, once every place is filled. */
  get view(): View {
    const of = <A extends Numbers>(name: string): A => this.arrays.get(name) as A;
    return {
      matrices: {
        models: this.models,
        cost: of("cost"),
        successProbability: of("successProbability"),
        weight: of("weight"),
        allowed: of("allowed"),
        minProbability: of("minProbability"),
      },
      columns: Array.from({ length: this.columns }, (_, j) => of(`column ${j}`)),
      classes: of("classes"),
    };
  }

  private put(
    name: string,
    values: Numbers | undefined,
    queries: ArrayLike<number>,
    width: number,
    blank: number,
  ): void {
    if (values === undefined) return;
    let all = this.arrays.get(name);
    if (all === undefined) {
      const Type = values.constructor as new (length: number) => Numbers;
      const length = this.size * width;
      all = this.isShared ? sharedLike(values, length) : new Type(length);
      if (blank !== 0) all.fill(blank);
      this.arrays.set(name, all);
    }
    let to = this.filled * width;
    for (let i = 0; i < queries.length; i++) {
      const from = queries[i] * width;
      for (let j = 0; j < width; j++) all[to++] = values[from + j];
    }
  }
}

/** Copies of the queries of some lists of rising indices, each at least one. One pass. */
export async function gather(
  queries: Queries,
  lists: readonly Uint32Array[],
  isShared: boolean,
  signal?: AbortSignal,
): Promise<View[]> {
  const copies = lists.map((list) => new Copied(list.length, isShared));
  const done = lists.map(() => 0);
  for await (const batch of queries.batches(signal)) {
    for (const { view, first } of batch) {
      const end = first + view.classes.length;
      lists.forEach((list, k) => {
        const from = done[k];
        while (done[k] < list.length && list[done[k]] < end) done[k]++;
        copies[k].add(
          view,
          list.subarray(from, done[k]).map((q) => q - first),
        );
      });
    }
  }
  return copies.map(({ view }) => view);
}

/** One query of every so many, about `size` of them at least; all of a small problem. One pass. */
export async function everyFew(queries: Queries, size: number, signal?: AbortSignal): Promise<View> {
  const { count, view } = queries;
  const step = Math.max(1, Math.floor(count / size)) | 1;
  if (step === 1 && view !== undefined) return view;
  const list = Uint32Array.from({ length: Math.ceil(count / step) }, (_, i) => i * step);
  return (await gather(queries, [list], false, signal))[0];
}

/** Some of the queries of a search, and the weight that they have. */
export function weighed(view: View): { queries: Queries; weight: number } {
  const { weight } = view.matrices;
  return {
    queries: queriesOf(view),
    weight: weight === undefined ? view.classes.length : weight.reduce((sum, w) => sum + w, 0),
  };
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
