import type { View } from "../../core/solve/constraints/priced.js";
import { columnsOf } from "../../core/solve/constraints/tally.js";
import { sharedBytes, sharedDoubles } from "../../memory.js";
import { isAllowed } from "../problem.js";
import { coefficientsAt, type Compiled } from "./compile.js";

/** Queries that may be in a neighbourhood, copied, and the models that they have. */
export interface Near {
  view: View;
  own: Uint8Array;
}

/** Queries with a choice, and of each the options that count, by rising loss. */
export interface Listed {
  /** By entry: the place of the query among those that were copied. */
  place: Uint32Array;
  /** Entries + 1: where the options of each begin. */
  start: Uint32Array;
  /** By option. */
  model: Uint8Array;
  loss: Float64Array;
  /** By entry: the loss of its second option, with a rank amid ties. */
  second: Float64Array;
  /** The entries, by rising `second`. */
  order: Uint32Array;
}

/** Options of a query of a large problem: those of least loss, and its own. */
const MOST_OPTIONS = 6;
/** Amid ties many queries of one kind are the same: each later one is put behind by this. */
const RANK = 1e-5;

/**
 * Lists the options of queries that lose less than `far`, and their own; all of them if it is infinite. O(queries × models ×
 * columns).
 */
export function listQueries(compiled: Compiled, price: Float64Array, near: Near, far: number): Listed {
  const { view, own } = near;
  const { models } = view.matrices;
  const most = far === Infinity ? models : Math.min(models, MOST_OPTIONS + 1);
  const place = new Uint32Array(own.length);
  const second = new Float64Array(own.length);
  const start = new Uint32Array(own.length + 1);
  const [model, loss] = [new Uint8Array(own.length * most), new Float64Array(own.length * most)];
  const sorted = new SortedOptions(models);
  const mayAnswer = isAllowed(view.matrices);
  const valuesOf = valuing(compiled, view, price);
  let [count, filled] = [0, 0];
  for (let q = 0; q < own.length; q++) {
    const value = valuesOf(q);
    let best = -Infinity;
    for (let m = 0; m < models; m++) if (value[m] > best && mayAnswer(q, m)) best = value[m];
    sorted.count = 0;
    for (let m = 0; m < models; m++) {
      const lost = best - value[m];
      if ((lost < far || m === own[q]) && mayAnswer(q, m)) sorted.insert(m, lost);
    }
    if (sorted.count < 2) continue;
    for (let i = 0; i < sorted.count; i++) {
      const isFar = far !== Infinity && (i >= MOST_OPTIONS || !(sorted.loss[i] < far));
      if (isFar && sorted.model[i] !== own[q]) continue;
      model[filled] = sorted.model[i];
      loss[filled++] = sorted.loss[i];
    }
    place[count] = q;
    second[count] = loss[start[count] + 1];
    start[++count] = filled;
  }
  const order = bySecond(second, count);
  const rank = new Map<number, number>();
  for (const at of order) {
    const from = own[place[at]];
    const first = model[start[at]];
    const to = first === from ? model[start[at] + 1] : first;
    const kind = (view.classes[place[at]] * models + from) * models + to;
    const before = rank.get(kind) ?? 0;
    rank.set(kind, before + 1);
    second[at] += RANK * before;
  }
  return { place, start, model, loss, second, order: bySecond(second, count) };
}

function bySecond(second: Float64Array, count: number): Uint32Array {
  const order = new Uint32Array(count);
  for (let at = 0; at < count; at++) order[at] = at;
  return order.sort((a, b) => second[a] - second[b] || a - b);
}

/** Options of a query by rising loss; of equal losses the first one inserted comes first. */
class SortedOptions {
  count = 0;
  readonly model: Uint8Array;
  readonly loss: Float64Array;

  constructor(models: number) {
    this.model = new Uint8Array(models);
    this.loss = new Float64Array(models);
  }

  insert(option: number, lost: number): void {
    const { model, loss } = this;
    let at = this.count++;
    for (; at > 0 && loss[at - 1] > lost; at--) {
      model[at] = model[at - 1];
      loss[at] = loss[at - 1];
    }
    model[at] = option;
    loss[at] = lost;
  }
}

/** By query: the values of its options at prices, weighted as the query is, in an array that the next call uses again. */
function valuing(compiled: Compiled, view: View, price: Float64Array): (query: number) => Float64Array {
  const { models, weight } = view.matrices;
  const columns = columnsOf(view);
  const coefficients = coefficientsAt(compiled, price);
  const value = new Float64Array(models);
  return (query) => {
    value.fill(0);
    const first = query * models;
    for (let j = 0; j < columns.length; j++) {
      const column = columns[j];
      const at = (view.classes[query] * columns.length + j) * models;
      for (let m = 0; m < models; m++) {
        const c = coefficients[at + m];
        if (c !== 0) value[m] += column === undefined ? c : c * column[first + m];
      }
    }
    if (weight !== undefined) for (let m = 0; m < models; m++) value[m] *= weight[query];
    return value;
  };
}

/** The listed queries as flat arrays in their order, with the amounts that their options add to the rows. */
export function flatten({ terms }: Compiled, listed: Listed, { view, own }: Near) {
  const { models, weight } = view.matrices;
  const { classes } = view;
  const { order, place } = listed;
  const count = order.reduce((sum, at) => sum + listed.start[at + 1] - listed.start[at], 0);
  const start = new Uint32Array(order.length + 1);
  const [current, second] = [new Uint32Array(order.length), new Float64Array(order.length)];
  const [model, loss] = [new Uint8Array(count), new Float64Array(count)];
  const amountStart = new Uint32Array(count + 1);
  let filled = 0;
  let most = 0;
  for (let i = 0; i < order.length; i++) {
    const at = order[i];
    const cell = classes[place[at]] * models;
    second[i] = listed.second[at];
    for (let o = listed.start[at]; o < listed.start[at + 1]; o++) {
      if (listed.model[o] === own[place[at]]) current[i] = filled;
      model[filled] = listed.model[o];
      loss[filled++] = listed.loss[o];
      most += terms.start[cell + listed.model[o] + 1] - terms.start[cell + listed.model[o]];
    }
    start[i + 1] = filled;
  }
  const columns = columnsOf(view);
  // Threads share the large ones without a copy.
  const [row, amount] = [new Uint8Array(sharedBytes(most)), sharedDoubles(most)];
  let amounts = 0;
  for (let i = 0; i < order.length; i++) {
    const q = place[order[i]];
    const w = weight === undefined ? 1 : weight[q];
    for (let o = start[i]; o < start[i + 1]; o++) {
      const at = classes[q] * models + model[o];
      for (let t = terms.start[at]; t < terms.start[at + 1]; t++) {
        const column = columns[terms.column[t]];
        const added = w * terms.factor[t] * (column === undefined ? 1 : column[q * models + model[o]]);
        // The terms of one row stand together.
        if (amounts > amountStart[o] && row[amounts - 1] === terms.row[t]) {
          amount[amounts - 1] += added;
        } else {
          row[amounts] = terms.row[t];
          amount[amounts++] = added;
        }
      }
      amountStart[o + 1] = amounts;
    }
  }
  return {
    ...{ start, current, model, loss, second, amountStart },
    amountRow: row.subarray(0, amounts),
    amount: amount.subarray(0, amounts),
  };
}
