/**
 * Adds one query to a list of nondominated partial sums: every state with every option of the query, merged by rising
 * cost, without what is dominated [NemhauserUllmann1969].
 *
 * `cost`, `gain`: float64, `states` of them, both strictly rising; `optionCost`, `optionGain`: float64, the query's
 * options, weighted; `heads`: uint32 an option, 0 at the beginning, the next state of each shifted list.
 * Outputs, room for `limit`: `nextCost`, `nextGain` float64, strictly rising; `parent` uint32, the state each came
 * from; `taken` a byte, its option. `count` of them are there already; the merge goes on until there are `limit` and
 * returns how many there are: fewer than `limit` when it is complete.
 *
 * Ties: of equal sums the lower option, then the lower state. Rounding keeps the order of sums, so that a state that
 * is dropped could never have led to a better total in float64. O(states × options²).
 */
export function extendStates(
  cost: usize,
  gain: usize,
  states: i32,
  optionCost: usize,
  optionGain: usize,
  options: i32,
  heads: usize,
  nextCost: usize,
  nextGain: usize,
  parent: usize,
  taken: usize,
  count: i32,
  limit: i32,
): i32 {
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
      // Pass over what the states already written dominate.
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
    // A sum that rounds to the cost before it replaces that state: it has the higher gain.
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
