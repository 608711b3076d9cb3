import { sharedLike, type Numbers } from "../../../memory.js";
import type { View } from "./priced.js";

/** The work of copying queries of a view. */
export interface CopyInput {
  view: View;
  /** Indices in the view, rising. */
  rows: Uint32Array;
}

/** Copies queries of a view. */
export function copyOf({ view, rows }: CopyInput): View {
  const copied = new Copied(rows.length, false);
  copied.add(view, rows);
  return copied.view;
}

/** Copies of queries, one after another, with a place for each. */
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

  /** Adds queries of a view, by index in it; default: all. */
  add(view: View, queries?: ArrayLike<number>): void {
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
    this.filled += (queries ?? classes).length;
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
    queries: ArrayLike<number> | undefined,
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
    if (queries === undefined) {
      all.set(values as never, this.filled * width);
      return;
    }
    const size = width * Math.max(1, values.BYTES_PER_ELEMENT / WORD);
    copyRows(inWords(all), this.filled * size, inWords(values), queries, size);
  }
}

const WORD = 4;

/** Values of 4 or 8 bytes as words, so that one loop without a choice copies all of their types. */
function inWords(values: Numbers): Numbers {
  if (values.BYTES_PER_ELEMENT < WORD) return values;
  return new Uint32Array(values.buffer, values.byteOffset, values.byteLength / WORD);
}

/** Copies rows of `width` elements to consecutive places. */
function copyRows(
  all: Numbers,
  place: number,
  values: Numbers,
  rows: ArrayLike<number>,
  width: number,
): void {
  let to = place;
  for (let i = 0; i < rows.length; i++) {
    const from = rows[i] * width;
    for (let j = 0; j < width; j++) all[to++] = values[from + j];
  }
}
