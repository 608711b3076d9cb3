import type { Core } from "./core.js";

/** A part of a search: the queries of the core that are open in it, their options, and a basis of its relaxation. */
export interface Part {
  /** Open queries of the core, rising. */
  queries: Int32Array;
  /** Open queries + 1, and the options that each may have. */
  start: Int32Array;
  options: Int32Array;
  /** By row: what the open queries may add. */
  room: Float64Array;
  /** The gap that all other queries have made. */
  base: number;
  /** By open query: its key, an option. */
  key: Int32Array;
  /** By row: what is basic besides the keys, an option or, for the slack of row k, −1 − k. */
  basis: Int32Array;
  /** By query of the core: the option of a query that is not open. */
  closed: Int32Array;
}

/** The whole core, each query at its best option and all slacks basic: prices of 0, at which the values are least. */
export function wholePart(core: Core): Part {
  const { rows, start, option, loss, amount, price, room, base } = core;
  const queries = start.length - 1;
  const valueAt0 = (o: number): number => {
    let value = loss[o];
    for (let k = 0; k < rows; k++) value -= price[k] * amount[o * rows + k];
    return value;
  };
  const key = Int32Array.from({ length: queries }, (_, q) => {
    let best = start[q];
    for (let o = start[q] + 1; o < start[q + 1]; o++) if (valueAt0(o) < valueAt0(best)) best = o;
    return best;
  });
  return {
    queries: Int32Array.from({ length: queries }, (_, q) => q),
    start,
    options: Int32Array.from({ length: option.length }, (_, o) => o),
    room,
    base,
    key,
    basis: Int32Array.from({ length: rows }, (_, k) => -1 - k),
    closed: new Int32Array(queries).fill(-1),
  };
}

/** Makes parts with fewer options. */
export class Narrower {
  private readonly queries: Int32Array;
  private readonly start: Int32Array;
  private readonly options: Int32Array;
  private readonly key: Int32Array;
  /** By query: whether one of its options is in the basis; the first and last of its options that its twins leave. */
  private readonly isShared: Uint8Array;
  private readonly first: Int32Array;
  private readonly last: Int32Array;
  /** Queries with a twin before them, rising. */
  private readonly twins: Int32Array;

  constructor(private readonly core: Core) {
    const queries = core.start.length - 1;
    this.queries = new Int32Array(queries);
    this.start = new Int32Array(queries + 1);
    this.options = new Int32Array(core.option.length);
    this.key = new Int32Array(queries);
    this.isShared = new Uint8Array(queries);
    this.first = new Int32Array(queries);
    this.last = new Int32Array(queries);
    this.twins = this.queries.map((_, q) => q).filter((q) => core.twin[q] >= 0);
  }

  /**
   * A part without some of its options: those outside `only` of its query, if that is not −1, and those whose value lacks
   * `most` of their query's best. Queries that are left with their key alone, and have no other option in the basis, are closed.
   * Of twins the later one has no earlier option, since they are interchangeable. Undefined if a query is left without any.
   */
  narrow(part: Part, only: number, reduced: Float64Array, most: number): Part | undefined {
    const { core, queries, start, options, key, isShared, first, last } = this;
    const { rows, loss, amount, query } = core;
    const fixed = only < 0 ? -1 : query[only];
    if (this.twins.length > 0) this.bracketTwins(part, only);
    for (const o of part.basis) if (o >= 0) isShared[query[o]] = 1;
    const room = part.room.slice();
    const closed = part.closed.slice();
    let { base } = part;
    let [count, size] = [0, 0];
    for (let i = 0; i < part.queries.length; i++) {
      const q = part.queries[i];
      const from = size;
      for (let at = part.start[i]; at < part.start[i + 1]; at++) {
        const o = part.options[at];
        if (q === fixed ? o !== only : !(reduced[o] < most)) continue;
        if (this.twins.length > 0 && (o < first[q] || o > last[q])) continue;
        options[size++] = o;
      }
      if (size === from) {
        count = -1;
        break;
      }
      const one = options[from];
      if (size === from + 1 && one === part.key[i] && isShared[q] === 0) {
        size = from;
        closed[q] = one;
        base += loss[one];
        for (let k = 0; k < rows; k++) room[k] -= amount[one * rows + k];
        continue;
      }
      queries[count] = q;
      key[count++] = part.key[i];
      start[count] = size;
    }
    for (const o of part.basis) if (o >= 0) isShared[query[o]] = 0;
    if (count < 0) return undefined;
    return {
      queries: queries.slice(0, count),
      start: start.slice(0, count + 1),
      options: options.slice(0, size),
      room,
      base,
      key: key.slice(0, count),
      basis: part.basis.slice(),
      closed,
    };
  }

  /** Sets the first and last option that each query may have, so that the options of twins rise. */
  private bracketTwins(part: Part, only: number): void {
    const { core, first, last, twins } = this;
    const { start, twin, query } = core;
    for (let q = 0; q < first.length; q++) first[q] = last[q] = part.closed[q];
    for (let i = 0; i < part.queries.length; i++) {
      first[part.queries[i]] = part.options[part.start[i]];
      last[part.queries[i]] = part.options[part.start[i + 1] - 1];
    }
    if (only >= 0) first[query[only]] = last[query[only]] = only;
    for (const q of twins) first[q] = Math.max(first[q], first[twin[q]] - start[twin[q]] + start[q]);
    for (let i = twins.length - 1; i >= 0; i--) {
      const q = twins[i];
      last[twin[q]] = Math.min(last[twin[q]], last[q] - start[q] + start[twin[q]]);
    }
  }
}
