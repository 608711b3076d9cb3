// Destroy and rebuild, the moves of OptLLM-M [Liu2024], on the increments of all queries.
//
// Increments are named by rank, their place in the order of falling efficiency (ties: the lower query). For each:
// `efficiency` float64; `query` uint32; `delta` float64, what a sweep measures, Δprobability upward and Δcost
// downward; `applied`, one byte, 1 where it is taken: the state of a sweep. `ranks`, uint32, lists the ranks of one
// query after another, `start[q]` … `start[q + 1]` − 1 being those of q.
//
// `goal` is the byte that destroy writes: 1 in the upward sweep, which makes queries most accurate, 0 in the
// downward sweep, which makes them cheapest. `reach[q]`, float64, is Σ delta over the increments of q that do not
// stand at the goal.
import { SELECT_DIGITS } from "../layout";

const DIGIT_BITS: i32 = 16;
const ALL_APPLIED: u64 = 0x0101010101010101;

/**
 * Begins a sweep away from its goal: at the cheapest allocation upward, at the most accurate one downward.
 * Writes `applied` and `reach`; returns Σ reach. O(steps + queries).
 */
export function beginSweep(
  steps: i32,
  queries: i32,
  query: usize,
  delta: usize,
  goal: i32,
  applied: usize,
  reach: usize,
): f64 {
  memory.fill(applied, <u8>(1 - goal), steps);
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
 * Moves queries to the goal, those of largest reach first (ties: the lower index), until their summed reach is at
 * least `gap`. Returns how many are moved: none when all of them together fall short.
 *
 * `applied`, `reach`: the state, changed; `sums`: SELECT_DIGITS float64 and `candidates`: `queries` uint32 of
 * scratch. O(queries + increments of the moved): a selection by radix, 16 bits a digit from the top of the float64,
 * which sums the reach of each digit where others count; no sort.
 */
export function destroy(
  queries: i32,
  start: usize,
  ranks: usize,
  gap: f64,
  goal: i32,
  applied: usize,
  reach: usize,
  sums: usize,
  candidates: usize,
): i32 {
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
    // The candidates share all digits above this one. Find the digit at which the sum crosses the gap.
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
    // Move what is above it, keep what is at it.
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
  // What is left is equal.
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
 * the worst increment applied then, ∞ when none is: the price at which the state settles.
 *
 * `applied`, `reach`: the state, changed. O(steps / 8 + changed increments).
 *
 * [Liu2024] searches all models of all queries for the best upgrade and the cheapest downgrade each time. From
 * strict vertices of the hulls these are the increments next to them; since efficiencies fall along each hull, the
 * best of the next ones is the best of all that are not applied, and the two ends of the ranks close in on each
 * other.
 */
export function rebuild(
  steps: i32,
  efficiency: usize,
  query: usize,
  delta: usize,
  goal: i32,
  applied: usize,
  reach: usize,
): f64 {
  let i = 0;
  let j = steps - 1;
  while (true) {
    // Before i all increments are applied, after j none is.
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
