import { NGRAM_BUCKETS } from "../../../assembly/layout.js";

/**
 * Buckets of hashed n-grams. Two n-grams that share a bucket count as one: with 2^20 buckets few n-grams of a sample
 * collide, and since hashing is unsigned a count stays a count. Hash: FNV-1a over code units, finished as in
 * MurmurHash3 (Appleby), lowest 20 bits. `assembly/predict/ngrams.ts` defines the n-grams of a text.
 */
export const BUCKETS = NGRAM_BUCKETS;

/** UTF-16 code units read of one text; of a longer text, the first half and the last half of this many. */
export const MAX_CHARACTERS = 8_000;

/** The part of a text that is read, in lower case: at most MAX_CHARACTERS + 1 units. */
export function normalise(text: string): string {
  // Lower-casing may lengthen a text ("İ"), so the length is bounded again.
  return cut(text)
    .toLowerCase()
    .slice(0, MAX_CHARACTERS + 1);
}

/** `normalise` of texts[from … to − 1]. */
export function readable(texts: readonly string[], from: number, to: number): string[] {
  return Array.from({ length: to - from }, (_, k) => normalise(texts[from + k]));
}

/** Head and tail of a text that is too long, a space between them. */
function cut(text: string): string {
  if (text.length <= MAX_CHARACTERS) return text;
  return text.slice(0, MAX_CHARACTERS / 2) + " " + text.slice(-MAX_CHARACTERS / 2);
}
