/** A bounded set of nondominated allocations, by rising cost and rising gain. */
// @ts-ignore: decorator
@unmanaged
export class Archive {
  capacity: i32 = 0;
  queries: i32 = 0;
  /** uint32, queries + 1: the first option of each query. */
  start: usize = 0;
  /** float64 per option, weighted. */
  optionCost: usize = 0;
  optionGain: usize = 0;
  /** uint32, `capacity` of them: the slots of the points by rising cost. */
  order: usize = 0;
  /** uint32, `capacity` of them: the free slots; at first all. */
  free: usize = 0;
  /** By slot: float64, float64, a byte, and one byte per query: the index of its option among those of the query. */
  cost: usize = 0;
  gain: usize = 0;
  isSupported: usize = 0;
  allocation: usize = 0;
  /** Points, and how many of them are supported; at first 0. */
  count: i32 = 0;
  supported: i32 = 0;
  /** How often points were dropped to make room; at first 0. */
  thinnings: i32 = 0;
  /** One float64: the normalised distance that a point must keep from its neighbours; 0 until the archive has been full. */
  distance: usize = 0;
}

// @ts-ignore: decorator
@inline
export function slotAt(archive: Archive, position: i32): usize {
  assert(position >= 0 && position < archive.count);
  return <usize>load<u32>(archive.order + (<usize>position << 2));
}

// @ts-ignore: decorator
@inline
export function costAt(archive: Archive, position: i32): f64 {
  return load<f64>(archive.cost + (slotAt(archive, position) << 3));
}

// @ts-ignore: decorator
@inline
export function gainAt(archive: Archive, position: i32): f64 {
  return load<f64>(archive.gain + (slotAt(archive, position) << 3));
}

/** The number of points that cost less than `cost`. O(log count). */
// @ts-ignore: decorator
@inline
export function countCheaper(archive: Archive, cost: f64): i32 {
  let low = 0;
  let high = archive.count;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (costAt(archive, middle) < cost) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * Evaluates an allocation, one query after another in float64, and inserts it unless a point of the archive is as good;
 * points that it dominates are removed. `allocation`: one byte per query, the index of its option among those of the
 * query. Returns whether it was inserted.
 *
 * A supported point is never lost: a point that dominates one does so by rounding only and is refused. A full archive is
 * thinned first, to half of its room for unsupported points; from then on a point that dominates none must keep a
 * distance from its neighbours. O(queries + capacity).
 */
export function insertPoint(archive: Archive, allocation: usize, isSupported: bool): bool {
  let cost: f64 = 0;
  let gain: f64 = 0;
  for (let q = 0; q < archive.queries; q++) {
    const first = load<u32>(archive.start + (<usize>q << 2));
    const option = <usize>(first + <u32>load<u8>(allocation + q));
    assert(option < <usize>load<u32>(archive.start + (<usize>(q + 1) << 2)));
    cost += load<f64>(archive.optionCost + (option << 3));
    gain += load<f64>(archive.optionGain + (option << 3));
  }

  // Find its position, and the points from there on that it dominates.
  let at = countCheaper(archive, cost);
  if (at > 0 && gainAt(archive, at - 1) >= gain) return false;
  if (at < archive.count && costAt(archive, at) == cost && gainAt(archive, at) >= gain) return false;
  let end = at;
  while (end < archive.count && gainAt(archive, end) <= gain) {
    if (load<u8>(archive.isSupported + slotAt(archive, end))) return false;
    end++;
  }
  if (end == at && !isSupported) {
    if (distanceOf(archive) > 0 && isCrowded(archive, at, cost, gain)) return false;
    if (archive.count == archive.capacity) {
      if (archive.supported >= archive.capacity) return false;
      thin(archive);
      at = countCheaper(archive, cost);
      end = at;
      if (isCrowded(archive, at, cost, gain)) return false;
    }
  }
  assert(end > at || archive.count < archive.capacity);

  // Free the slots of the dominated points, and move the others.
  for (let k = at; k < end; k++) {
    store<u32>(archive.free + (<usize>(archive.capacity - archive.count + k - at) << 2), <u32>slotAt(archive, k));
  }
  const order = archive.order;
  const rest = <usize>(archive.count - end) << 2;
  const freed = archive.capacity - archive.count + end - at;
  memory.copy(order + (<usize>(at + 1) << 2), order + (<usize>end << 2), rest);
  const slot = <usize>load<u32>(archive.free + (<usize>(freed - 1) << 2));
  store<u32>(order + (<usize>at << 2), <u32>slot);
  archive.count += 1 - (end - at);
  store<f64>(archive.cost + (slot << 3), cost);
  store<f64>(archive.gain + (slot << 3), gain);
  store<u8>(archive.isSupported + slot, <u8>isSupported);
  archive.supported += i32(isSupported);
  memory.copy(archive.allocation + slot * <usize>archive.queries, allocation, archive.queries);
  return true;
}

// @ts-ignore: decorator
@inline
function distanceOf(archive: Archive): f64 {
  return load<f64>(archive.distance);
}

/** The distance of two points in units of the archive's extent: that of cost plus that of gain. */
// @ts-ignore: decorator
@inline
function apart(archive: Archive, dCost: f64, dGain: f64): f64 {
  const last = archive.count - 1;
  const costSpan = costAt(archive, last) - costAt(archive, 0);
  const gainSpan = gainAt(archive, last) - gainAt(archive, 0);
  return dCost / costSpan + dGain / gainSpan;
}

function isCrowded(archive: Archive, at: i32, cost: f64, gain: f64): bool {
  if (at == 0 || at == archive.count) return false;
  const before = apart(archive, cost - costAt(archive, at - 1), gain - gainAt(archive, at - 1));
  const after = apart(archive, costAt(archive, at) - cost, gainAt(archive, at) - gain);
  return min(before, after) < distanceOf(archive);
}

/** Keeps the supported points, and the others if they are at a distance from the point kept before. O(capacity). */
function thin(archive: Archive): void {
  // The path from the first point to the last has length 2, so at most half of the room is taken.
  const distance = 4 / <f64>(archive.capacity - archive.supported);
  const count = archive.count;
  let kept = 0;
  let freed = archive.capacity - count;
  let lastCost = costAt(archive, 0);
  let lastGain = gainAt(archive, 0);
  const costSpan = costAt(archive, count - 1) - lastCost;
  const gainSpan = gainAt(archive, count - 1) - lastGain;
  for (let k = 0; k < count; k++) {
    const slot = slotAt(archive, k);
    const c = load<f64>(archive.cost + (slot << 3));
    const g = load<f64>(archive.gain + (slot << 3));
    const isFar = (c - lastCost) / costSpan + (g - lastGain) / gainSpan >= distance;
    if (isFar || load<u8>(archive.isSupported + slot)) {
      store<u32>(archive.order + (<usize>kept << 2), <u32>slot);
      kept++;
      lastCost = c;
      lastGain = g;
    } else {
      store<u32>(archive.free + (<usize>freed << 2), <u32>slot);
      freed++;
    }
  }
  archive.count = kept;
  store<f64>(archive.distance, distance / 2);
  archive.thinnings++;
}
