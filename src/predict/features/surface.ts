/** Features of a text's surface form, one number each, in this order. */
export const SURFACE_FEATURES = [
  "log length",
  "log words",
  "log line breaks",
  "mean word length",
  "digits",
  "capitals",
  "punctuation",
  "code marks",
  "non-ASCII",
  "question mark",
  "log letter runs",
  "log longest word",
  "log numbers",
  "log words with digits",
  "log words with digits and letters",
  "log punctuation",
  "log equals signs",
  "log colons",
  "log slashes",
  "log dots",
  "log commas",
  "log brackets",
  "log dashes",
] as const;

const COUNT = SURFACE_FEATURES.length;
/** Maximum number of UTF-16 units that are read. */
const MAX_UNITS = 8_000;
/** Number of standard deviations at which a feature is clipped. */
const MOST_DEVIATIONS = 3;
/** Length of the surface row of a text that deviates by one standard deviation in every feature. */
const LENGTH = 0.3;

/** Mean and standard deviation of each feature over the fitted texts. */
export interface SurfaceScale {
  mean: Float64Array;
  deviation: Float64Array;
}

/** O(characters). */
export function fitSurface(texts: readonly string[]): SurfaceScale {
  const mean = new Float64Array(COUNT);
  const squares = new Float64Array(COUNT);
  const found = new Float64Array(COUNT);
  for (const [k, text] of texts.entries()) {
    readSurface(text, found);
    // Welford's update.
    for (let f = 0; f < COUNT; f++) {
      const step = found[f] - mean[f];
      mean[f] += step / (k + 1);
      squares[f] += step * (found[f] - mean[f]);
    }
  }
  return { mean, deviation: squares.map((sum) => Math.sqrt(sum / Math.max(1, texts.length))) };
}

/** Scratch of `writeSurface`. */
const read = new Float64Array(COUNT);

/**
 * Writes the standardised, clipped and shortened features from `at` on; a feature that never varied is 0, and so are all
 * of a blank text.
 */
export function writeSurface(
  text: string,
  { mean, deviation }: SurfaceScale,
  out: Float32Array,
  at: number,
): void {
  if (!readSurface(text, read)) {
    out.fill(0, at, at + COUNT);
    return;
  }
  for (let f = 0; f < COUNT; f++) {
    const z = deviation[f] > 1e-9 ? (read[f] - mean[f]) / deviation[f] : 0;
    out[at + f] = (Math.max(-MOST_DEVIATIONS, Math.min(MOST_DEVIATIONS, z)) * LENGTH) / Math.sqrt(COUNT);
  }
}

/** Marks that are counted one by one, for the last features. */
const COUNTED = ["=", ":", "/\\", ".", ",", "[({<", "-_"];

/** Counts of a text. */
interface Counts {
  words: number;
  lines: number;
  /** Units that are not blank. */
  units: number;
  digits: number;
  capitals: number;
  /** Marks, other than those of code. */
  punctuation: number;
  code: number;
  /** Units beyond ASCII. */
  wide: number;
  /** 1 if there is a question mark. */
  questions: number;
  letterRuns: number;
  longestWord: number;
  numbers: number;
  wordsWithDigits: number;
  /** Words with digits and letters. */
  mixedWords: number;
  marks: number[];
}

/** Writes the features before scaling; returns whether there is anything but blanks. */
function readSurface(text: string, out: Float64Array): boolean {
  const counts = countsOf(text);
  const { words, units, punctuation, code } = counts;
  const share = 1 / Math.max(1, units);
  out[0] = Math.log(1 + text.length);
  out[1] = Math.log(1 + words);
  out[2] = Math.log(1 + counts.lines);
  out[3] = units / Math.max(1, words);
  out[4] = counts.digits * share;
  out[5] = counts.capitals * share;
  out[6] = punctuation * share;
  out[7] = code * share;
  out[8] = counts.wide * share;
  out[9] = counts.questions;
  out[10] = counts.letterRuns;
  out[11] = counts.longestWord;
  out[12] = counts.numbers;
  out[13] = counts.wordsWithDigits;
  out[14] = counts.mixedWords;
  out[15] = punctuation + code;
  out.set(counts.marks, 16);
  for (let f = 10; f < COUNT; f++) out[f] = Math.log(1 + out[f]);
  return words > 0;
}

function countsOf(text: string): Counts {
  const length = Math.min(text.length, MAX_UNITS);
  let [words, lines, units, digits, capitals, punctuation, code, wide, questions] = [
    0, 0, 0, 0, 0, 0, 0, 0, 0,
  ];
  let [letterRuns, longestWord, numbers, wordsWithDigits, mixedWords] = [0, 0, 0, 0, 0];
  const marks = COUNTED.map(() => 0);
  let before = SPACE;
  // The current word: where it began, and what it contains.
  let [start, hasDigit, hasLetter] = [0, false, false];
  for (let i = 0; i < length; i++) {
    const unit = text.charCodeAt(i);
    const kind = unit < 128 ? KINDS[unit] : WIDE;
    if (kind === SPACE) {
      if (before !== SPACE) longestWord = Math.max(longestWord, i - start);
      if (unit === 10) lines++;
    } else {
      units++;
      if (before === SPACE) {
        words++;
        [start, hasDigit, hasLetter] = [i, false, false];
      }
      if (kind === DIGIT) {
        digits++;
        if (before !== DIGIT) numbers++;
        if (!hasDigit) wordsWithDigits++;
        if (!hasDigit && hasLetter) mixedWords++;
        hasDigit = true;
      } else if (isLetter(kind)) {
        if (kind === CAPITAL) capitals++;
        if (kind === WIDE) wide++;
        if (!isLetter(before)) letterRuns++;
        if (!hasLetter && hasDigit) mixedWords++;
        hasLetter = true;
      } else {
        if (kind === CODE) code++;
        else punctuation++;
        if (unit === 63) questions = 1;
        if (MARK[unit] >= 0) marks[MARK[unit]]++;
      }
    }
    before = kind;
  }
  if (before !== SPACE) longestWord = Math.max(longestWord, length - start);
  return {
    words,
    lines,
    units,
    digits,
    capitals,
    punctuation,
    code,
    wide,
    questions,
    letterRuns,
    longestWord,
    numbers,
    wordsWithDigits,
    mixedWords,
    marks,
  };
}

const [OTHER, SPACE, DIGIT, CAPITAL, PUNCTUATION, CODE, WIDE] = [0, 1, 2, 3, 4, 5, 6];
const KINDS = Uint8Array.from({ length: 128 }, (_, unit) => {
  const character = String.fromCharCode(unit);
  if (unit <= 32) return SPACE;
  if (/[0-9]/.test(character)) return DIGIT;
  if (/[A-Z]/.test(character)) return CAPITAL;
  if ("{}[]()<>=;_\\/|&$#%*+^`~@".includes(character)) return CODE;
  return /[a-z]/.test(character) ? OTHER : PUNCTUATION;
});

function isLetter(kind: number): boolean {
  return kind === OTHER || kind === CAPITAL || kind === WIDE;
}

/** For each unit, the index of its mark among those counted; −1: none. */
const MARK = Int8Array.from({ length: 128 }, (_, unit) =>
  COUNTED.findIndex((marks) => marks.includes(String.fromCharCode(unit))),
);
