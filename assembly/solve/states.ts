/** A list of states, which are nondominated sums over some queries, and one more query that extends it. */
// @ts-ignore: decorator
@unmanaged
export class Extension {
  /** float64 per state, both strictly rising. */
  cost: usize = 0;
  gain: usize = 0;
  states: i32 = 0;
  /** float64 per option of the query, weighted. */
  optionCost: usize = 0;
  optionGain: usize = 0;
  options: i32 = 0;
  /** State of the merge, uint32 per option: its next state. Zeros at the beginning. */
  heads: usize = 0;
  /** Results. float64, both strictly rising; uint32, the state that each came from; a byte, the option it took. */
  nextCost: usize = 0;
  nextGain: usize = 0;
  parent: usize = 0;
  taken: usize = 0;
}

/**
 * Adds one query to a list of states: combines every state with every option of the query, merges by rising cost, and
 * leaves dominated sums out [NemhauserUllmann1969].
 *
 * `count` results have been written by earlier calls. The merge continues until there are `limit`, for which there must
 * be room. Returns how many there are: fewer than `limit` if the merge is complete.
 *
 * Ties: among equal sums the lower option, then the lower state. Rounding keeps the order of sums, so a dropped state
 * could not have led to a better total in float64. O(states × options²).
 */
export function extendStates(extension: Extension, count: i32, limit: i32): i32 {
  const cost = extension.cost;
  const gain = extension.gain;
  const states = extension.states;
  const optionCost = extension.optionCost;
  const optionGain = extension.optionGain;
  const options = extension.options;
  const heads = extension.heads;
  const nextCost = extension.nextCost;
  const nextGain = extension.nextGain;
  const parent = extension.parent;
  const taken = extension.taken;
  assert(states > 0 && options > 0 && options <= 256 && count <= limit);
  let bestGain: f64 = -Infinity;
  if (count > 0) bestGain = load<f64>(nextGain + ((<usize>(count - 1)) << 3));
  while (count < limit) {
    let best = -1;
    let bestState: u32 = 0;
    let leastCost: f64 = Infinity;
    let itsGain: f64 = -Infinity;
    for (let o = 0; o < options; o++) {
      const dCost = load<f64>(optionCost + ((<usize>o) << 3));
      const dGain = load<f64>(optionGain + ((<usize>o) << 3));
      const slot = heads + ((<usize>o) << 2);
      let head = load<u32>(slot);
      // Skip sums that the states written so far dominate.
      while (head < <u32>states && load<f64>(gain + ((<usize>head) << 3)) + dGain <= bestGain) head++;
      store<u32>(slot, head);
      if (head == <u32>states) continue;
      const c = load<f64>(cost + ((<usize>head) << 3)) + dCost;
      const g = load<f64>(gain + ((<usize>head) << 3)) + dGain;
      if (c < leastCost || (c == leastCost && g > itsGain)) {
        best = o;
        bestState = head;
        leastCost = c;
        itsGain = g;
      }
    }
    if (best < 0) break;
    bestGain = itsGain;
    // A sum that rounds to the cost of the state before it replaces that state: it has the higher gain.
    if (count > 0 && leastCost <= load<f64>(nextCost + ((<usize>(count - 1)) << 3))) count--;
    const at = <usize>count;
    store<f64>(nextCost + (at << 3), leastCost);
    store<f64>(nextGain + (at << 3), itsGain);
    store<u32>(parent + (at << 2), bestState);
    store<u8>(taken + at, <u8>best);
    count++;
  }
  return count;
}
