import { Archive, costAt, countCheaper, gainAt, insertPoint, slotAt } from "./archive";
import { SEARCH_COMBINATIONS, SEARCH_DESTROYED } from "../layout";
import { nextBelow, nextUint32, nextUniform } from "../random";

/** A search around the points of an archive. */
// @ts-ignore: decorator
@unmanaged
export class Search {
  archive: Archive = changetype<Archive>(0);
  /** State of the random numbers: four uint32. */
  random: usize = 0;
  /** uint32: the queries with more than one option. */
  choices: usize = 0;
  choiceCount: i32 = 0;
  /** Half of the steps start in part number `part` of `parts` equal parts of the archive. */
  part: i32 = 0;
  parts: i32 = 0;
  /** Scratch: a byte per query each. */
  current: usize = 0;
  next: usize = 0;
  /** Scratch: SEARCH_DESTROYED × uint32 queries, i32 widths, i32 digits. */
  destroyed: usize = 0;
  widths: usize = 0;
  digits: usize = 0;
  /** Scratch, SEARCH_DESTROYED × 256 each: bytes, float64, float64. */
  candidates: usize = 0;
  dCost: usize = 0;
  dGain: usize = 0;
  /** Scratch: SEARCH_DESTROYED + 1 float64 each. */
  sumCost: usize = 0;
  sumGain: usize = 0;
}

/** Sums with a smaller relative difference may be the same sum, added in another order. */
const ROUNDING: f64 = 1e-13;
/** Queries drawn to find one that is cheap to change. */
const TOURNAMENT = 4;

// @ts-ignore: decorator
@inline
function firstOption(archive: Archive, q: u32): u32 {
  return load<u32>(archive.start + (<usize>q << 2));
}

// @ts-ignore: decorator
@inline
function costOf(archive: Archive, option: u32): f64 {
  return load<f64>(archive.optionCost + (<usize>option << 3));
}

// @ts-ignore: decorator
@inline
function gainOf(archive: Archive, option: u32): f64 {
  return load<f64>(archive.optionGain + (<usize>option << 3));
}

/**
 * Runs `steps` steps of destroy and rebuild around the points of an archive, and offers it every allocation they reach.
 *
 * A step draws a point (half of the time two, of which it takes the one with the larger gap to its successor) and a price
 * λ near the front's slope there, and unassigns 2 … SEARCH_DESTROYED queries. Half of the time these are drawn at random,
 * otherwise each is the cheapest to change at that price among a few drawn ones. Each query gets a few candidate
 * options: those that lose least at the price, and one time in four a random one. Every combination, at most
 * SEARCH_COMBINATIONS, is offered; for two queries with up to 16 options these are all exchanges of one or both.
 * O(steps × SEARCH_COMBINATIONS × log archive), and O(queries + archive) for a point that is inserted.
 *
 * Destroy and rebuild: [Shaw1998]; local search around the points of an archive: [PaqueteChiarandiniStutzle2004].
 */
export function searchSteps(search: Search, steps: i32): void {
  assert(search.choiceCount > 0 && search.parts > 0);
  for (let k = 0; k < steps; k++) step(search);
}

function step(search: Search): void {
  const archive = search.archive;
  const random = search.random;
  const position = drawPosition(search);
  const lambda = priceAround(archive, position, random);
  const slot = slotAt(archive, position);
  // Copied, since the point may be dropped during the step.
  memory.copy(search.current, archive.allocation + slot * <usize>archive.queries, archive.queries);
  let cost = load<f64>(archive.cost + (slot << 3));
  let gain = load<f64>(archive.gain + (slot << 3));

  // Destroy.
  const wanted = min(search.choiceCount, 2 + min(nextBelow(random, SEARCH_DESTROYED - 1), nextBelow(random, SEARCH_DESTROYED - 1)));
  const count = destroy(search, wanted, lambda);
  const width = widthOf(count);
  for (let j = 0; j < count; j++) {
    const q = load<u32>(search.destroyed + (<usize>j << 2));
    const option = firstOption(archive, q) + load<u8>(search.current + <usize>q);
    cost -= costOf(archive, option);
    gain -= gainOf(archive, option);
    listCandidates(search, j, q, width, lambda);
    store<i32>(search.digits + (<usize>j << 2), 0);
  }

  store<f64>(search.sumCost, cost);
  store<f64>(search.sumGain, gain);
  rebuild(search, count);
}

/**
 * Offers every combination of the candidates of `count` queries, counting up with the last query fastest. `sumCost` and
 * `sumGain` begin with what the other queries add up to; entry j + 1 adds the candidate of query j.
 */
function rebuild(search: Search, count: i32): void {
  for (let level = 0; level >= 0; ) {
    for (let j = level; j < count; j++) {
      const candidate = <usize>((j << 8) + load<i32>(search.digits + (<usize>j << 2))) << 3;
      const sum = <usize>j << 3;
      store<f64>(search.sumCost + sum + 8, load<f64>(search.sumCost + sum) + load<f64>(search.dCost + candidate));
      store<f64>(search.sumGain + sum + 8, load<f64>(search.sumGain + sum) + load<f64>(search.dGain + candidate));
    }
    const total = <usize>count << 3;
    if (isNew(search.archive, load<f64>(search.sumCost + total), load<f64>(search.sumGain + total))) offer(search, count);
    level = count - 1;
    while (level >= 0) {
      const digit = search.digits + (<usize>level << 2);
      const next = load<i32>(digit) + 1;
      if (next < load<i32>(search.widths + (<usize>level << 2))) {
        store<i32>(digit, next);
        break;
      }
      store<i32>(digit, 0);
      level--;
    }
  }
}

/** Draws the position in the archive from which a step starts. */
function drawPosition(search: Search): i32 {
  const archive = search.archive;
  const random = search.random;
  let from = 0;
  let to = archive.count;
  if (nextUint32(random) & 1) {
    from = <i32>((<i64>archive.count * search.part) / search.parts);
    to = max(from + 1, <i32>((<i64>archive.count * (search.part + 1)) / search.parts));
  }
  const first = from + nextBelow(random, to - from);
  if (nextUint32(random) & 1) return first;
  const second = from + nextBelow(random, to - from);
  return gapAfter(archive, second) > gapAfter(archive, first) ? second : first;
}

/** The area between a point and its successor in which unknown points may lie. */
// @ts-ignore: decorator
@inline
function gapAfter(archive: Archive, position: i32): f64 {
  if (position + 1 == archive.count) return 0;
  const dCost = costAt(archive, position + 1) - costAt(archive, position);
  return dCost * (gainAt(archive, position + 1) - gainAt(archive, position));
}

/** The slope of the archive around a point, over a random number of points, times 0.5 … 2. */
function priceAround(archive: Archive, position: i32, random: usize): f64 {
  const reach = 1 + nextBelow(random, 8);
  const factor = 0.5 + 1.5 * nextUniform(random);
  const from = max(0, position - reach);
  const to = min(archive.count - 1, position + reach);
  if (from == to) return 1;
  const dGain = gainAt(archive, to) - gainAt(archive, from);
  return (factor * dGain) / (costAt(archive, to) - costAt(archive, from));
}

/** Draws up to `wanted` different queries; returns their number. */
function destroy(search: Search, wanted: i32, lambda: f64): i32 {
  const random = search.random;
  const isChoosy = nextUint32(random) & 1;
  let count = 0;
  for (let tries = 0; tries < 2 * SEARCH_DESTROYED && count < wanted; tries++) {
    let query = drawQuery(search);
    if (isChoosy) {
      let least = leastLoss(search, query, lambda);
      for (let k = 1; k < TOURNAMENT; k++) {
        const other = drawQuery(search);
        const loss = leastLoss(search, other, lambda);
        if (loss < least) {
          least = loss;
          query = other;
        }
      }
    }
    let isKnown = false;
    for (let j = 0; j < count; j++) isKnown = isKnown || load<u32>(search.destroyed + (<usize>j << 2)) == query;
    if (isKnown) continue;
    store<u32>(search.destroyed + (<usize>count << 2), query);
    count++;
  }
  return count;
}

// @ts-ignore: decorator
@inline
function drawQuery(search: Search): u32 {
  return load<u32>(search.choices + (<usize>nextBelow(search.random, search.choiceCount) << 2));
}

/** The least that a query loses, at a price, by leaving its option. */
function leastLoss(search: Search, q: u32, lambda: f64): f64 {
  const archive = search.archive;
  const first = firstOption(archive, q);
  const end = firstOption(archive, q + 1);
  const own = first + load<u8>(search.current + <usize>q);
  const value = gainOf(archive, own) - lambda * costOf(archive, own);
  let best: f64 = -Infinity;
  for (let option = first; option < end; option++) {
    const other = gainOf(archive, option) - lambda * costOf(archive, option);
    if (option != own && other > best) best = other;
  }
  return value - best;
}

/** The number of candidates per query, if `count` queries are rebuilt. */
// @ts-ignore: decorator
@inline
function widthOf(count: i32): i32 {
  if (count <= 1) return 255;
  let width = 2;
  while (true) {
    let combinations = 1;
    for (let j = 0; j < count; j++) combinations *= width + 1;
    if (combinations > SEARCH_COMBINATIONS) return width;
    width++;
  }
}

/** Lists the options of query q with the highest value at a price; one time in four the last is replaced by a random one. */
function listCandidates(search: Search, j: i32, q: u32, width: i32, lambda: f64): void {
  const archive = search.archive;
  const first = firstOption(archive, q);
  const options = <i32>(firstOption(archive, q + 1) - first);
  const count = min(options, width);
  const row = j << 8;
  if (options <= width) {
    for (let o = 0; o < options; o++) setCandidate(search, row + o, first, o);
  } else {
    // The next best is the first after the one taken last, by falling value and then by index.
    let last = -1;
    let lastValue: f64 = Infinity;
    for (let k = 0; k < count; k++) {
      let best = -1;
      let bestValue: f64 = -Infinity;
      for (let o = 0; o < options; o++) {
        const value = gainOf(archive, first + o) - lambda * costOf(archive, first + o);
        const isLeft = value < lastValue || (value == lastValue && o > last);
        if (isLeft && (best < 0 || value > bestValue)) {
          best = o;
          bestValue = value;
        }
      }
      // NaN values have no order.
      if (best < 0) best = k;
      setCandidate(search, row + k, first, best);
      last = best;
      lastValue = bestValue;
    }
    if ((nextUint32(search.random) & 3) == 0) {
      setCandidate(search, row + count - 1, first, nextBelow(search.random, options));
    }
  }
  store<i32>(search.widths + (<usize>j << 2), count);
}

// @ts-ignore: decorator
@inline
function setCandidate(search: Search, at: i32, first: u32, o: i32): void {
  store<u8>(search.candidates + <usize>at, <u8>o);
  store<f64>(search.dCost + (<usize>at << 3), costOf(search.archive, first + <u32>o));
  store<f64>(search.dGain + (<usize>at << 3), gainOf(search.archive, first + <u32>o));
}

/** Whether no point of the archive is as good, up to rounding. */
// @ts-ignore: decorator
@inline
function isNew(archive: Archive, cost: f64, gain: f64): bool {
  const cheaper = countCheaper(archive, cost * (1 + ROUNDING));
  return cheaper == 0 || gainAt(archive, cheaper - 1) < gain * (1 - ROUNDING);
}

/** Offers the current combination to the archive. */
function offer(search: Search, count: i32): void {
  memory.copy(search.next, search.current, search.archive.queries);
  for (let j = 0; j < count; j++) {
    const q = load<u32>(search.destroyed + (<usize>j << 2));
    const candidate = (j << 8) + load<i32>(search.digits + (<usize>j << 2));
    store<u8>(search.next + <usize>q, load<u8>(search.candidates + <usize>candidate));
  }
  insertPoint(search.archive, search.next, false);
}
