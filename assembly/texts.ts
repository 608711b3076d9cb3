// Texts to dense rows in one pass, no sparse row between: each n-gram's row of a matrix is added up as the n-gram is met.
// Units are UTF-16, lower-case; n-grams, hashes and character classes are those of `src/predict/ngrams.ts`.
import { KEPT_TOKEN, MAX_UNITS, NGRAM_BUCKETS, SEEN_SLOTS } from "./layout";

const SPACE: u32 = 32;
const DIGITS: u32 = 1;
const WORD_SEED: u32 = 0x17b74a5d;
const PAIR_SEED: u32 = 0x5bd1e995;
const CHARACTER_SEED: u32 = 0x2545f491;
const SHORTEST = 3;
const LONGEST = 5;

/** Bytes of a kept token's key: its length and units, zeros after them. */
const KEY_BYTES: usize = 2 * (KEPT_TOKEN + 1);
/** Bytes of the record of one distinct token: hash, first unit's address, units, count. */
const SEEN_BYTES: usize = 16;
/** Bytes of one padded reading. */
const READING_BYTES: usize = 2 * (MAX_UNITS + 7);

/** Where the readings begin in the scratch, after the records and their order. */
const READINGS_AT: usize = <usize>SEEN_SLOTS * (SEEN_BYTES + 4);
/** Then come the readings, the key of a token, the notes, and the sum of a token that is not kept. */
const KEY_AT: usize = READINGS_AT + 2 * READING_BYTES;
const NOTES_AT: usize = KEY_AT + KEY_BYTES;
/** N-grams of a text at most: words, pairs and three lengths from every unit, in two readings. */
const NOTES_BYTES: usize = 4 * 2 * 5 * (MAX_UNITS + 2);
const SUM_AT: usize = (NOTES_AT + NOTES_BYTES + 15) & ~15;

/** Where the caller's buffers lie, set by each call. */
let columnOf: usize = 0;
let matrix: usize = 0;
/** The end of the list of matrix rows that are to be added. */
let noted: usize = 0;
let rowBytes: usize = 0;

/** Bytes that `projectTexts` needs as `kept`, filled with zeros before the first call with a matrix. */
export function keptBytes(slots: i32, width: i32): i32 {
  return slots * (<i32>KEY_BYTES + 4 * width);
}

/** Bytes that `projectTexts` needs as `scratch`, filled with zeros before the first call. */
export function textScratchBytes(width: i32): i32 {
  return <i32>SUM_AT + 4 * width;
}

/**
 * Dense rows of texts: the sum over n-grams of weight × the matrix row of the n-gram's bucket.
 *
 * A token is a run without white space. The n-grams inside one, its words and the character n-grams of 3 to 5 of the
 * token with a space at either end, weigh 1 + ln(how often the token stands in the text); n-grams across tokens, which
 * are pairs of neighbouring words and character n-grams around one space, weigh 1 each time. As in `ngrams.ts`, a second
 * reading with digits classed adds the n-grams that hold a run of digits.
 *
 * `unit`: uint16; `start`: texts + 1 ascending offsets into it, at most MAX_UNITS units apart; `columnOf`: for each
 * bucket its row of `matrix`, negative for none; `matrix`: float32, `width` (a multiple of 4) a row; `logarithm`: float32,
 * 1 + ln c at c = 1 … MAX_UNITS; `kept`: sums of tokens met, `slots` (a power of two) of them, which change the speed but
 * no result; `out`: texts × width. O(units + n-grams of tokens not kept × width).
 */
export function projectTexts(
  unit: usize,
  start: usize,
  texts: i32,
  bucketColumn: usize,
  rows: usize,
  width: i32,
  logarithm: usize,
  kept: usize,
  slots: i32,
  scratch: usize,
  out: usize,
): void {
  assert(width % 4 == 0 && (slots & (slots - 1)) == 0);
  columnOf = bucketColumn;
  matrix = rows;
  rowBytes = <usize>width << 2;
  noted = scratch + NOTES_AT;
  for (let t = 0; t < texts; t++) {
    const from = unit + (<usize>load<u32>(start + (<usize>t << 2)) << 1);
    const to = unit + (<usize>load<u32>(start + (<usize>t << 2), 4) << 1);
    assert(to - from <= 2 * MAX_UNITS);
    const sum = out + <usize>t * rowBytes;
    memory.fill(sum, 0, rowBytes);
    addTokens(from, to, sum, logarithm, kept, slots, scratch);
    notePairs(from, to);
    noteBetween(from, to, scratch + READINGS_AT);
    addNoted(scratch + NOTES_AT, sum);
  }
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
    const weight = v128.load32_splat(logarithm + (<usize>count << 2));
    for (let d: usize = 0; d < rowBytes; d += 16) {
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
  const slot = kept + <usize>(hash & <u32>(slots - 1)) * (KEY_BYTES + rowBytes);
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
  const reading = scratch + READINGS_AT;
  memory.fill(vector, 0, rowBytes);
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

/** Notes the pairs of neighbouring words of one text, in both readings. */
function notePairs(from: usize, to: usize): void {
  let hash = WORD_SEED;
  let classedHash = WORD_SEED;
  let previous: u32 = 0;
  let previousClassed: u32 = 0;
  let hasPrevious = false;
  let previousDigits = false;
  let inWord = false;
  let inRun: bool = false;
  let digits: bool = false;
  for (let at = from; at <= to; at += 2) {
    const code = at < to ? <u32>load<u16>(at) : SPACE;
    // A control character that is read is a blank, not a run of digits.
    if (isWord(code) && code != DIGITS) {
      inWord = true;
      hash = absorb(hash, code);
      if (!isDigit(code)) {
        classedHash = absorb(classedHash, code);
        inRun = false;
      } else {
        if (!inRun) classedHash = absorb(classedHash, DIGITS);
        inRun = true;
        digits = true;
      }
    } else if (inWord) {
      if (hasPrevious) {
        note(pairHash(previous, hash));
        if (digits || previousDigits) note(pairHash(previousClassed, classedHash));
      }
      previous = hash;
      previousClassed = classedHash;
      previousDigits = digits;
      hasPrevious = true;
      hash = WORD_SEED;
      classedHash = WORD_SEED;
      inWord = false;
      inRun = false;
      digits = false;
    }
  }
}

/** Notes the character n-grams of one text that hold a space between their ends, in both readings. */
function noteBetween(from: usize, to: usize, reading: usize): void {
  const classed = reading + READING_BYTES;
  let plainLength = 0;
  let classedLength = 0;
  let last = SPACE;
  let inRun: bool = false;
  let hasDigits: bool = false;
  plainLength = append(reading, plainLength, SPACE);
  classedLength = append(classed, classedLength, SPACE);
  for (let at = from; at <= to; at += 2) {
    let code = at < to ? <u32>load<u16>(at) : SPACE;
    if (isSpace(code)) code = SPACE;
    if (code == SPACE && last == SPACE) continue;
    last = code;
    plainLength = append(reading, plainLength, code);
    const digit = isDigit(code);
    if (!digit) classedLength = append(classed, classedLength, code);
    else if (!inRun) classedLength = append(classed, classedLength, DIGITS);
    inRun = digit;
    hasDigits = hasDigits || digit;
  }
  noteAround(reading, plainLength, false);
  if (hasDigits) noteAround(classed, classedLength, true);
}

function noteAround(codes: usize, length: i32, needsDigits: bool): void {
  let space = 0;
  for (let from = 0; from + SHORTEST <= length; from++) {
    while (space < length && (space <= from || load<u16>(codes + (<usize>space << 1)) != SPACE)) space++;
    if (space > from + LONGEST - 2) continue;
    const end = min(from + LONGEST, length);
    let hash = CHARACTER_SEED;
    let counted = !needsDigits;
    for (let i = from; i < end; i++) {
      const code = <u32>load<u16>(codes + (<usize>i << 1));
      hash = absorb(hash, code);
      counted = counted || code == DIGITS;
      if (counted && i > space && i - from + 1 >= SHORTEST) note(hash);
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
  const column = load<i32>(columnOf + ((<usize>finish(hash) & (NGRAM_BUCKETS - 1)) << 2));
  // Written in any case, and kept only if there is a row: no branch to guess wrong.
  store<u32>(noted, <u32>column);
  noted += select<usize>(4, 0, column >= 0);
}

/**
 * Adds the rows noted since `notes` was empty, and empties it. Rows lie far apart in memory: to have noted them all lets
 * the processor fetch many at a time, where adding each as it is met waits for one after another.
 */
function addNoted(notes: usize, sum: usize): void {
  let d: usize = 0;
  for (; d + 128 <= rowBytes; d += 128) addNotedChunk(notes, sum + d, matrix + d);
  for (; d < rowBytes; d += 16) {
    let s = v128.load(sum + d);
    for (let at = notes; at < noted; at += 4) {
      s = f32x4.add(s, v128.load(matrix + d + <usize>load<u32>(at) * rowBytes));
    }
    v128.store(sum + d, s);
  }
  noted = notes;
}

/** 32 numbers of the sum, which stay in registers. */
function addNotedChunk(notes: usize, sum: usize, base: usize): void {
  let s0 = v128.load(sum);
  let s1 = v128.load(sum, 16);
  let s2 = v128.load(sum, 32);
  let s3 = v128.load(sum, 48);
  let s4 = v128.load(sum, 64);
  let s5 = v128.load(sum, 80);
  let s6 = v128.load(sum, 96);
  let s7 = v128.load(sum, 112);
  const end = noted;
  const bytes = rowBytes;
  for (let at = notes; at < end; at += 4) {
    const row = base + <usize>load<u32>(at) * bytes;
    s0 = f32x4.add(s0, v128.load(row));
    s1 = f32x4.add(s1, v128.load(row, 16));
    s2 = f32x4.add(s2, v128.load(row, 32));
    s3 = f32x4.add(s3, v128.load(row, 48));
    s4 = f32x4.add(s4, v128.load(row, 64));
    s5 = f32x4.add(s5, v128.load(row, 80));
    s6 = f32x4.add(s6, v128.load(row, 96));
    s7 = f32x4.add(s7, v128.load(row, 112));
  }
  v128.store(sum, s0);
  v128.store(sum, s1, 16);
  v128.store(sum, s2, 32);
  v128.store(sum, s3, 48);
  v128.store(sum, s4, 64);
  v128.store(sum, s5, 80);
  v128.store(sum, s6, 96);
  v128.store(sum, s7, 112);
}

/** One step of FNV-1a, over a code unit of 16 bits. */
// @ts-ignore: decorator
@inline
function absorb(hash: u32, code: u32): u32 {
  return (hash ^ code) * 0x01000193;
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
