const DIGIT_BITS: i32 = 11;
const DIGITS: i32 = 6;
const RADIX: i32 = 1 << DIGIT_BITS;

/** Falling order of positive float64 is rising order of the complement of their bits. */
// @ts-ignore: decorator
@inline
function sortKey(value: f64): u64 {
  return ~reinterpret<u64>(value);
}

// @ts-ignore: decorator
@inline
function digit(key: u64, d: i32): usize {
  return <usize>((key >> (d * DIGIT_BITS)) & (RADIX - 1));
}

/** Bytes of `counts` that `sortFalling` needs. */
export function sortCountBytes(): i32 {
  return DIGITS * RADIX * 4;
}

/**
 * Orders values by falling size, equal ones by rising index.
 *
 * `value`: n float64 ≥ 0, left as they are; `order`: n uint32, the result; `key`, `otherKey`: n uint64
 * and `otherOrder`: n uint32 of scratch; `counts`: `sortCountBytes()` of scratch.
 * O(n) time: least-significant-digit radix sort, 11 bits a digit, digits that all values share skipped.
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
  memory.fill(counts, 0, sortCountBytes());
  for (let i = 0; i < n; i++) {
    const k = sortKey(load<f64>(value + (<usize>i << 3)));
    store<u64>(key + (<usize>i << 3), k);
    store<u32>(order + (<usize>i << 2), i);
    for (let d = 0; d < DIGITS; d++) {
      const at = counts + ((<usize>(d * RADIX) + digit(k, d)) << 2);
      store<u32>(at, load<u32>(at) + 1);
    }
  }
  const first = n > 0 ? load<u64>(key) : 0;
  let fromKey = key;
  let fromOrder = order;
  let toKey = otherKey;
  let toOrder = otherOrder;
  for (let d = 0; d < DIGITS; d++) {
    const count = counts + (<usize>(d * RADIX) << 2);
    if (load<u32>(count + (digit(first, d) << 2)) == <u32>n) continue;
    let sum: u32 = 0;
    for (let r: usize = 0; r < <usize>RADIX; r++) {
      const c = load<u32>(count + (r << 2));
      store<u32>(count + (r << 2), sum);
      sum += c;
    }
    for (let i = 0; i < n; i++) {
      const k = load<u64>(fromKey + (<usize>i << 3));
      const at = count + (digit(k, d) << 2);
      const place = load<u32>(at);
      store<u32>(at, place + 1);
      store<u64>(toKey + (<usize>place << 3), k);
      store<u32>(toOrder + (<usize>place << 2), load<u32>(fromOrder + (<usize>i << 2)));
    }
    const heldKey = fromKey;
    fromKey = toKey;
    toKey = heldKey;
    const heldOrder = fromOrder;
    fromOrder = toOrder;
    toOrder = heldOrder;
  }
  if (fromOrder != order) memory.copy(order, fromOrder, <usize>n << 2);
}
