import {
  CoreSearch,
  leastLoss,
  SLOP,
  type Change,
  type Class,
  type Goal,
  type Option,
} from "./coreSearch.js";
import type { Front } from "../front.js";
import { NEAR, stepOut, type Crossing } from "../crossing.js";
import { isStreamed, type SolveInput } from "../input.js";
import type { ExactOptions } from "../exact/options.js";
import { isAllowed, matricesOf } from "../problem.js";
import type { Matrices } from "../../core/solve/block.js";
import type { Problem } from "../../types.js";

/** The best change found to the crossing's allocation. */
export interface Refined {
  changes: Change[];
  /** No allocation meets the goal better: proven. */
  isOptimal: boolean;
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
  const isComplete = isSmall(front.problem, front.queries);
  const search = new CoreSearch(price, goal, isComplete ? MAX_STATES : FEW_STATES);
  if ("gain" in goal) search.offer(out.dCost, out.dGain, -1, out);
  const classes = isComplete
    ? allClasses(matricesOf(front.problem as Problem), crossing.allocation, price, search.room)
    : bracketClasses(crossing, price, search.room);
  explore(search, classes, isComplete);
  return { changes: search.end(), isOptimal: false };
}

/**
 * `refine` with every option, in exact units: what it finds is proven, unless there are too many states or the crossing's
 * allocation is not quite the best at its price.
 */
export function refineExactly(
  { problem }: Front,
  crossing: Crossing,
  options: ExactOptions,
  target: { budget: number } | { accuracy: number; weight: number },
): Refined {
  const out = stepOut(crossing);
  if (out === undefined) return { changes: [], isOptimal: true };
  const { allocation } = crossing;
  const models = problem.models.length;
  const { cost, gain } = options;
  const at = out.query * models;
  const rise = gain[at + out.to] - gain[at + allocation[out.query]];
  const run = cost[at + out.to] - cost[at + allocation[out.query]];
  if (!(run > 0 && rise > 0)) return { changes: [], isOptimal: false };
  let [spent, gained] = [0, 0];
  allocation.forEach((m, q) => {
    spent += cost[q * models + m];
    gained += gain[q * models + m];
  });
  const goal =
    "budget" in target
      ? { spend: options.unitsOf(target.budget) - spent }
      : { gain: options.unitsFor(target.accuracy, target.weight) - gained };
  const search = new CoreSearch(rise / run, goal, MAX_STATES);
  if ("gain" in goal) search.offer(run, rise, -1, out);
  explore(search, exactClasses(options, models, allocation, rise / run, search.room), true);
  const isProven = !search.isCut && isSupported(options, models, allocation, rise, run);
  return { changes: search.end(), isOptimal: isProven };
}

/** Whether a problem has few enough options for all of them to be candidates. */
export function isSmall(problem: SolveInput, queries: number): problem is Problem {
  return !isStreamed(problem) && queries * problem.models.length <= ALL_OPTIONS;
}

/** Extends a search by classes of rising loss. */
function explore(search: CoreSearch, classes: Class[], isComplete: boolean): void {
  classes.sort((a, b) => a.options[0].loss - b.options[0].loss || a.query - b.query);
  for (const next of isComplete ? classes : classes.slice(0, FEW_CLASSES)) {
    if (next.options[0].loss >= search.room) break;
    search.extend(next);
  }
}

/** Whether no option is above the line of slope rise / run through its query's option of an allocation, exactly. */
function isSupported(
  { cost, gain }: ExactOptions,
  models: number,
  allocation: Uint8Array,
  rise: number,
  run: number,
): boolean {
  for (let q = 0; q < allocation.length; q++) {
    const at = q * models + allocation[q];
    for (let option = q * models; option < (q + 1) * models; option++) {
      if (cost[option] === Infinity) continue;
      const up = (gain[option] - gain[at]) * run;
      const along = (cost[option] - cost[at]) * rise;
      if (up - along < -SLOP * (Math.abs(up) + Math.abs(along))) continue;
      if (up === 0 && along === 0) continue;
      const exactUp = BigInt(gain[option] - gain[at]) * BigInt(run);
      if (exactUp > BigInt(cost[option] - cost[at]) * BigInt(rise)) return false;
    }
  }
  return true;
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

/** `allClasses` in exact units. */
function exactClasses(
  { cost, gain }: ExactOptions,
  models: number,
  allocation: Uint8Array,
  price: number,
  room: number,
): Class[] {
  const classes: Class[] = [];
  for (let query = 0; query < allocation.length; query++) {
    const at = query * models + allocation[query];
    const options: Option[] = [];
    for (let to = 0; to < models; to++) {
      const option = query * models + to;
      if (to === allocation[query] || cost[option] === Infinity) continue;
      addOption(options, price, to, cost[option] - cost[at], gain[option] - gain[at], room);
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
  const loss = Math.max(0, leastLoss(price, dCost, dGain));
  if (loss < room && (dGain > 0 || dCost < 0)) options.push({ to, dCost, dGain, loss });
}

function sorted(group: Class): Class {
  group.options.sort((a, b) => a.loss - b.loss || a.to - b.to);
  return group;
}
