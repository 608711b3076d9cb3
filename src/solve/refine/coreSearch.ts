/** What a refinement aims at, counted from the crossing's allocation. */
export type Goal =
  /** Spend at most this many dollars more, and gain as much summed probability as possible. */
  | { spend: number }
  /** Gain at least this much summed probability, and spend as little as possible. */
  | { gain: number };

/** A query's change of model. */
export interface Change {
  query: number;
  to: number;
}

/** The other models that a query might take: changes against its model in the crossing's allocation. */
export interface Class {
  query: number;
  options: Option[];
}

export interface Option {
  to: number;
  dCost: number;
  dGain: number;
  /** λ·Δcost − Δgain ≥ 0: how far the option is below the relaxation's line. */
  loss: number;
}

/** Below it, whole numbers and their sums are exact in float64. */
const MOST_EXACT = 2 ** 53;
/** States and changes for which room is made at first. */
const LEAST_ROOM = 1024;
/** Those up to which their arrays are kept for the next search. */
const MOST_KEPT = 1 << 16;
/** Relative: above the rounding of a loss, so that rounding excludes nothing. */
export const SLOP = 2 ** -48;

/** How far a change is below a line, at least. */
export function leastLoss(price: number, cost: number, gain: number): number {
  const along = price * cost;
  return along - gain - SLOP * (Math.abs(along) + Math.abs(gain));
}

/** States by rising cost: what they cost and gain, and the end of the path that leads there. */
class States {
  cost = new Float64Array(LEAST_ROOM);
  gain = new Float64Array(LEAST_ROOM);
  node = new Int32Array(LEAST_ROOM);
  count = 0;

  /** Drops all states and makes room for this many. */
  clear(most: number): this {
    this.count = 0;
    if (most > this.cost.length) {
      this.cost = new Float64Array(2 * most);
      this.gain = new Float64Array(2 * most);
      this.node = new Int32Array(2 * most);
    }
    return this;
  }

  push(cost: number, gain: number, node: number): void {
    const at = this.count++;
    this.cost[at] = cost;
    this.gain[at] = gain;
    this.node[at] = node;
  }
}

/** Changes, each with the one before it. */
class Paths {
  private parent = new Int32Array(LEAST_ROOM);
  private query = new Int32Array(LEAST_ROOM);
  private to = new Int32Array(LEAST_ROOM);
  private count = 0;

  get room(): number {
    return this.parent.length;
  }

  clear(): void {
    this.count = 0;
  }

  add(parent: number, { query, to }: Change): number {
    const at = this.count++;
    if (at === this.room) {
      this.parent = doubled(this.parent);
      this.query = doubled(this.query);
      this.to = doubled(this.to);
    }
    this.parent[at] = parent;
    this.query[at] = query;
    this.to[at] = to;
    return at;
  }

  /** The last change first. */
  changesTo(node: number): Change[] {
    const changes: Change[] = [];
    for (let at = node; at >= 0; at = this.parent[at])
      changes.push({ query: this.query[at], to: this.to[at] });
    return changes;
  }
}

function doubled(array: Int32Array): Int32Array<ArrayBuffer> {
  const twice = new Int32Array(2 * array.length);
  twice.set(array);
  return twice;
}

/** What a search works with. `states` are those before a query, `merged` those with some of its options. */
class Store {
  states = new States();
  shifted = new States();
  merged = new States();
  next = new States();
  readonly paths = new Paths();
}

/** The last search's: most searches are so small that making its arrays would take as long. */
let kept: Store | undefined;

/**
 * A search for the best combination of changes, query after query: all nondominated states whose loss leaves room for a better
 * solution than the best one known.
 */
export class CoreSearch {
  /** Losses of this much or more cannot lead to a better solution. */
  room: number;
  /** States were dropped: the search proves nothing. */
  isCut = false;
  private readonly store: Store;
  private best = -1;
  /** What the best solution gains, or costs. */
  private bestValue: number;
  /** Up to what the states' gains may add up. */
  private reach = 0;

  constructor(
    private readonly price: number,
    private readonly goal: Goal,
    private readonly maxStates: number,
  ) {
    this.room = "spend" in goal ? price * goal.spend * (1 + SLOP) : Infinity;
    this.bestValue = "spend" in goal ? 0 : Infinity;
    this.store = kept ?? new Store();
    kept = undefined;
    this.store.paths.clear();
    this.store.states.clear(1).push(0, 0, -1);
  }

  /** Takes the state that a change leads to as the best solution if it meets the goal and is better. */
  offer(cost: number, gain: number, parent: number, change: Change): void {
    const { goal, price } = this;
    const isMet = "spend" in goal ? cost <= goal.spend : gain >= goal.gain;
    if (!isMet) return;
    if ("spend" in goal ? gain <= this.bestValue : cost >= this.bestValue) return;
    this.bestValue = "spend" in goal ? gain : cost;
    const [along, up] = "spend" in goal ? [price * goal.spend, gain] : [price * cost, goal.gain];
    this.room = along - up + SLOP * (Math.abs(along) + Math.abs(up));
    this.best = this.store.paths.add(parent, change);
  }

  /** Adds a query's options to every state. */
  extend({ query, options }: Class): void {
    const { store } = this;
    let from = store.states;
    this.reach += options.reduce((most, { dGain }) => Math.max(most, Math.abs(dGain)), 0);
    if (this.reach >= MOST_EXACT) this.isCut = true;
    for (const option of options) {
      if (option.loss >= this.room) break;
      const change = { query, to: option.to };
      this.shift(option, change);
      this.merge(from, change);
      from = store.next;
      [store.merged, store.next] = [store.next, store.merged];
    }
    if (from === store.states) return;
    [store.states, store.merged] = [store.merged, store.states];
    if (store.states.count > this.maxStates) this.cut();
  }

  /** The changes of the best solution. Ends the search. */
  end(): Change[] {
    const { store } = this;
    if (store.states.cost.length + store.merged.cost.length + store.paths.room < MOST_KEPT) kept = store;
    return store.paths.changesTo(this.best);
  }

  /** All states with one option more, as far as they can still lead to a better solution; their nodes are those before. */
  private shift({ dCost, dGain }: Option, change: Change): void {
    const { states, shifted } = this.store;
    const { cost, gain, node, count } = states;
    shifted.clear(count);
    for (let i = 0; i < count; i++) {
      const c = cost[i] + dCost;
      const g = gain[i] + dGain;
      if (leastLoss(this.price, c, g) >= this.room) continue;
      this.offer(c, g, node[i], change);
      shifted.push(c, g, node[i]);
    }
  }

  /**
   * Merges a list with the shifted states by rising cost and keeps what is nondominated and within the room. Only what is kept of
   * the shifted ones gets a node: most states of many like queries are not kept.
   */
  private merge(a: States, change: Change): void {
    const { shifted: b, next, paths } = this.store;
    next.clear(a.count + b.count);
    let i = 0;
    let j = 0;
    let bestGain = -Infinity;
    while (i < a.count || j < b.count) {
      const takesA =
        j === b.count ||
        (i < a.count && (a.cost[i] < b.cost[j] || (a.cost[i] === b.cost[j] && a.gain[i] >= b.gain[j])));
      const from = takesA ? a : b;
      const k = takesA ? i++ : j++;
      const gain = from.gain[k];
      if (gain <= bestGain || leastLoss(this.price, from.cost[k], gain) >= this.room) continue;
      bestGain = gain;
      next.push(from.cost[k], gain, takesA ? a.node[k] : paths.add(b.node[k], change));
    }
  }

  /** Keeps half as many states as allowed, those of least loss. */
  private cut(): void {
    this.isCut = true;
    const { cost, gain, node, count } = this.store.states;
    const loss = new Float64Array(count);
    for (let i = 0; i < count; i++) loss[i] = this.price * cost[i] - gain[i];
    const limit = nth(loss.slice(), this.maxStates / 2);
    this.store.states.count = 0;
    for (let i = 0; i < count; i++) if (loss[i] < limit) this.store.states.push(cost[i], gain[i], node[i]);
  }
}

/** The value that sorting would put in place n, from 0 on; moves the values. O(values) on average: [Hoare1961]. */
function nth(values: Float64Array, n: number): number {
  let from = 0;
  let to = values.length - 1;
  while (from < to) {
    const pivot = values[n];
    let i = from;
    let j = to;
    while (i <= j) {
      while (values[i] < pivot) i++;
      while (values[j] > pivot) j--;
      if (i > j) break;
      const held = values[i];
      values[i++] = values[j];
      values[j--] = held;
    }
    if (j < n) from = i;
    if (n < i) to = j;
  }
  return values[n];
}
