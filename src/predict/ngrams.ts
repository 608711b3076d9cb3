/** Turns a text into counted n-grams: whole numbers in a hash table, no string per n-gram. */

/** Buckets of the hash table, a power of two. Two n-grams that share a bucket count as one. */
export const BUCKETS = 1 << 20;

/** UTF-16 code units read of one text; of a longer text, the first half and the last half of this many. */
export const MAX_CHARACTERS = 8_000;

/** Lengths of the character n-grams, both included. */
export const SHORTEST = 3;
export const LONGEST = 5;

const SPACE = 32;
/** Stands for a run of digits in the classed text. A control character, so no read text holds it. */
const DIGITS = 1;
const WORD_SEED = 0x17b74a5d;
const PAIR_SEED = 0x5bd1e995;
const CHARACTER_SEED = 0x2545f491;

/**
 * Counts the n-grams of one text at a time, in buckets.
 *
 * The text is cut, lower-cased, every run of white space made one space, and one space put at either end. Counted are
 * words, pairs of neighbouring words and character n-grams of 3 to 5. A second reading, in which each run of digits is
 * one class, adds those n-grams that hold a run: numbers keep their value and also look alike (`blk_1608` and
 * `blk_77` share `blk_#`). A word is a run of a … z, 0 … 9, `_` and anything beyond ASCII.
 *
 * After `count`, `buckets[0 … distinct−1]` are the buckets met, in order of first appearance, and `counts[bucket]`
 * how often. O(length) time; 2 MiB of counts, which are cleared by walking over the buckets met.
 *
 * Hash: FNV-1a over code units, finished as in MurmurHash3 (Appleby), lowest 20 bits. Hashing is unsigned: with
 * 2^20 buckets few n-grams of a sample meet, and a count stays a count.
 */
export class NgramCounter {
  readonly counts = new Uint16Array(BUCKETS);
  readonly buckets = new Int32Array(9 * MAX_CHARACTERS);
  distinct = 0;
  private readonly plain = new Uint16Array(MAX_CHARACTERS + 3);
  private readonly classed = new Uint16Array(MAX_CHARACTERS + 3);

  /** Replaces the counts by those of `text`; returns the number of distinct buckets, 0 for a blank text. */
  count(text: string): number {
    this.clear();
    const length = this.read(text);
    this.addWords(this.plain, length, false);
    this.addCharacters(this.plain, length, false);
    const classedLength = this.classDigits(length);
    if (classedLength > 0) {
      this.addWords(this.classed, classedLength, true);
      this.addCharacters(this.classed, classedLength, true);
    }
    return this.distinct;
  }

  private clear(): void {
    for (let k = 0; k < this.distinct; k++) this.counts[this.buckets[k]] = 0;
    this.distinct = 0;
  }

  private add(hash: number): void {
    const bucket = bucketOf(hash);
    if (this.counts[bucket]++ === 0) this.buckets[this.distinct++] = bucket;
  }

  /** Fills `plain`; returns its length, 0 for a blank text. */
  private read(text: string): number {
    const { plain } = this;
    const lower = normalise(text);
    const end = lower.length;
    let length = 0;
    plain[length++] = SPACE;
    for (let i = 0; i < end; i++) {
      const code = lower.charCodeAt(i);
      if (!isSpace(code)) plain[length++] = code;
      else if (plain[length - 1] !== SPACE) plain[length++] = SPACE;
    }
    if (length === 1) return 0;
    if (plain[length - 1] !== SPACE) plain[length++] = SPACE;
    return length;
  }

  /** Fills `classed`, each run of digits one code; returns its length, 0 when there is no digit. */
  private classDigits(length: number): number {
    const { plain, classed } = this;
    let classedLength = 0;
    let hasDigits = false;
    let inRun = false;
    for (let i = 0; i < length; i++) {
      const code = plain[i];
      const digit = isDigit(code);
      if (!digit) classed[classedLength++] = code;
      else if (!inRun) classed[classedLength++] = DIGITS;
      inRun = digit;
      hasDigits ||= digit;
    }
    return hasDigits ? classedLength : 0;
  }

  /** Adds words and pairs; `needsDigits`: only those that hold a run of digits. */
  private addWords(codes: Uint16Array, length: number, needsDigits: boolean): void {
    let hash = WORD_SEED;
    let inWord = false;
    let counted = !needsDigits;
    let previous = 0;
    let previousCounted = false;
    let hasPrevious = false;
    // Every text ends in a space, so the last word is closed inside the loop.
    for (let i = 0; i < length; i++) {
      const code = codes[i];
      if (isWord(code)) {
        hash = absorb(hash, code);
        inWord = true;
        counted ||= code === DIGITS;
      } else if (inWord) {
        if (counted) this.add(hash);
        if (hasPrevious && (counted || previousCounted)) this.add(pairHash(previous, hash));
        previous = hash;
        previousCounted = counted;
        hasPrevious = true;
        hash = WORD_SEED;
        inWord = false;
        counted = !needsDigits;
      }
    }
  }

  /** Adds character n-grams; `needsDigits`: only those that hold a run of digits. */
  private addCharacters(codes: Uint16Array, length: number, needsDigits: boolean): void {
    for (let from = 0; from + SHORTEST <= length; from++) {
      const end = Math.min(from + LONGEST, length);
      let hash = CHARACTER_SEED;
      let counted = !needsDigits;
      for (let i = from; i < end; i++) {
        hash = absorb(hash, codes[i]);
        counted ||= codes[i] === DIGITS;
        if (counted && i - from + 1 >= SHORTEST) this.add(hash);
      }
    }
  }
}

/** The part of a text that is read, in lower case: at most MAX_CHARACTERS + 1 units. */
export function normalise(text: string): string {
  // Lower-casing may lengthen a text ("İ"), so the length is bounded again.
  return cut(text)
    .toLowerCase()
    .slice(0, MAX_CHARACTERS + 1);
}

/** Head and tail of a text that is too long, a space between them. */
function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return text.slice(0, MAX_CHARACTERS / 2) + " " + text.slice(-MAX_CHARACTERS / 2);
}

/** One step of FNV-1a, over a code unit of 16 bits. */
function absorb(hash: number, code: number): number {
  return Math.imul(hash ^ code, 0x01000193);
}

function pairHash(first: number, second: number): number {
  return absorb(absorb(PAIR_SEED ^ first, second & 0xffff), second >>> 16);
}

function bucketOf(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & (BUCKETS - 1);
}

/** ASCII blanks and control characters, the no-break space, the ideographic space. */
function isSpace(code: number): boolean {
  return code <= SPACE || code === 0xa0 || code === 0x3000;
}

function isDigit(code: number): boolean {
  return code >= 48 && code <= 57;
}

function isWord(code: number): boolean {
  return (code >= 97 && code <= 122) || isDigit(code) || code === 95 || code >= 0x80 || code === DIGITS;
}
