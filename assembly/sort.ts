const DIGIT_BITS: i32 = 11;
const DIGITS: i32 = 3;
const RADIX: i32 = 1 << DIGIT_BITS;

/** Half of a value's bits, complemented: falling order of positive float64 is rising order of these. */
// @ts-ignore: decorator
@inline
function wordOf(value: usize, i: u32, shift: i32): u32 {
  return ~(<u32>(load<u64>(value + ((<usize>i) << 3)) >> shift));
}

// @ts-ignore: decorator
@inline
function digit(word: u32, d: i32): usize {
  return <usize>((word >> (d * DIGIT_BITS)) & (RADIX - 1));
}

/** Bytes of `counts` that `sortFalling` needs. */
export function sortCountBytes(): i32 {
  return DIGITS * RADIX * 4;
}

/**
 * Orders values by falling size, equal ones by rising index.
 *
 * `value`: n float64 ≥ 0, left as they are; `order`: n uint32, the result; `key`, `otherKey`, `otherOrder`: n uint32
 * of scratch each; `counts`: `sortCountBytes()` of scratch.
 * O(n) time: radix sort by the upper 32 bits below the sign, then insertion among the few that share them; where many
 * do, radix sort by the lower bits comes first.
 */
export function sortFalling(
  value: usize,
  n: i32,
  order: usize,
  key: usize,
  otherKey: usize,
  otherOrder: usize,
  counts: usize,
): void {
  for (let i = 0; i < n; i++) store<u32>(order + ((<usize>i) << 2), i);
  sortByWord(value, n, 31, order, key, otherKey, otherOrder, counts);
  if (settle(value, n, order, key)) return;
  for (let i = 0; i < n; i++) store<u32>(order + ((<usize>i) << 2), i);
  sortByWord(value, n, 0, order, key, otherKey, otherOrder, counts);
  sortByWord(value, n, 31, order, key, otherKey, otherOrder, counts);
}

/** Stable least-significant-digit sort of `order` by 32 bits of each value; leaves the sorted words in `key`. */
function sortByWord(
  value: usize,
  n: i32,
  shift: i32,
  order: usize,
  key: usize,
  otherKey: usize,
  otherOrder: usize,
  counts: usize,
): void {
  memory.fill(counts, 0, sortCountBytes());
  for (let i = 0; i < n; i++) {
    const at = (<usize>i) << 2;
    const word = wordOf(value, load<u32>(order + at), shift);
    store<u32>(key + at, word);
    for (let d = 0; d < DIGITS; d++) {
      const count = counts + (((<usize>(d * RADIX)) + digit(word, d)) << 2);
      store<u32>(count, load<u32>(count) + 1);
    }
  }
  let fromKey = key;
  let fromOrder = order;
  let toKey = otherKey;
  let toOrder = otherOrder;
  for (let d = 0; d < DIGITS; d++) {
    const count = counts + ((<usize>(d * RADIX)) << 2);
    let sum: u32 = 0;
    for (let r: usize = 0; r < <usize>RADIX; r++) {
      const c = load<u32>(count + (r << 2));
      store<u32>(count + (r << 2), sum);
      sum += c;
    }
    for (let i = 0; i < n; i++) {
      const at = (<usize>i) << 2;
      const word = load<u32>(fromKey + at);
      const slot = count + (digit(word, d) << 2);
      const place = load<u32>(slot);
      store<u32>(slot, place + 1);
      store<u32>(toKey + ((<usize>place) << 2), word);
      store<u32>(toOrder + ((<usize>place) << 2), load<u32>(fromOrder + at));
    }
    const heldKey = fromKey;
    fromKey = toKey;
    toKey = heldKey;
    const heldOrder = fromOrder;
    fromOrder = toOrder;
    toOrder = heldOrder;
  }
  // Three passes end in the other arrays.
  memory.copy(order, fromOrder, (<usize>n) << 2);
  memory.copy(key, fromKey, (<usize>n) << 2);
}

/** Insertion among equal words; false, leaving the order unfinished, when that takes more than n moves. */
function settle(value: usize, n: i32, order: usize, key: usize): bool {
  let moves = 0;
  for (let i = 1; i < n; i++) {
    const word = load<u32>(key + ((<usize>i) << 2));
    if (word != load<u32>(key + ((<usize>(i - 1)) << 2))) continue;
    const item = load<u32>(order + ((<usize>i) << 2));
    const size = load<f64>(value + ((<usize>item) << 3));
    let hole = i;
    while (hole > 0 && load<u32>(key + ((<usize>(hole - 1)) << 2)) == word) {
      const before = load<u32>(order + ((<usize>(hole - 1)) << 2));
      if (load<f64>(value + ((<usize>before) << 3)) >= size) break;
      store<u32>(order + ((<usize>hole) << 2), before);
      hole--;
      if (++moves > n) return false;
    }
    store<u32>(order + ((<usize>hole) << 2), item);
  }
  return true;
}
