// Texts to sparse and dense rows in one pass: n-grams are hashed once, four places side by side.
// Units are UTF-16, lower-case. Words are runs of a … z, 0 … 9, `_` and anything beyond ASCII that is no blank; n-grams are
// words, pairs of neighbouring words, and 3 to 5 units of the text with every run of blanks made one space and a space
// at either end. A second reading, in which a run of digits is one class, adds those n-grams that hold such a run.
import { KEPT_TOKEN, MAX_UNITS, NGRAM_BUCKETS, SEEN_SLOTS } from "./layout";

const SPACE: u32 = 32;
const DIGITS: u32 = 1;
const WORD_SEED: u32 = 0x17b74a5d;
const PAIR_SEED: u32 = 0x5bd1e995;
const CHARACTER_SEED: u32 = 0x2545f491;
const PRIME: u32 = 0x01000193;
const SHORTEST = 3;
const LONGEST = 5;

/** Bytes of a kept token's key: its length and units, zeros after them. */
const KEY_BYTES: usize = 2 * (KEPT_TOKEN + 1);
/** Bytes of the record of one distinct token: hash, first unit's address, units, count. */
const SEEN_BYTES: usize = 16;
/** Bytes of one padded reading; four places and a longest n-gram may be loaded beyond its end. */
const READING_BYTES: usize = 2 * (MAX_UNITS + 15);
/** N-grams of one reading at most, and of both: words, pairs and three lengths from every unit. */
const NGRAMS = 4 * (MAX_UNITS + 2);
const NGRAM_BYTES: usize = 4 * 2 * NGRAMS;
/** Places for the distinct n-grams of one text: a power of two, twice as many as n-grams or more. */
const PLACES = 131072;

/** Where things lie in the scratch: records of tokens and their order, both readings of the text, those of one token, … */
const READINGS_AT: usize = <usize>SEEN_SLOTS * (SEEN_BYTES + 4);
const TOKEN_AT: usize = READINGS_AT + 2 * READING_BYTES;
/** … the key of a token, the matrix rows to be added, the words' and the characters' n-grams of each reading, … */
const KEY_AT: usize = (TOKEN_AT + 2 * READING_BYTES + 15) & ~15;
const NOTES_AT: usize = KEY_AT + KEY_BYTES;
const WORDS_AT: usize = NOTES_AT + NGRAM_BYTES;
const CHARACTERS_AT: usize = WORDS_AT + NGRAM_BYTES;
/** … a list of those picked, the pairs again, the counts and the places of distinct ones, and the sum of a token that is not kept. */
const PICKED_AT: usize = CHARACTERS_AT + NGRAM_BYTES;
const PAIRS_AT: usize = PICKED_AT + NGRAM_BYTES;
const COUNTS_AT: usize = PAIRS_AT + NGRAM_BYTES;
const PLACES_AT: usize = COUNTS_AT + NGRAM_BYTES;
const SUM_AT: usize = (PLACES_AT + 4 * PLACES + 15) & ~15;

/** Where the caller's buffers lie, set by each call. */
let buckets: usize = 0;
let matrix: usize = 0;
/** The end of the list of matrix rows that are to be added. */
let noted: usize = 0;
/** Of a row of the matrix, and of a sum of such. */
let rowBytes: usize = 0;
let sumBytes: usize = 0;

/** What was read of the text at hand: units of each reading (classed: 0 without digits), ends of the lists of n-grams. */
let plainLength: i32 = 0;
let classedLength: i32 = 0;
let plainWordsEnd: usize = 0;
let wordsEnd: usize = 0;
let pairsEnd: usize = 0;
/** Entries of its sparse row. */
let distinct: u32 = 0;

/** Bytes that `readTexts` needs as `kept`, filled with zeros before the first call with a matrix. */
export function keptBytes(slots: i32, width: i32): i32 {
  return slots * (<i32>KEY_BYTES + 4 * width);
}

/** Bytes that `readTexts` needs as `scratch`, filled with zeros before the first call. */
export function textScratchBytes(width: i32): i32 {
  return <i32>SUM_AT + 4 * width;
}

/**
 * Rows of texts, either half where its buffers are given (not 0).
 *
 * `buckets`: of each bucket its scale, float32, then its row of `rows`, int32, negative for none: side by side, as both are
 * looked up and lie far from the next bucket's.
 *
 * Sparse: an entry for each distinct bucket, in order of first appearance (of the plain reading words and pairs, then
 * characters; then of the classed one): (1 + ln count) · scale, all of a row scaled to unit length. `rowStart`: uint32,
 * texts + 1 offsets, written; `column`, `value`: int32 and float32, with room for 8 · units + 16 · texts entries.
 *
 * Dense: the sum over n-grams of weight × the matrix row of the n-gram's bucket. A token is a run without white space. The
 * n-grams inside one, its words and the character n-grams of the token with a space at either end, weigh 1 + ln(how
 * often the token stands in the text); n-grams across tokens, which are pairs of words and character n-grams with a space
 * between their ends, weigh 1 each time. `rows`: int16, `width` (a multiple of 8) a row, at a multiple of 64 bytes, since a
 * row is fetched from far away for every n-gram; `kept`: sums of tokens met, `slots` (a power of two) of them, which
 * change the speed but no result; `out`: texts × width.
 *
 * `unit`: uint16; `start`: texts + 1 ascending offsets into it, at most MAX_UNITS units apart; `logarithm`: float64,
 * 1 + ln c at c = 1 … MAX_UNITS. O(units), and n-grams of tokens not kept × width.
 */
export function readTexts(
  unit: usize,
  start: usize,
  texts: i32,
  logarithm: usize,
  scratch: usize,
  bucketTable: usize,
  rowStart: usize,
  column: usize,
  value: usize,
  rows: usize,
  width: i32,
  kept: usize,
  slots: i32,
  out: usize,
): void {
  assert(width % 8 == 0 && (slots & (slots - 1)) == 0);
  buckets = bucketTable;
  matrix = rows;
  rowBytes = <usize>width << 1;
  sumBytes = <usize>width << 2;
  noted = scratch + NOTES_AT;
  let entries: usize = 0;
  if (column != 0) store<u32>(rowStart, 0);
  for (let t = 0; t < texts; t++) {
    const from = unit + (<usize>load<u32>(start + (<usize>t << 2)) << 1);
    const to = unit + (<usize>load<u32>(start + (<usize>t << 2), 4) << 1);
    assert(to - from <= 2 * MAX_UNITS);
    hashText(from, to, scratch);
    if (column != 0) {
      writeSparse(logarithm, column + (entries << 2), value + (entries << 2), scratch);
      entries += distinct;
      store<u32>(rowStart + (<usize>t << 2), <u32>entries, 4);
    }
    if (rows != 0) {
      const sum = out + <usize>t * sumBytes;
      memory.fill(sum, 0, sumBytes);
      addTokens(from, to, sum, logarithm, kept, slots, scratch);
      noteAcross(scratch);
      addNoted(scratch + NOTES_AT, sum);
    }
  }
}

/** Writes both readings of a text, and their n-grams' buckets. */
function hashText(from: usize, to: usize, scratch: usize): void {
  const plain = scratch + READINGS_AT;
  const classed = plain + READING_BYTES;
  let length = append(plain, 0, SPACE);
  let other = append(classed, 0, SPACE);
  let last = SPACE;
  let inRun: bool = false;
  let hasDigits: bool = false;
  for (let at = from; at <= to; at += 2) {
    let code = at < to ? <u32>load<u16>(at) : SPACE;
    if (isSpace(code)) code = SPACE;
    if (code == SPACE && last == SPACE) continue;
    last = code;
    length = append(plain, length, code);
    const digit = isDigit(code);
    // Written in any case, and kept unless a run of digits goes on.
    store<u16>(classed + (<usize>other << 1), <u16>(digit ? DIGITS : code));
    other += i32(!(digit && inRun));
    inRun = digit;
    hasDigits = hasDigits || digit;
  }
  plainLength = length;
  classedLength = hasDigits ? other : 0;
  const words = scratch + WORDS_AT;
  const pairs = scratch + PAIRS_AT;
  hashWords(plain, length, false, words, pairs);
  plainWordsEnd = wordsEnd;
  hashCharacters(plain, length, scratch + CHARACTERS_AT);
  if (hasDigits) {
    hashWords(classed, other, true, wordsEnd, pairsEnd);
    hashCharacters(classed, other, scratch + CHARACTERS_AT + NGRAM_BYTES / 2);
  }
}

/** Lists the buckets of words and pairs of a reading, and again those of the pairs; `needsDigits`: those that hold a run of digits. */
function hashWords(codes: usize, length: i32, needsDigits: bool, words: usize, pairs: usize): void {
  let hash = WORD_SEED;
  let previous: u32 = 0;
  let hasPrevious = false;
  let inWord = false;
  let counted = !needsDigits;
  let previousCounted = false;
  // Every reading ends in a space, so the last word is closed inside the loop.
  for (let i = 0; i < length; i++) {
    const code = <u32>load<u16>(codes + (<usize>i << 1));
    if (isWord(code)) {
      hash = absorb(hash, code);
      inWord = true;
      counted = counted || code == DIGITS;
    } else if (inWord) {
      if (counted) {
        store<u32>(words, bucketOf(hash));
        words += 4;
      }
      if (hasPrevious && (counted || previousCounted)) {
        const pair = bucketOf(pairHash(previous, hash));
        store<u32>(words, pair);
        store<u32>(pairs, pair);
        words += 4;
        pairs += 4;
      }
      previous = hash;
      previousCounted = counted;
      hasPrevious = true;
      hash = WORD_SEED;
      inWord = false;
      counted = !needsDigits;
    }
  }
  wordsEnd = words;
  pairsEnd = pairs;
}

/**
 * Lists the buckets of the three n-grams from every place of a reading, four places at a time. Those that would end after
 * the reading, the last two of length 5 and the last of length 4, are listed too.
 */
function hashCharacters(codes: usize, length: i32, list: usize): void {
  for (let p = 0; p + SHORTEST <= length; p += 4) {
    const at = codes + (<usize>p << 1);
    let h = step(step(step(i32x4.splat(CHARACTER_SEED), at), at + 2), at + 4);
    const three = finishFour(h);
    h = step(h, at + 6);
    const four = finishFour(h);
    const five = finishFour(step(h, at + 8));
    // By place, then length.
    const to = list + <usize>p * 12;
    const first = v128.shuffle<i32>(three, four, 0, 4, 1, 5);
    v128.store(to, v128.shuffle<i32>(first, five, 0, 1, 4, 2));
    const second = v128.shuffle<i32>(four, five, 1, 5, 2, 6);
    v128.store(to, v128.shuffle<i32>(second, three, 0, 1, 6, 2), 16);
    const third = v128.shuffle<i32>(three, four, 3, 7, 3, 7);
    v128.store(to, v128.shuffle<i32>(third, five, 6, 0, 1, 7), 32);
  }
}

// @ts-ignore: decorator
@inline
function step(hash: v128, codes: usize): v128 {
  return i32x4.mul(v128.xor(hash, v128.load16x4_u(codes)), i32x4.splat(PRIME));
}

// @ts-ignore: decorator
@inline
function finishFour(hash: v128): v128 {
  let h = v128.xor(hash, i32x4.shr_u(hash, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.and(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(NGRAM_BUCKETS - 1));
}

/** Lists those n-grams of a reading that end in it, hold a run of digits and have a space between their ends, where asked; the list's end. */
function pick(codes: usize, length: i32, listed: usize, isAcross: bool, needsDigits: bool, list: usize): usize {
  let space = 0;
  let digits = 0;
  for (let from = 0; from + SHORTEST <= length; from++) {
    let end = from + SHORTEST;
    if (isAcross) {
      while (space < length && (space <= from || load<u16>(codes + (<usize>space << 1)) != SPACE)) space++;
      end = max(end, space + 2);
    }
    if (needsDigits) {
      while (digits < length && (digits < from || load<u16>(codes + (<usize>digits << 1)) != DIGITS)) digits++;
      end = max(end, digits + 1);
    }
    const last = min(from + LONGEST, length);
    for (; end <= last; end++) {
      store<u32>(list, load<u32>(listed + (<usize>(2 * from + end - SHORTEST) << 2)));
      list += 4;
    }
  }
  return list;
}

/** Writes the sparse row of the text that was hashed; `distinct` is the number of its entries. */
function writeSparse(logarithm: usize, column: usize, value: usize, scratch: usize): void {
  const words = scratch + WORDS_AT;
  const characters = scratch + CHARACTERS_AT;
  const picked = scratch + PICKED_AT;
  const pickedEnd =
    classedLength == 0
      ? picked
      : pick(
          scratch + READINGS_AT + READING_BYTES,
          classedLength,
          characters + NGRAM_BYTES / 2,
          false,
          true,
          picked,
        );
  const counts = scratch + COUNTS_AT;
  const places = scratch + PLACES_AT;
  const most = (<u32>(wordsEnd - words + pickedEnd - picked) >> 2) + <u32>plainLength * 3;
  const mask = most < 16 ? 31 : (<u32>1 << (33 - clz(most))) - 1;
  memory.fill(places, 0, <usize>(mask + 1) << 2);
  distinct = 0;
  count(words, plainWordsEnd, column, value, counts, places, mask);
  if (plainLength > SHORTEST) {
    // All three lengths from every place but the last two, then lengths 3 and 4, then 3.
    const tail = characters + <usize>(plainLength - 4) * 12;
    count(characters, tail + 8, column, value, counts, places, mask);
    count(tail + 12, tail + 16, column, value, counts, places, mask);
  } else if (plainLength == SHORTEST) {
    count(characters, characters + 4, column, value, counts, places, mask);
  }
  if (classedLength > 0) {
    count(plainWordsEnd, wordsEnd, column, value, counts, places, mask);
    count(picked, pickedEnd, column, value, counts, places, mask);
  }
  let squares: f64 = 0;
  const bytes = <usize>distinct << 2;
  for (let k: usize = 0; k < bytes; k += 4) {
    const weight = load<f64>(logarithm + (<usize>min<u32>(load<u32>(counts + k), MAX_UNITS) << 3));
    const v = weight * <f64>load<f32>(value + k);
    store<f32>(value + k, <f32>v);
    squares += v * v;
  }
  const toUnit = 1 / sqrt<f64>(squares);
  for (let k: usize = 0; k < bytes; k += 4) {
    store<f32>(value + k, <f32>(<f64>load<f32>(value + k) * toUnit));
  }
}

/** Counts the listed buckets: distinct ones to `column`, with linear probing, and their scales to `value`, while counting goes on. */
function count(list: usize, end: usize, column: usize, value: usize, counts: usize, places: usize, mask: u32): void {
  let found = distinct;
  for (; list < end; list += 4) {
    const bucket = load<u32>(list);
    let slot = bucket & mask;
    for (;;) {
      const place = places + (<usize>slot << 2);
      const number = load<u32>(place);
      if (number == 0) {
        store<u32>(column + (<usize>found << 2), bucket);
        store<f32>(value + (<usize>found << 2), load<f32>(buckets + (<usize>bucket << 3)));
        store<u32>(counts + (<usize>found << 2), 1);
        store<u32>(place, ++found);
        break;
      }
      const at = <usize>(number - 1) << 2;
      if (load<u32>(column + at) == bucket) {
        store<u32>(counts + at, load<u32>(counts + at) + 1);
        break;
      }
      slot = (slot + 1) & mask;
    }
  }
  distinct = found;
}

/** Notes the matrix rows of the n-grams across tokens: pairs, then characters, in both readings. */
function noteAcross(scratch: usize): void {
  noteAll(scratch + PAIRS_AT, pairsEnd);
  const plain = scratch + READINGS_AT;
  const characters = scratch + CHARACTERS_AT;
  const picked = scratch + PICKED_AT;
  let end = pick(plain, plainLength, characters, true, false, picked);
  if (classedLength > 0) {
    end = pick(plain + READING_BYTES, classedLength, characters + NGRAM_BYTES / 2, true, true, end);
  }
  noteAll(picked, end);
}

function noteAll(list: usize, end: usize): void {
  for (; list < end; list += 4) noteBucket(load<u32>(list));
}

/** Adds every distinct token's n-grams. */
function addTokens(
  from: usize,
  to: usize,
  sum: usize,
  logarithm: usize,
  kept: usize,
  slots: i32,
  scratch: usize,
): void {
  const order = scratch + <usize>SEEN_SLOTS * SEEN_BYTES;
  const distinct = countTokens(from, to, scratch, order);
  for (let k = 0; k < distinct; k++) {
    const record = load<u32>(order + (<usize>k << 2)) as usize;
    const count = load<u32>(record, 12);
    store<u32>(record, 0, 12);
    const vector = vectorOf(
      load<u32>(record),
      <usize>load<u32>(record, 4),
      load<u32>(record, 8),
      kept,
      slots,
      scratch,
    );
    const weight = f32x4.splat(<f32>load<f64>(logarithm + (<usize>count << 3)));
    for (let d: usize = 0; d < sumBytes; d += 16) {
      v128.store(sum + d, f32x4.add(v128.load(sum + d), f32x4.mul(weight, v128.load(vector + d))));
    }
  }
}

/** Counts the tokens of one text; `order` gets the distinct ones' records, by first appearance. */
function countTokens(from: usize, to: usize, seen: usize, order: usize): i32 {
  let distinct = 0;
  let at = from;
  while (at < to) {
    if (isSpace(load<u16>(at))) {
      at += 2;
      continue;
    }
    const first = at;
    let hash = WORD_SEED;
    for (; at < to; at += 2) {
      const code = <u32>load<u16>(at);
      if (isSpace(code)) break;
      hash = absorb(hash, code);
    }
    const units = <u32>((at - first) >> 1);
    hash = finish(hash);
    let slot = hash & (SEEN_SLOTS - 1);
    for (;;) {
      const record = seen + <usize>slot * SEEN_BYTES;
      const count = load<u32>(record, 12);
      if (count == 0) {
        store<u32>(record, hash);
        store<u32>(record, <u32>first, 4);
        store<u32>(record, units, 8);
        store<u32>(record, 1, 12);
        store<u32>(order + (<usize>distinct << 2), <u32>record);
        distinct++;
        break;
      }
      if (
        load<u32>(record) == hash &&
        load<u32>(record, 8) == units &&
        isSameUnits(<usize>load<u32>(record, 4), first, <usize>units << 1)
      ) {
        store<u32>(record, count + 1, 12);
        break;
      }
      slot = (slot + 1) & (SEEN_SLOTS - 1);
    }
  }
  return distinct;
}

function isSameUnits(a: usize, b: usize, bytes: usize): bool {
  let k: usize = 0;
  while (k < bytes && load<u16>(a + k) == load<u16>(b + k)) k += 2;
  return k >= bytes;
}

/** The address of a token's sum: kept from before, or added up now. */
function vectorOf(hash: u32, first: usize, units: u32, kept: usize, slots: i32, scratch: usize): usize {
  const key = scratch + KEY_AT;
  if (units > <u32>KEPT_TOKEN) {
    const vector = scratch + SUM_AT;
    addToken(first, units, scratch, vector);
    return vector;
  }
  const zero = i64x2.splat(0);
  for (let k: usize = 0; k < KEY_BYTES; k += 16) v128.store(key + k, zero);
  store<u16>(key, <u16>units);
  for (let k: usize = 0; k < <usize>units << 1; k += 2) store<u16>(key + 2 + k, load<u16>(first + k));
  const slot = kept + <usize>(hash & <u32>(slots - 1)) * (KEY_BYTES + sumBytes);
  const vector = slot + KEY_BYTES;
  if (!isSameKey(slot, key)) {
    memory.copy(slot, key, KEY_BYTES);
    addToken(first, units, scratch, vector);
  }
  return vector;
}

function isSameKey(a: usize, b: usize): bool {
  let differs = v128.xor(v128.load(a), v128.load(b));
  for (let k: usize = 16; k < KEY_BYTES; k += 16) {
    differs = v128.or(differs, v128.xor(v128.load(a + k), v128.load(b + k)));
  }
  return !v128.any_true(differs);
}

/** Writes the sum over the n-grams inside one token. */
function addToken(first: usize, units: u32, scratch: usize, vector: usize): void {
  const reading = scratch + TOKEN_AT;
  memory.fill(vector, 0, sumBytes);
  const classed = reading + READING_BYTES;
  store<u16>(reading, <u16>SPACE);
  store<u16>(classed, <u16>SPACE);
  let plainLength = 1;
  let classedLength = 1;
  let inRun: bool = false;
  let hasDigits: bool = false;
  for (let i: u32 = 0; i < units; i++) {
    const code = <u32>load<u16>(first + (<usize>i << 1));
    plainLength = append(reading, plainLength, code);
    const digit = isDigit(code);
    if (!digit) classedLength = append(classed, classedLength, code);
    else if (!inRun) classedLength = append(classed, classedLength, DIGITS);
    inRun = digit;
    hasDigits = hasDigits || digit;
  }
  plainLength = append(reading, plainLength, SPACE);
  classedLength = append(classed, classedLength, SPACE);
  noteReading(reading, plainLength, false);
  if (hasDigits) noteReading(classed, classedLength, true);
  addNoted(scratch + NOTES_AT, vector);
}

/** Notes words and character n-grams of a padded token; `needsDigits`: only those that hold a run of digits. */
function noteReading(codes: usize, length: i32, needsDigits: bool): void {
  let hash = WORD_SEED;
  let inWord = false;
  let counted = !needsDigits;
  for (let i = 1; i < length; i++) {
    const code = <u32>load<u16>(codes + (<usize>i << 1));
    if (isWord(code)) {
      hash = absorb(hash, code);
      inWord = true;
      counted = counted || code == DIGITS;
    } else if (inWord) {
      if (counted) note(hash);
      hash = WORD_SEED;
      inWord = false;
      counted = !needsDigits;
    }
  }
  for (let from = 0; from + SHORTEST <= length; from++) {
    const end = min(from + LONGEST, length);
    let h = CHARACTER_SEED;
    let c = !needsDigits;
    for (let i = from; i < end; i++) {
      const code = <u32>load<u16>(codes + (<usize>i << 1));
      h = absorb(h, code);
      c = c || code == DIGITS;
      if (c && i - from + 1 >= SHORTEST) note(h);
    }
  }
}

/** Writes one unit at the end of a reading; returns its new length. */
// @ts-ignore: decorator
@inline
function append(reading: usize, length: i32, code: u32): i32 {
  store<u16>(reading + (<usize>length << 1), <u16>code);
  return length + 1;
}

/** Notes the matrix row of an n-gram, if it has one. */
// @ts-ignore: decorator
@inline
function note(hash: u32): void {
  noteBucket(bucketOf(hash));
}

// @ts-ignore: decorator
@inline
function noteBucket(bucket: u32): void {
  const column = load<i32>(buckets + (<usize>bucket << 3), 4);
  // Written in any case, and kept only if there is a row: no branch to guess wrong.
  store<u32>(noted, <u32>column);
  noted += select<usize>(4, 0, column >= 0);
}

/**
 * Loads a word of every cache line that will be added, nothing else between, so that the processor has many under way at a
 * time: where it also adds, it gets ahead of itself by a few rows alone.
 */
function touchNoted(notes: usize): void {
  let word: u32 = 0;
  const end = noted;
  const bytes = rowBytes;
  for (let d: usize = 0; d < bytes; d += 64) {
    const base = matrix + d;
    for (let at = notes; at < end; at += 4) word |= load<u32>(base + <usize>load<u32>(at) * bytes);
  }
  // Kept, or the loads would be dropped.
  store<u32>(noted, word);
}

/**
 * Adds the rows noted since `notes` was empty, and empties it. Rows lie far apart in memory: to have noted them all lets
 * the processor fetch many at a time, where adding each as it is met waits for one after another. Whole numbers are added
 * up, exactly: 2 · NGRAMS rows of int16 stay below 2^31.
 */
function addNoted(notes: usize, sum: usize): void {
  touchNoted(notes);
  let d: usize = 0;
  for (; d + 64 <= rowBytes; d += 64) addNotedChunk(notes, sum + 2 * d, matrix + d);
  for (; d < rowBytes; d += 16) {
    let low = i32x4.splat(0);
    let high = low;
    for (let at = notes; at < noted; at += 4) {
      const part = v128.load(matrix + d + <usize>load<u32>(at) * rowBytes);
      low = i32x4.add(low, i32x4.extend_low_i16x8_s(part));
      high = i32x4.add(high, i32x4.extend_high_i16x8_s(part));
    }
    addWhole(sum + 2 * d, low, high);
  }
  noted = notes;
}

/** 32 numbers of the sum, which stay in registers: a cache line of each row. */
function addNotedChunk(notes: usize, sum: usize, base: usize): void {
  let s0 = i32x4.splat(0);
  let s1 = s0;
  let s2 = s0;
  let s3 = s0;
  let s4 = s0;
  let s5 = s0;
  let s6 = s0;
  let s7 = s0;
  const end = noted;
  const bytes = rowBytes;
  for (let at = notes; at < end; at += 4) {
    const row = base + <usize>load<u32>(at) * bytes;
    const a = v128.load(row);
    const b = v128.load(row, 16);
    const c = v128.load(row, 32);
    const d = v128.load(row, 48);
    s0 = i32x4.add(s0, i32x4.extend_low_i16x8_s(a));
    s1 = i32x4.add(s1, i32x4.extend_high_i16x8_s(a));
    s2 = i32x4.add(s2, i32x4.extend_low_i16x8_s(b));
    s3 = i32x4.add(s3, i32x4.extend_high_i16x8_s(b));
    s4 = i32x4.add(s4, i32x4.extend_low_i16x8_s(c));
    s5 = i32x4.add(s5, i32x4.extend_high_i16x8_s(c));
    s6 = i32x4.add(s6, i32x4.extend_low_i16x8_s(d));
    s7 = i32x4.add(s7, i32x4.extend_high_i16x8_s(d));
  }
  addWhole(sum, s0, s1);
  addWhole(sum + 32, s2, s3);
  addWhole(sum + 64, s4, s5);
  addWhole(sum + 96, s6, s7);
}

// @ts-ignore: decorator
@inline
function addWhole(sum: usize, low: v128, high: v128): void {
  v128.store(sum, f32x4.add(v128.load(sum), f32x4.convert_i32x4_s(low)));
  v128.store(sum, f32x4.add(v128.load(sum, 16), f32x4.convert_i32x4_s(high)), 16);
}

/** One step of FNV-1a, over a code unit of 16 bits. */
// @ts-ignore: decorator
@inline
function absorb(hash: u32, code: u32): u32 {
  return (hash ^ code) * PRIME;
}

// @ts-ignore: decorator
@inline
function bucketOf(hash: u32): u32 {
  return finish(hash) & (NGRAM_BUCKETS - 1);
}

function pairHash(first: u32, second: u32): u32 {
  return absorb(absorb(PAIR_SEED ^ first, second & 0xffff), second >> 16);
}

// @ts-ignore: decorator
@inline
function finish(hash: u32): u32 {
  let h = hash ^ (hash >> 16);
  h *= 0x85ebca6b;
  h = (h ^ (h >> 13)) * 0xc2b2ae35;
  return h ^ (h >> 16);
}

// @ts-ignore: decorator
@inline
function isSpace(code: u32): bool {
  return code <= SPACE || code == 0xa0 || code == 0x3000;
}

// @ts-ignore: decorator
@inline
function isDigit(code: u32): bool {
  return code >= 48 && code <= 57;
}

// @ts-ignore: decorator
@inline
function isWord(code: u32): bool {
  if (code < 0x80) return (code >= 97 && code <= 122) || isDigit(code) || code == 95 || code == DIGITS;
  return !isSpace(code);
}
