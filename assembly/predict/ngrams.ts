// The n-grams of a text, as buckets of their hashes.
//
// Units are UTF-16, in lower case. Tokens are runs without white space; words are runs of a … z, 0 … 9, `_` and anything
// beyond ASCII except spaces. A text is read with a space at either end and one space between tokens. Its n-grams are words,
// pairs of neighbouring words, and 3 to 5 consecutive units. A second reading replaces each run of digits by one unit; its
// n-grams count only if they contain such a run.
//
// Each n-gram lies either inside a token, with the spaces at its ends, or across tokens: pairs, and units with a space
// between their ends. So the n-grams inside can be computed once for each distinct token.
import { MAX_UNITS, NGRAM_BUCKETS, SEEN_SLOTS } from "../layout";

const SPACE: u32 = 32;
const DIGITS: u32 = 1;
const WORD_SEED: u32 = 0x17b74a5d;
const PAIR_SEED: u32 = 0x5bd1e995;
const CHARACTER_SEED: u32 = 0x2545f491;
const PRIME: u32 = 0x01000193;
const SHORTEST: usize = 3;
const LONGEST: usize = 5;

/** Bytes of one reading: the units, and a space at either end. */
const READING_BYTES: usize = 2 * (MAX_UNITS + 15);
/** A distinct token: its hash, its address and units in the first reading, and in the second one, with 0 units if it has no digits. */
const RECORD_BYTES: usize = 20;

/** The text that was read last. The scratch of a text begins with it. */
// @ts-ignore: decorator
@unmanaged
export class Text {
  /** Distinct tokens. */
  tokens: i32 = 0;
  /** Units of the first reading, and of the second one: 0 if the text has no digits. */
  units: usize = 0;
  classedUnits: usize = 0;
  /** The word that `nextWord` found: its hash, and 1 if it contains a run of digits of the second reading. */
  wordHash: u32 = 0;
  wordHasDigits: u32 = 0;
}

/** Offsets in a text's scratch: the records by hash, their addresses by first appearance, both readings. */
const RECORDS_AT: usize = 32;
const ORDER_AT: usize = RECORDS_AT + <usize>SEEN_SLOTS * RECORD_BYTES;
const READINGS_AT: usize = ORDER_AT + 4 * <usize>SEEN_SLOTS;
/** Bytes of a text's scratch, which must be zeros before the first text. */
export const TEXT_BYTES: usize = (READINGS_AT + 2 * READING_BYTES + 15) & ~15;
/** Bytes of the longest list of buckets: words, pairs and three lengths from every unit, in both readings. */
export const LIST_BYTES: usize = 4 * 2 * 5 * (MAX_UNITS + 2);

// @ts-ignore: decorator
@inline
function readingOf(text: Text): usize {
  return changetype<usize>(text) + READINGS_AT;
}

/**
 * Writes both readings of text number t and finds its tokens; those of the text before must have been forgotten.
 * `unit`: uint16; `start`: uint32 per text, the offset of its first unit, and one more for the end. O(units).
 */
export function readText(text: Text, unit: usize, start: usize, t: usize): void {
  const from = unit + (<usize>load<u32>(start + (t << 2)) << 1);
  const to = unit + (<usize>load<u32>(start + (t << 2), 4) << 1);
  assert(to - from <= 2 * MAX_UNITS);
  const plain = readingOf(text);
  const classed = plain + READING_BYTES;
  store<u16>(plain, <u16>SPACE);
  store<u16>(classed, <u16>SPACE);
  let at = plain + 2;
  let classedAt = classed + 2;
  let token = at;
  let classedToken = classedAt;
  let hash = WORD_SEED;
  let inRun: bool = false;
  let hasDigits: bool = false;
  let anyDigits: bool = false;
  text.tokens = 0;
  for (let place = from; place <= to; place += 2) {
    const code = place < to ? <u32>load<u16>(place) : SPACE;
    if (isSpace(code)) {
      if (at == token) continue;
      see(text, finish(hash), token, at, classedToken, hasDigits ? classedAt : classedToken);
      store<u16>(at, <u16>SPACE);
      store<u16>(classedAt, <u16>SPACE);
      token = at += 2;
      classedToken = classedAt += 2;
      hash = WORD_SEED;
      inRun = hasDigits = false;
      continue;
    }
    store<u16>(at, <u16>code);
    at += 2;
    hash = absorb(hash, code);
    const digit = isDigit(code);
    // Always written, and kept unless a run of digits continues: no branch to mispredict.
    store<u16>(classedAt, <u16>(digit ? DIGITS : code));
    classedAt += select<usize>(0, 2, digit && inRun);
    inRun = digit;
    hasDigits = hasDigits || digit;
    anyDigits = anyDigits || digit;
  }
  text.units = (at - plain) >> 1;
  text.classedUnits = anyDigits ? (classedAt - classed) >> 1 : 0;
}

/** Records a token when it occurs for the first time. */
function see(text: Text, hash: u32, from: usize, to: usize, classedFrom: usize, classedTo: usize): void {
  const scratch = changetype<usize>(text);
  const units = <u32>((to - from) >> 1);
  let slot = hash & (SEEN_SLOTS - 1);
  for (;;) {
    const record = scratch + RECORDS_AT + <usize>slot * RECORD_BYTES;
    const seen = load<u32>(record, 8);
    if (seen == 0) {
      store<u32>(record, hash);
      store<u32>(record, <u32>from, 4);
      store<u32>(record, units, 8);
      store<u32>(record, <u32>classedFrom, 12);
      store<u32>(record, <u32>((classedTo - classedFrom) >> 1), 16);
      store<u32>(scratch + ORDER_AT + (<usize>text.tokens << 2), <u32>record);
      text.tokens++;
      return;
    }
    if (
      seen == units &&
      load<u32>(record) == hash &&
      memory.compare(<usize>load<u32>(record, 4), from, <usize>units << 1) == 0
    ) {
      return;
    }
    slot = (slot + 1) & (SEEN_SLOTS - 1);
  }
}

/** The k-th distinct token, by first appearance. */
// @ts-ignore: decorator
@inline
export function tokenAt(text: Text, k: i32): usize {
  return <usize>load<u32>(changetype<usize>(text) + ORDER_AT + (<usize>k << 2));
}

/** Frees the slot of a token for the next text. */
// @ts-ignore: decorator
@inline
export function forgetToken(token: usize): void {
  store<u32>(token, 0, 8);
}

// @ts-ignore: decorator
@inline
export function tokenHash(token: usize): u32 {
  return load<u32>(token);
}

/** The address of a token's units. */
// @ts-ignore: decorator
@inline
export function tokenPlace(token: usize): usize {
  return <usize>load<u32>(token, 4);
}

// @ts-ignore: decorator
@inline
export function tokenUnits(token: usize): u32 {
  return load<u32>(token, 8);
}

/** Lists the buckets of the n-grams inside a token; returns the end of the list. */
export function listInside(text: Text, token: usize, list: usize): usize {
  list = listReading(text, tokenPlace(token) - 2, <usize>tokenUnits(token) + 2, false, list);
  const classedUnits = <usize>load<u32>(token, 16);
  if (classedUnits == 0) return list;
  return listReading(text, <usize>load<u32>(token, 12) - 2, classedUnits + 2, true, list);
}

/** Lists words, then consecutive units, of a token with its spaces; with `needsDigits` only those with a run of digits. */
function listReading(text: Text, codes: usize, units: usize, needsDigits: bool, list: usize): usize {
  const end = codes + (units << 1);
  for (let at = nextWord(text, codes, end); at < end; at = nextWord(text, at, end)) {
    if (!needsDigits || text.wordHasDigits) list = push(list, bucketOf(text.wordHash));
  }
  for (let from = codes; from + 2 * SHORTEST <= end; from += 2) {
    list = listFrom(from, from + 2 * SHORTEST, end, needsDigits, list);
  }
  return list;
}

/** Lists the buckets of the n-grams across tokens: pairs, then consecutive units, in both readings; returns the end of the list. */
export function listAcross(text: Text, list: usize): usize {
  const plain = readingOf(text);
  const classed = plain + READING_BYTES;
  const units = text.units;
  const classedUnits = text.classedUnits;
  list = listPairs(text, plain, units, false, list);
  if (classedUnits > 0) list = listPairs(text, classed, classedUnits, true, list);
  list = listSpanning(plain, units, false, list);
  if (classedUnits > 0) list = listSpanning(classed, classedUnits, true, list);
  return list;
}

function listPairs(text: Text, codes: usize, units: usize, needsDigits: bool, list: usize): usize {
  const end = codes + (units << 1);
  let at = nextWord(text, codes, end);
  let previous = text.wordHash;
  let previousHasDigits = text.wordHasDigits;
  while (at < end && (at = nextWord(text, at, end)) < end) {
    const word = text.wordHash;
    const hasDigits = text.wordHasDigits;
    if (!needsDigits || hasDigits || previousHasDigits) list = push(list, bucketOf(pairHash(previous, word)));
    previous = word;
    previousHasDigits = hasDigits;
  }
  return list;
}

/**
 * Finds the next word after a place between words; returns the place behind it, or `end` if there is none: a reading ends
 * in a space. Sets `wordHash` and `wordHasDigits`.
 */
function nextWord(text: Text, at: usize, end: usize): usize {
  while (at < end && !isWord(load<u16>(at))) at += 2;
  let hash = WORD_SEED;
  let hasDigits: bool = false;
  for (; at < end; at += 2) {
    const code = <u32>load<u16>(at);
    if (!isWord(code)) break;
    hash = absorb(hash, code);
    hasDigits = hasDigits || code == DIGITS;
  }
  text.wordHash = hash;
  text.wordHasDigits = u32(hasDigits);
  return at;
}

/** Lists consecutive units with a space between their ends. */
function listSpanning(codes: usize, units: usize, needsDigits: bool, list: usize): usize {
  const end = codes + (units << 1);
  let previous = codes;
  for (let space = codes + 2; space < end - 2; space += 2) {
    if (load<u16>(space) != SPACE) continue;
    // Take those that begin before this space, but not before the previous one: each is listed at its first space.
    const first = space - 2 * (LONGEST - 2);
    if (previous <= first && space + 8 <= end && !needsDigits) {
      list = listSix(first, list);
    } else {
      for (let from = max(previous, first); from < space; from += 2) {
        list = listFrom(from, max(space + 4, from + 2 * SHORTEST), end, needsDigits, list);
      }
    }
    previous = space;
  }
  return list;
}

/** What `listFrom` lists at the three places before a space, side by side: 5 units from the first, 4 and 5, then 3, 4 and 5. */
// @ts-ignore: decorator
@inline
function listSix(first: usize, list: usize): usize {
  const three = step(step(step(i32x4.splat(CHARACTER_SEED), first), first + 2), first + 4);
  const four = step(three, first + 6);
  const five = step(four, first + 8);
  const fourAndFive = v128.shuffle<i32>(five, four, 0, 1, 5, 6);
  v128.store(list, finishFour(v128.shuffle<i32>(fourAndFive, three, 0, 2, 1, 6)));
  v128.store64_lane(list, finishFour(v128.shuffle<i32>(fourAndFive, five, 3, 6, 3, 6)), 0, 16);
  return list + 24;
}

/** `absorb` for four neighbouring places. */
// @ts-ignore: decorator
@inline
function step(hash: v128, codes: usize): v128 {
  return i32x4.mul(v128.xor(hash, v128.load16x4_u(codes)), i32x4.splat(PRIME));
}

/** `bucketOf` for four hashes. */
// @ts-ignore: decorator
@inline
function finishFour(hash: v128): v128 {
  let h = v128.xor(hash, i32x4.shr_u(hash, 16));
  h = i32x4.mul(h, i32x4.splat(0x85ebca6b));
  h = i32x4.mul(v128.xor(h, i32x4.shr_u(h, 13)), i32x4.splat(0xc2b2ae35));
  return v128.and(v128.xor(h, i32x4.shr_u(h, 16)), i32x4.splat(NGRAM_BUCKETS - 1));
}

/** Lists the consecutive units that begin at one place and end at `least` or later. */
// @ts-ignore: decorator
@inline
function listFrom(from: usize, least: usize, end: usize, needsDigits: bool, list: usize): usize {
  const last = min(from + 2 * LONGEST, end);
  let hash = CHARACTER_SEED;
  let counted = !needsDigits;
  for (let at = from; at < last; at += 2) {
    const code = <u32>load<u16>(at);
    hash = absorb(hash, code);
    counted = counted || code == DIGITS;
    if (counted && at + 2 >= least) list = push(list, bucketOf(hash));
  }
  return list;
}

// @ts-ignore: decorator
@inline
function push(list: usize, bucket: u32): usize {
  store<u32>(list, bucket);
  return list + 4;
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
