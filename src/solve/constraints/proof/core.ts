import type { Standing } from "../../../core/solve/constraints/neighbourhood.js";
import type { Neighbourhood } from "../neighbourhood.js";

/**
 * The queries that are still undecided, and the options that an allocation better than the best one may use. Amounts are in
 * units of what one shared query moves, so that rows are of one size.
 */
export interface Core {
  rows: number;
  /** By query: its place in the neighbourhood. */
  place: Int32Array;
  /** Queries + 1: where each query's options begin. */
  start: Int32Array;
  /** By option: its query; its number in the neighbourhood, and its loss at `price`. */
  query: Int32Array;
  option: Int32Array;
  loss: Float64Array;
  /** Options × rows. */
  amount: Float64Array;
  /** By row: what the undecided queries may add, and the price of its unit. */
  room: Float64Array;
  price: Float64Array;
  /** Σ losses of the decided queries + Σ price · room of rows that are left out: the gap of an allocation starts from it. */
  base: number;
  /** By query: the query just before it that has the same options, or −1. */
  twin: Int32Array;
}

/** Rows that no choice of options can violate are left out; so are options that lose as much as is known to be missing. */
export function coreOf(around: Neighbourhood, from: Standing, cutoff: number): Core {
  const { start, loss, amountStart, amountRow, amount, price, penalty } = around;
  const queries = start.length - 1;
  const places: number[] = [];
  const options: number[] = [];
  const begins: number[] = [0];
  const room = from.slack.slice();
  let base = from.losses;
  const addTo = (vector: Float64Array, option: number, sign: number): void => {
    for (let i = amountStart[option]; i < amountStart[option + 1]; i++)
      vector[amountRow[i]] += sign * amount[i];
  };
  for (let place = 0; place < queries; place++) {
    const own = from.current[place];
    base -= loss[own];
    addTo(room, own, 1);
    let end = start[place] + 1;
    while (end < start[place + 1] && loss[end] < cutoff) end++;
    if (end === start[place] + 1) {
      base += loss[start[place]];
      addTo(room, start[place], -1);
      continue;
    }
    places.push(place);
    for (let o = start[place]; o < end; o++) options.push(o);
    begins.push(options.length);
  }
  const kept = rowsAtStake(around, options, begins, room);
  for (const k of price.keys()) if (!kept.includes(k)) base += price[k] * room[k];
  const rowPlace = new Int32Array(price.length).fill(-1);
  kept.forEach((k, i) => (rowPlace[k] = i));
  const rows = kept.length;
  const dense = new Float64Array(options.length * rows);
  const losses = Float64Array.from(options, (o) => loss[o]);
  options.forEach((o, i) => {
    for (let a = amountStart[o]; a < amountStart[o + 1]; a++) {
      const k = amountRow[a];
      if (rowPlace[k] >= 0) dense[i * rows + rowPlace[k]] += amount[a] * penalty[k];
      else losses[i] -= price[k] * amount[a];
    }
  });
  const startOf = Int32Array.from(begins);
  return {
    rows,
    place: Int32Array.from(places),
    start: startOf,
    query: Int32Array.from(places.flatMap((_, q) => new Array<number>(begins[q + 1] - begins[q]).fill(q))),
    option: Int32Array.from(options),
    loss: losses,
    amount: dense,
    room: Float64Array.from(kept, (k) => room[k] * penalty[k]),
    price: Float64Array.from(kept, (k) => price[k] / penalty[k]),
    base,
    twin: twinsOf(startOf, losses, dense, rows),
  };
}

/** The rows that some choice of the options violates. */
function rowsAtStake(
  { amountStart, amountRow, amount, price }: Neighbourhood,
  options: readonly number[],
  begins: readonly number[],
  room: Float64Array,
): number[] {
  const rows = price.length;
  const most = new Float64Array(rows);
  const highest = new Float64Array(rows);
  const sum = new Float64Array(rows);
  for (let q = 0; q + 1 < begins.length; q++) {
    highest.fill(-Infinity);
    for (let i = begins[q]; i < begins[q + 1]; i++) {
      sum.fill(0);
      for (let a = amountStart[options[i]]; a < amountStart[options[i] + 1]; a++)
        sum[amountRow[a]] += amount[a];
      for (let k = 0; k < rows; k++) highest[k] = Math.max(highest[k], sum[k]);
    }
    for (let k = 0; k < rows; k++) most[k] += highest[k];
  }
  return Array.from(price.keys()).filter((k) => !(most[k] < room[k]));
}

/** By query: the last query before it with the same options. */
function twinsOf(start: Int32Array, loss: Float64Array, amount: Float64Array, rows: number): Int32Array {
  const last = new Map<string, number>();
  return Int32Array.from({ length: start.length - 1 }, (_, q) => {
    const key = [
      ...loss.subarray(start[q], start[q + 1]),
      ...amount.subarray(start[q] * rows, start[q + 1] * rows),
    ].join();
    const twin = last.get(key) ?? -1;
    last.set(key, q);
    return twin;
  });
}
