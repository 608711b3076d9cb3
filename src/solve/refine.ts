import type { Front } from "./front.js";
import { NEAR, stepOut, type Crossing } from "./crossing.js";
import { isStreamed } from "./input.js";
import { isAllowed, matricesOf } from "./problem.js";
import type { Matrices } from "../core/solve/block.js";

/** What a refinement aims at, counted from the crossing's allocation. */
export type Goal =
  /** Spend at most this many dollars more, and gain as much summed probability as possible. */
  | { spend: number }
  /** Gain at least this much summed probability, and spend as little as possible. */
  | { gain: number };

/** A query's change of model. */
interface Change {
  query: number;
  to: number;
}

/** The best change found to the crossing's allocation. */
export interface Refined {
  changes: Change[];
  /** No allocation meets the goal better: proven. */
  isOptimal: boolean;
}

/** The other models that a query might take: changes against its model in the crossing's allocation. */
interface Class {
  query: number;
  options: Option[];
}

interface Option {
  to: number;
  dCost: number;
  dGain: number;
  /** λ·Δcost − Δgain ≥ 0: how far the option is below the relaxation's line. */
  loss: number;
}

/**
 * Up to this number of options all are candidates, as a proof requires; beyond it, only the increments near the
 * crossing.
 */
const ALL_OPTIONS = 1 << 18;
/**
 * Maximum number of states if a proof is possible. Beyond it, only those of least loss are kept and nothing is proven.
 */
const MAX_STATES = 8192;
/**
 * Maximum number if it is not: a few hundred states of the nearest queries already give a gap far below one increment.
 */
const FEW_STATES = 512;
const FEW_CLASSES = 48;

/**
 * Improves the allocation at a crossing between two supported points: OptLLM-S.
 *
 * Every change of one query falls short of the relaxation's line by its `loss` ≥ 0, and losses add up. So only options
 * whose loss is below the gap to the best solution known can be part of a better one: the core. Dynamic programming
 * over the core's queries, by rising loss, keeps the nondominated states (Δcost, Δgain) whose loss is below the gap;
 * each better solution narrows the gap and with it the core. When the core is exhausted the solution is the optimum.
 * The expanding core of [Pisinger1995], with the line as the bound in place of Pisinger's.
 *
 * O(classes in the core × states), at most 8,192 states.
 */
export function refine(front: Front, crossing: Crossing, goal: Goal): Refined {
  const out = stepOut(crossing);
  if (out === undefined) return { changes: [], isOptimal: true };
  const price = out.efficiency;
  const { problem, queries } = front;
  const isComplete = !isStreamed(problem) && queries * problem.models.length <= ALL_OPTIONS;
  const search = new CoreSearch(price, goal, isComplete ? MAX_STATES : FEW_STATES);
  if ("gain" in goal) search.offer(out.dCost, out.dGain, -1, out);
  const classes = isComplete
    ? allClasses(matricesOf(problem), crossing.allocation, price, search.room)
    : bracketClasses(crossing, price, search.room);
  classes.sort((a, b) => a.options[0].loss - b.options[0].loss || a.query - b.query);
  for (const next of isComplete ? classes : classes.slice(0, FEW_CLASSES)) {
    if (next.options[0].loss >= search.room) break;
    search.extend(next);
  }
  return { changes: search.bestChanges(), isOptimal: isComplete && !search.isCut };
}

/** Nondominated states by rising cost, as parallel arrays. */
interface States {
  cost: number[];
  gain: number[];
  node: number[];
}

class CoreSearch {
  /** Losses of this much or more cannot lead to a better solution. */
  room: number;
  /** States were dropped: the search proves nothing. */
  isCut = false;
  private states: States = { cost: [0], gain: [0], node: [-1] };
  private best = -1;
  /** How each state was reached: the state before and the change. */
  private readonly parent: number[] = [];
  private readonly query: number[] = [];
  private readonly to: number[] = [];

  constructor(
    private readonly price: number,
    private readonly goal: Goal,
    private readonly maxStates: number,
  ) {
    this.room = "spend" in goal ? price * goal.spend : Infinity;
  }

  private node(parent: number, { query, to }: Change): number {
    this.parent.push(parent);
    this.query.push(query);
    this.to.push(to);
    return this.parent.length - 1;
  }

  /** Takes the state that a change leads to as the best solution if it meets the goal and is better. */
  offer(cost: number, gain: number, parent: number, change: Change): void {
    const { goal, price } = this;
    const isMet = "spend" in goal ? cost <= goal.spend : gain >= goal.gain;
    if (!isMet) return;
    const room = "spend" in goal ? price * goal.spend - gain : price * cost - goal.gain;
    if (room >= this.room) return;
    this.room = room;
    this.best = this.node(parent, change);
  }

  /** Adds a query's options to every state. */
  extend({ query, options }: Class): void {
    let merged = this.states;
    for (const option of options) {
      if (option.loss >= this.room) break;
      const change = { query, to: option.to };
      merged = this.merge(merged, this.shift(option, change), change);
    }
    this.states = merged.cost.length > this.maxStates ? this.cut(merged) : merged;
  }

  bestChanges(): Change[] {
    const changes: Change[] = [];
    for (let node = this.best; node >= 0; node = this.parent[node]) {
      changes.push({ query: this.query[node], to: this.to[node] });
    }
    return changes;
  }

  /** All states with one option more, as far as they can still lead to a better solution; their nodes are those before. */
  private shift({ dCost, dGain }: Option, change: Change): States {
    const { cost, gain, node } = this.states;
    const shifted: States = { cost: [], gain: [], node: [] };
    for (let i = 0; i < cost.length; i++) {
      const c = cost[i] + dCost;
      const g = gain[i] + dGain;
      if (this.price * c - g >= this.room) continue;
      this.offer(c, g, node[i], change);
      shifted.cost.push(c);
      shifted.gain.push(g);
      shifted.node.push(node[i]);
    }
    return shifted;
  }

  /**
   * Merges two lists by rising cost and keeps what is nondominated and within the room; what is kept of `b` was reached
   * by `change`. Only that gets a node: most states of many like queries are not kept.
   */
  private merge(a: States, b: States, change: Change): States {
    const merged: States = { cost: [], gain: [], node: [] };
    let i = 0;
    let j = 0;
    let bestGain = -Infinity;
    while (i < a.cost.length || j < b.cost.length) {
      const takesA =
        j === b.cost.length ||
        (i < a.cost.length && (a.cost[i] < b.cost[j] || (a.cost[i] === b.cost[j] && a.gain[i] >= b.gain[j])));
      const from = takesA ? a : b;
      const k = takesA ? i++ : j++;
      if (from.gain[k] <= bestGain || this.price * from.cost[k] - from.gain[k] >= this.room) continue;
      bestGain = from.gain[k];
      merged.cost.push(from.cost[k]);
      merged.gain.push(from.gain[k]);
      merged.node.push(takesA ? a.node[k] : this.node(b.node[k], change));
    }
    return merged;
  }

  /** Keeps half as many states as allowed, those of least loss. */
  private cut({ cost, gain, node }: States): States {
    this.isCut = true;
    const loss = new Float64Array(cost.length);
    for (let i = 0; i < loss.length; i++) loss[i] = this.price * cost[i] - gain[i];
    const limit = nth(loss.slice(), this.maxStates / 2);
    const kept: States = { cost: [], gain: [], node: [] };
    for (let i = 0; i < loss.length; i++) {
      if (loss[i] >= limit) continue;
      kept.cost.push(cost[i]);
      kept.gain.push(gain[i]);
      kept.node.push(node[i]);
    }
    return kept;
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

/** Every option of every query whose loss is below the room. */
function allClasses(problem: Matrices, allocation: Uint8Array, price: number, room: number): Class[] {
  const { models, cost, successProbability, weight } = problem;
  const mayAnswer = isAllowed(problem);
  const classes: Class[] = [];
  for (let query = 0; query < allocation.length; query++) {
    const w = weight === undefined ? 1 : weight[query];
    const at = query * models + allocation[query];
    const options: Option[] = [];
    for (let to = 0; to < models; to++) {
      if (to === allocation[query] || !mayAnswer(query, to)) continue;
      const dCost = w * (cost[query * models + to] - cost[at]);
      const dGain = w * (successProbability[query * models + to] - successProbability[at]);
      addOption(options, price, to, dCost, dGain, room);
    }
    if (options.length > 0) classes.push(sorted({ query, options }));
  }
  return classes;
}

/** The points along its hull that each query may reach by increments near the step out. */
function bracketClasses({ steps, order, taken }: Crossing, price: number, room: number): Class[] {
  const isApplied = new Uint8Array(order.length);
  for (let k = 0; k < taken; k++) isApplied[order[k]] = 1;
  const isNear = (k: number): boolean => Math.abs(steps.efficiency[k] - price) <= NEAR * price;
  const classes: Class[] = [];
  // Steps are listed query by query, falling in efficiency within each: the applied ones come first.
  for (let from = 0; from < order.length;) {
    const query = steps.query[from];
    let to = from;
    let current = from;
    for (; to < order.length && steps.query[to] === query; to++) current += isApplied[to];
    const options: Option[] = [];
    for (let k = current, c = 0, g = 0; k < to && isNear(k); k++) {
      c += steps.dCost[k];
      g += steps.dGain[k];
      addOption(options, price, steps.to[k], c, g, room);
    }
    for (let k = current - 1, c = 0, g = 0; k >= from && isNear(k); k--) {
      c -= steps.dCost[k];
      g -= steps.dGain[k];
      addOption(options, price, steps.from[k], c, g, room);
    }
    if (options.length > 0) classes.push(sorted({ query, options }));
    from = to;
  }
  return classes;
}

function addOption(
  options: Option[],
  price: number,
  to: number,
  dCost: number,
  dGain: number,
  room: number,
): void {
  // Rounding may put an option slightly above the line.
  const loss = Math.max(0, price * dCost - dGain);
  if (loss < room && (dGain > 0 || dCost < 0)) options.push({ to, dCost, dGain, loss });
}

function sorted(group: Class): Class {
  group.options.sort((a, b) => a.loss - b.loss || a.to - b.to);
  return group;
}
