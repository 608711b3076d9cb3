import { REBUILD_QUERIES } from "../../layout";
import { nextBelow, nextUniform } from "../../random";

/**
 * Queries whose model may change while all others stay. An option's loss, ≥ 0, is what its value lacks of its query's best
 * value at the prices. For an allocation that keeps every row,
 *
 *   bound − value = Σ losses + Σ price · slack,
 *
 * so an option that loses as much as is known to be missing can be left out.
 */
// @ts-ignore: decorator
@unmanaged
export class Neighbourhood {
  /** Queries, those first whose second option loses least. */
  queries: i32 = 0;
  /** uint32, queries + 1: where each query's options begin; those of a query by rising loss. */
  start: usize = 0;
  /** float64 per option. */
  loss: usize = 0;
  /** uint32, options + 1: where each option's amounts begin. */
  amountStart: usize = 0;
  /** uint8 and float64: the row of an amount, and the amount, in which slack is counted. */
  amountRow: usize = 0;
  amount: usize = 0;
  /** uint32 per query: the option it has. */
  current: usize = 0;
  rows: i32 = 0;
  /** float64 × rows: what may still be added; below 0 the row is violated. */
  slack: usize = 0;
  /** float64 × rows: loss for a unit of slack left; and what a unit of violation counts. */
  price: usize = 0;
  penalty: usize = 0;
  /** float64 × 3: Σ losses; the gap; the weighted violation. The first is input and output, the others are outputs. */
  sums: usize = 0;
  /** State of the random numbers. */
  random: usize = 0;
  /** uint32 × queries: which are unassigned; uint32 × queries: the option that is tried, and the best of them. */
  destroyed: usize = 0;
  tried: usize = 0;
  best: usize = 0;
  /** float64 × rows × (queries + 1): per depth, the least that the queries from there on add; scratch float64 × rows. */
  least: usize = 0;
  room: usize = 0;
  /** Scratch, all 0: float64 × rows. */
  scratch: usize = 0;
  /** Nodes that one search may visit, and that were visited. */
  nodeLimit: i32 = 0;
  nodes: i32 = 0;
}

/** Differences of gaps and violations below it are rounding. */
const NOISE: f64 = 1e-12;

/** The search below one node: what is bounded, and what is best. Kept here because it runs one at a time. */
// @ts-ignore: decorator
@unmanaged
class Best {
  gap: f64 = 0;
  violation: f64 = 0;
  isFound: bool = false;
}

// @ts-ignore: decorator
@inline
function word(at: usize, index: i32): i32 {
  return load<i32>(at + (<usize>index << 2));
}

// @ts-ignore: decorator
@inline
function real(at: usize, index: i32): f64 {
  return load<f64>(at + (<usize>index << 3));
}

/** Adds `sign` times the amounts of an option to a vector of rows. */
// @ts-ignore: decorator
@inline
function addOption(n: Neighbourhood, option: i32, sign: f64, vector: usize): void {
  const end = word(n.amountStart, option + 1);
  for (let i = word(n.amountStart, option); i < end; i++) {
    const at = vector + (<usize>load<u8>(n.amountRow + i) << 3);
    store<f64>(at, load<f64>(at) + sign * real(n.amount, i));
  }
}

/** Writes the gap and the violation of the current allocation into `sums`. */
function measure(n: Neighbourhood): void {
  let gap = load<f64>(n.sums);
  let violation: f64 = 0;
  for (let k = 0; k < n.rows; k++) {
    const slack = real(n.slack, k);
    if (slack < 0) violation -= slack * real(n.penalty, k);
    else gap += real(n.price, k) * slack;
  }
  store<f64>(n.sums, gap, 8);
  store<f64>(n.sums, violation, 16);
}

/**
 * Repairs by single changes: as long as a row is violated and a change lessens that, the one of least loss for the violation it
 * removes. At most `most` changes; returns how many. O(options × amounts) for each.
 */
export function repair(n: Neighbourhood, most: i32): i32 {
  let changes = 0;
  for (; changes < most; changes++) {
    measure(n);
    if (load<f64>(n.sums, 16) <= 0) break;
    let bestScore: f64 = 0;
    let bestQuery = -1;
    let bestOption = 0;
    for (let q = 0; q < n.queries; q++) {
      const own = word(n.current, q);
      const ownLoss = real(n.loss, own);
      const end = word(n.start, q + 1);
      addOption(n, own, 1, n.slack);
      for (let option = word(n.start, q); option < end; option++) {
        if (option == own) continue;
        const removed = removedBy(n, own, option);
        if (removed <= NOISE) continue;
        const score = removed / (1e-3 + max(0, real(n.loss, option) - ownLoss));
        if (score > bestScore) {
          bestScore = score;
          bestQuery = q;
          bestOption = option;
        }
      }
      addOption(n, own, -1, n.slack);
    }
    if (bestQuery < 0) break;
    take(n, bestQuery, bestOption);
  }
  measure(n);
  return changes;
}

/** The violation that goes when a query changes from one option to another; `slack` is without the query. */
// @ts-ignore: decorator
@inline
function removedBy(n: Neighbourhood, from: i32, to: i32): f64 {
  // Rows of `from` alone lose its amounts, rows of both the difference.
  let removed: f64 = 0;
  const fromEnd = word(n.amountStart, from + 1);
  for (let i = word(n.amountStart, from); i < fromEnd; i++) {
    const k = <i32>load<u8>(n.amountRow + i);
    const slack = real(n.slack, k);
    removed += (max(0, real(n.amount, i) - slack) - max(0, -slack)) * real(n.penalty, k);
  }
  const toEnd = word(n.amountStart, to + 1);
  for (let i = word(n.amountStart, to); i < toEnd; i++) {
    const k = <i32>load<u8>(n.amountRow + i);
    const slack = real(n.slack, k);
    removed -= (max(0, real(n.amount, i) - slack) - max(0, -slack)) * real(n.penalty, k);
  }
  return removed;
}

// @ts-ignore: decorator
@inline
function take(n: Neighbourhood, q: i32, option: i32): void {
  const own = word(n.current, q);
  addOption(n, own, 1, n.slack);
  addOption(n, option, -1, n.slack);
  store<f64>(n.sums, load<f64>(n.sums) + real(n.loss, option) - real(n.loss, own));
  store<i32>(n.current + (<usize>q << 2), option);
}

/**
 * Steps of destroy and rebuild [Shaw1998]: each unassigns 5 to 8 queries, mostly of small second loss, and tries all of their
 * options, cut off by losses and by what the rest must add. Takes what lessens the violation or, without one, the gap.
 * Ends early once the gap is below `enough`. Returns the steps that changed something.
 */
export function rebuildSteps(n: Neighbourhood, steps: i32, enough: f64, second: usize): i32 {
  let changes = 0;
  measure(n);
  for (let step = 0; step < steps; step++) {
    const gap = load<f64>(n.sums, 8);
    const violation = load<f64>(n.sums, 16);
    if (violation <= 0 && gap <= enough) break;
    const limit = violation > 0 ? n.queries : max(countBelow(second, n.queries, gap), min(n.queries, REBUILD_QUERIES));
    const count = draw(n, limit);
    if (rebuild(n, count)) changes++;
  }
  return changes;
}

/** How many of rising numbers are below a limit. */
function countBelow(numbers: usize, length: i32, limit: f64): i32 {
  let low = 0;
  let high = length;
  while (low < high) {
    const mid = (low + high) >> 1;
    if (real(numbers, mid) < limit) low = mid + 1;
    else high = mid;
  }
  return low;
}

/** Draws different queries among the first `limit`, near the beginning more often. Returns their number. */
function draw(n: Neighbourhood, limit: i32): i32 {
  const wanted = min(REBUILD_QUERIES - 3 + nextBelow(n.random, 4), limit);
  const spread = nextBelow(n.random, 4);
  const mean: f64 = spread == 0 ? 8 : spread == 1 ? 20 : spread == 2 ? 60 : 200;
  let count = 0;
  for (let spin = 0; count < wanted && spin < 200; spin++) {
    let q = spin > 30 ? limit : <i32>min(-Math.log(1 - nextUniform(n.random)) * mean, <f64>limit);
    if (q >= limit) q = nextBelow(n.random, limit);
    let isNew = true;
    for (let i = 0; i < count; i++) if (word(n.destroyed, i) == q) isNew = false;
    if (!isNew) continue;
    store<i32>(n.destroyed + (<usize>count << 2), q);
    count++;
  }
  return count;
}

/** Unassigns the drawn queries and gives them their best options. Returns whether anything changed. */
function rebuild(n: Neighbourhood, count: i32): bool {
  const best = changetype<Best>((n.best + (<usize>n.queries << 2) + 7) & ~7);
  best.gap = load<f64>(n.sums, 8);
  best.violation = load<f64>(n.sums, 16);
  best.isFound = false;
  let loss = load<f64>(n.sums);
  for (let k = 0; k < n.rows; k++) store<f64>(n.room + (<usize>k << 3), real(n.slack, k));
  for (let d = 0; d < count; d++) {
    const own = word(n.current, word(n.destroyed, d));
    addOption(n, own, 1, n.room);
    loss -= real(n.loss, own);
  }
  sumLeast(n, count);
  let worth: f64 = 0;
  for (let k = 0; k < n.rows; k++) {
    const at = n.room + (<usize>k << 3);
    worth += real(n.price, k) * load<f64>(at);
    store<f64>(at, load<f64>(at) - load<f64>(n.least + (<usize>k << 3)));
  }
  n.nodes = 0;
  descend(n, best, 0, count, loss, worth);
  if (!best.isFound) return false;
  for (let d = 0; d < count; d++) take(n, word(n.destroyed, d), word(n.best, d));
  measure(n);
  return true;
}

/** By depth: Σ over the destroyed queries from there on of the least amount that any of their options adds to a row. */
function sumLeast(n: Neighbourhood, count: i32): void {
  const rows = n.rows;
  const bytes = <usize>rows << 3;
  memory.fill(n.least + <usize>count * bytes, 0, bytes);
  for (let d = count - 1; d >= 0; d--) {
    const line = n.least + <usize>d * bytes;
    const q = word(n.destroyed, d);
    const first = word(n.start, q);
    const end = word(n.start, q + 1);
    // The least of each row: an option that does not touch it adds 0.
    memory.fill(line, 0, bytes);
    addOption(n, first, 1, line);
    for (let option = first + 1; option < end; option++) {
      addOption(n, option, 1, n.scratch);
      for (let at: usize = 0; at < bytes; at += 8) {
        store<f64>(line + at, min(load<f64>(line + at), load<f64>(n.scratch + at)));
        store<f64>(n.scratch + at, 0);
      }
    }
    const after = line + bytes;
    for (let k = 0; k < rows; k++) {
      const at = <usize>k << 3;
      store<f64>(line + at, load<f64>(line + at) + load<f64>(after + at));
    }
  }
}

/**
 * Tries the options of the destroyed queries from depth `d` on. `room` is what each row has left if they all add the least
 * they can; `loss` and `worth` (Σ price · slack) are those of the options taken and of all other queries.
 */
function descend(n: Neighbourhood, best: Best, d: i32, count: i32, loss: f64, worth: f64): void {
  if (n.nodes >= n.nodeLimit) return;
  n.nodes++;
  if (best.violation <= 0 && loss >= best.gap - NOISE) return;
  let violation: f64 = 0;
  for (let k = 0; k < n.rows; k++) {
    const room = real(n.room, k);
    if (room < 0) violation -= room * real(n.penalty, k);
  }
  if (violation > best.violation) return;
  if (d == count) {
    const gap = loss + worth;
    const isBetter = violation < best.violation - NOISE || (violation <= best.violation && gap < best.gap - NOISE);
    if (!isBetter) return;
    best.gap = gap;
    best.violation = violation;
    best.isFound = true;
    memory.copy(n.best, n.tried, <usize>count << 2);
    return;
  }
  const bytes = <usize>n.rows << 3;
  const here = n.least + <usize>d * bytes;
  // The least of this query alone is the difference of two depths.
  shift(n, here, 1, bytes);
  const q = word(n.destroyed, d);
  const end = word(n.start, q + 1);
  for (let option = word(n.start, q); option < end; option++) {
    const optionLoss = real(n.loss, option);
    if (best.violation <= 0 && loss + optionLoss >= best.gap - NOISE) break;
    store<i32>(n.tried + (<usize>d << 2), option);
    addOption(n, option, -1, n.room);
    descend(n, best, d + 1, count, loss + optionLoss, worth - priceOf(n, option));
    addOption(n, option, 1, n.room);
  }
  shift(n, here, -1, bytes);
}

/** Adds the difference of a depth's least amounts and the next one's to the room. */
// @ts-ignore: decorator
@inline
function shift(n: Neighbourhood, line: usize, sign: f64, bytes: usize): void {
  for (let at: usize = 0; at < bytes; at += 8) {
    const room = n.room + at;
    store<f64>(room, load<f64>(room) + sign * (load<f64>(line + at) - load<f64>(line + at + bytes)));
  }
}

// @ts-ignore: decorator
@inline
function priceOf(n: Neighbourhood, option: i32): f64 {
  let sum: f64 = 0;
  const end = word(n.amountStart, option + 1);
  for (let i = word(n.amountStart, option); i < end; i++) {
    sum += real(n.price, <i32>load<u8>(n.amountRow + i)) * real(n.amount, i);
  }
  return sum;
}

/**
 * Tries every allocation of the neighbourhood, in at most `nodeLimit` nodes, and takes the best. Returns whether the search was
 * complete: then no allocation of these options has a smaller gap or, if the violation is left above 0, keeps every row.
 */
export function searchAll(n: Neighbourhood): bool {
  measure(n);
  for (let q = 0; q < n.queries; q++) store<i32>(n.destroyed + (<usize>q << 2), q);
  rebuild(n, n.queries);
  return n.nodes < n.nodeLimit;
}
