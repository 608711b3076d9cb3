const DIGIT_BITS: i32 = 8;
const DIGITS: i32 = 4;
const RADIX: i32 = 1 << DIGIT_BITS;

/** Bytes that `sortFalling` needs as `counts`. */
export function sortCountBytes(): i32 {
  return DIGITS * RADIX * 4;
}

/**
 * Orders values by falling size, equal ones by rising index.
 *
 * `value`: n float64 ≥ 0, not changed; `order`: n uint32, the result; `item`, `otherItem`: scratch, n uint64 each;
 * `counts`: scratch, `sortCountBytes()`.
 * O(n) time: radix sort by the upper 32 bits below the sign, then insertion among the few that share them; if many
 * share them, a radix sort by the lower bits comes first.
 */
export function sortFalling(
  value: usize,
  n: i32,
  order: usize,
  item: usize,
  otherItem: usize,
  counts: usize,
): void {
  for (let i = 0; i < n; i++) store<u64>(item + ((<usize>i) << 3), <u64>i);
  sortByWord(value, n, 31, item, otherItem, counts);
  if (!settle(value, n, item)) {
    for (let i = 0; i < n; i++) store<u64>(item + ((<usize>i) << 3), <u64>i);
    sortByWord(value, n, 0, item, otherItem, counts);
    sortByWord(value, n, 31, item, otherItem, counts);
  }
  for (let i = 0; i < n; i++) {
    store<u32>(order + ((<usize>i) << 2), load<u32>(item + ((<usize>i) << 3)));
  }
}

/**
 * Stable least-significant-digit sort of items by 32 bits of a value, falling. The lower half of an item is the index of
 * its value; the upper half receives the complement of those bits. Digits of 8 bits keep the number of places written
 * to small enough for the processor's address cache.
 */
function sortByWord(value: usize, n: i32, shift: i32, item: usize, otherItem: usize, counts: usize): void {
  memory.fill(counts, 0, sortCountBytes());
  for (let i = 0; i < n; i++) {
    const at = item + ((<usize>i) << 3);
    const index = load<u32>(at);
    const word = ~(<u32>(load<u64>(value + ((<usize>index) << 3)) >> shift));
    store<u32>(at, word, 4);
    for (let d = 0; d < DIGITS; d++) {
      const digit = <usize>((word >> (d * DIGIT_BITS)) & (RADIX - 1));
      const count = counts + (((<usize>(d * RADIX)) + digit) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
  let from = item;
  let to = otherItem;
  for (let d = 0; d < DIGITS; d++) {
    const count = counts + ((<usize>(d * RADIX)) << 2);
    let sum: u32 = 0;
    for (let r: usize = 0; r < <usize>RADIX; r++) {
      const c = load<u32>(count + (r << 2));
      store<u32>(count + (r << 2), sum);
      sum += c;
    }
    const shiftBy = <u64>(32 + d * DIGIT_BITS);
    for (let i = 0; i < n; i++) {
      const moved = load<u64>(from + ((<usize>i) << 3));
      const slot = count + ((<usize>((moved >> shiftBy) & (RADIX - 1))) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 1);
      store<u64>(to + ((<usize>place) << 3), moved);
    }
    // After an even number of passes the items are back in the first buffer.
    const held = from;
    from = to;
    to = held;
  }
}

/** Insertion sort among equal words; returns false, with the items unfinished, if that takes more than n moves. */
function settle(value: usize, n: i32, item: usize): bool {
  let moves = 0;
  for (let i = 1; i < n; i++) {
    const at = item + ((<usize>i) << 3);
    const word = load<u32>(at, 4);
    if (word != load<u32>(at - 8, 4)) continue;
    const moved = load<u64>(at);
    const size = load<f64>(value + ((<usize>(<u32>moved)) << 3));
    let hole = at;
    while (hole > item && load<u32>(hole - 8, 4) == word) {
      if (load<f64>(value + ((<usize>load<u32>(hole - 8)) << 3)) >= size) break;
      store<u64>(hole, load<u64>(hole - 8));
      hole -= 8;
      if (++moves > n) return false;
    }
    store<u64>(hole, moved);
  }
  return true;
}
