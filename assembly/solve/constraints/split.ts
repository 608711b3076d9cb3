import { addToTable, listNear, Priced, weightAt } from "./priced";

/**
 * Splits queries into those with a second option within `cut` of the best, whose index, from `first` on, is written to `listed`
 * (uint32), and the others, whose best option is added to `p.table`. Returns their number; no more than `room` are
 * written. O(queries ×
 * models).
 */
export function splitPass(p: Priced, queries: i32, first: i32, cut: f64, listed: usize, room: i32): i32 {
  let count = 0;
  for (let q = 0; q < queries; q++) {
    if (listNear(p, q, cut) == 1) addToTable(p, q, <i32>load<u8>(p.near), weightAt(p, q));
    else {
      if (count < room) store<u32>(listed + (<usize>count << 2), first + q);
      count++;
    }
  }
  return count;
}
