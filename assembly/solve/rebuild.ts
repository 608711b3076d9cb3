// Destroy and rebuild, the moves of OptLLM-M [Liu2024], on the increments of all queries.
//
// Increments are numbered by rank, their position in the order of falling efficiency (ties: the lower query).
//
// `goal` is the byte that `destroy` writes to `applied`: 1 in the upward sweep, which makes queries most accurate, 0 in the
// downward sweep, which makes them cheapest.
import { SELECT_DIGITS } from "../layout";

/** The increments of all queries, and the state of a sweep over them. */
// @ts-ignore: decorator
@unmanaged
export class Sweep {
  steps: i32 = 0;
  queries: i32 = 0;
  /** By rank: float64, float64, float64, and uint32. */
  efficiency: usize = 0;
  dCost: usize = 0;
  dGain: usize = 0;
  query: usize = 0;
  /** uint32, queries + 1: the ranks of query q are `ranks[start[q]]` … `ranks[start[q + 1] − 1]`, uint32. */
  start: usize = 0;
  ranks: usize = 0;
  /** State, a byte by rank: 1 if the increment is taken. */
  applied: usize = 0;
  /** State, float64 per query: Σ delta over its increments that are not at the goal. */
  reach: usize = 0;
  /** Scratch of `destroy`: SELECT_DIGITS float64, and a uint32 per query. */
  sums: usize = 0;
  candidates: usize = 0;
}

/** By rank, what a sweep measures: Δprobability upward, Δcost downward. */
// @ts-ignore: decorator
@inline
function deltaOf(sweep: Sweep, goal: i32): usize {
  return goal == 1 ? sweep.dGain : sweep.dCost;
}

const DIGIT_BITS: i32 = 16;
const ALL_APPLIED: u64 = 0x0101010101010101;

/**
 * Begins a sweep at the end opposite to its goal: at the cheapest allocation upward, at the most accurate one downward.
 * Writes `applied` and `reach`; returns Σ reach. O(steps + queries).
 */
export function beginSweep(sweep: Sweep, goal: i32): f64 {
  const steps = sweep.steps;
  const queries = sweep.queries;
  const query = sweep.query;
  const reach = sweep.reach;
  const delta = deltaOf(sweep, goal);
  memory.fill(sweep.applied, <u8>(1 - goal), steps);
  memory.fill(reach, 0, (<usize>queries) << 3);
  let total: f64 = 0;
  for (let r = 0; r < steps; r++) {
    const q = load<u32>(query + ((<usize>r) << 2));
    assert(q < <u32>queries);
    const d = load<f64>(delta + ((<usize>r) << 3));
    const at = reach + ((<usize>q) << 3);
    store<f64>(at, load<f64>(at) + d);
    total += d;
  }
  return total;
}

/**
 * Moves queries to the goal, those with the largest reach first (ties: the lower index), until their summed reach is at
 * least `gap`. Returns how many are moved: none if all of them together fall short.
 *
 * Changes `applied` and `reach`. O(queries + increments of the moved ones): a radix selection without a sort, from the
 * top of the float64 in digits of 16 bits, which adds up the reach per digit where a radix sort would count.
 */
export function destroy(sweep: Sweep, goal: i32, gap: f64): i32 {
  const queries = sweep.queries;
  const start = sweep.start;
  const ranks = sweep.ranks;
  const applied = sweep.applied;
  const reach = sweep.reach;
  const sums = sweep.sums;
  const candidates = sweep.candidates;
  assert(gap >= 0 && (goal == 0 || goal == 1));
  let left = 0;
  let total: f64 = 0;
  for (let q = 0; q < queries; q++) {
    const value = load<f64>(reach + ((<usize>q) << 3));
    if (!(value > 0)) continue;
    store<u32>(candidates + ((<usize>left) << 2), q);
    left++;
    total += value;
  }
  if (left == 0 || total < gap) return 0;

  let moved = 0;
  let sum: f64 = 0;
  for (let shift = 64 - DIGIT_BITS; shift >= 0; shift -= DIGIT_BITS) {
    // The candidates agree in all digits above this one. Find the digit at which the sum crosses the gap.
    memory.fill(sums, 0, (<usize>SELECT_DIGITS) << 3);
    for (let i = 0; i < left; i++) {
      const value = load<f64>(reach + ((<usize>load<u32>(candidates + ((<usize>i) << 2))) << 3));
      const at = sums + (digitOf(value, shift) << 3);
      store<f64>(at, load<f64>(at) + value);
    }
    let crossing: usize = SELECT_DIGITS - 1;
    for (; crossing > 0; crossing--) {
      const next = sum + load<f64>(sums + (crossing << 3));
      if (next >= gap) break;
      sum = next;
    }
    // Move the queries above it, keep those at it.
    let kept = 0;
    for (let i = 0; i < left; i++) {
      const q = load<u32>(candidates + ((<usize>i) << 2));
      const digit = digitOf(load<f64>(reach + ((<usize>q) << 3)), shift);
      if (digit > crossing) {
        moveToGoal(q, start, ranks, goal, applied, reach);
        moved++;
      } else if (digit == crossing) {
        store<u32>(candidates + ((<usize>kept) << 2), q);
        kept++;
      }
    }
    left = kept;
  }
  // The remaining ones are equal.
  for (let i = 0; i < left && sum < gap; i++) {
    const q = load<u32>(candidates + ((<usize>i) << 2));
    sum += load<f64>(reach + ((<usize>q) << 3));
    moveToGoal(q, start, ranks, goal, applied, reach);
    moved++;
  }
  return moved;
}

function digitOf(value: f64, shift: i32): usize {
  return <usize>((reinterpret<u64>(value) >> shift) & (SELECT_DIGITS - 1));
}

function moveToGoal(q: usize, start: usize, ranks: usize, goal: i32, applied: usize, reach: usize): void {
  const end = <usize>load<u32>(start + (q << 2), 4);
  for (let k = <usize>load<u32>(start + (q << 2)); k < end; k++) {
    store<u8>(applied + <usize>load<u32>(ranks + (k << 2)), <u8>goal);
  }
  store<f64>(reach + (q << 3), 0);
}

/**
 * Exchanges upgrades for downgrades: while the best increment not applied is more efficient than the worst one
 * applied, applies all that equal the former and takes back all that equal the latter. Returns the efficiency of
 * the worst increment that is applied in the end, ∞ if none is: the price at which the state settles.
 *
 * Changes `applied` and `reach`. O(steps / 8 + changed increments).
 *
 * [Liu2024] searches all models of all queries for the best upgrade and the cheapest downgrade each time. At strict
 * vertices of the hulls these are the neighbouring increments. Efficiencies fall along each hull, so the best of the
 * next increments is the best of all that are not applied, and the two ends of the ranks approach each other.
 */
export function rebuild(sweep: Sweep, goal: i32): f64 {
  const steps = sweep.steps;
  const efficiency = sweep.efficiency;
  const query = sweep.query;
  const applied = sweep.applied;
  const reach = sweep.reach;
  const delta = deltaOf(sweep, goal);
  let i = 0;
  let j = steps - 1;
  while (true) {
    // All increments before i are applied, none after j is.
    while (i + 8 <= steps && load<u64>(applied + i) == ALL_APPLIED) i += 8;
    while (i < steps && load<u8>(applied + i) == 1) i++;
    while (j >= 7 && load<u64>(applied + (j - 7)) == 0) j -= 8;
    while (j >= 0 && load<u8>(applied + j) == 0) j--;
    if (i == steps || j < 0) break;
    const best = load<f64>(efficiency + ((<usize>i) << 3));
    const worst = load<f64>(efficiency + ((<usize>j) << 3));
    if (!(best > worst)) break;
    for (; i < steps && load<f64>(efficiency + ((<usize>i) << 3)) == best; i++) {
      if (load<u8>(applied + i) == 0) turn(i, 1, query, delta, goal, applied, reach);
    }
    for (; j >= 0 && load<f64>(efficiency + ((<usize>j) << 3)) == worst; j--) {
      if (load<u8>(applied + j) == 1) turn(j, 0, query, delta, goal, applied, reach);
    }
  }
  return j >= 0 ? load<f64>(efficiency + ((<usize>j) << 3)) : Infinity;
}

/** Applies an increment (1) or takes it back (0). */
function turn(r: i32, to: i32, query: usize, delta: usize, goal: i32, applied: usize, reach: usize): void {
  store<u8>(applied + r, <u8>to);
  const at = reach + ((<usize>load<u32>(query + ((<usize>r) << 2))) << 3);
  const d = load<f64>(delta + ((<usize>r) << 3));
  store<f64>(at, load<f64>(at) + (to == goal ? -d : d));
}
