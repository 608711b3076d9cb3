/** Slow, obvious twins of src/predict, written from the definitions. */

/** In place of a run of digits: cannot be left in a text. */
const DIGITS = "\u0001";

/** The bucket of every n-gram of a text, as often as it counts, from the definition in `assembly/predict/ngrams.ts`. */
export function ngramBuckets(text: string): number[] {
  const found: number[] = [];
  const cut = text.length <= 8_000 ? text : text.slice(0, 4_000) + " " + text.slice(text.length - 4_000);
  const tokens = cut
    .toLowerCase()
    .slice(0, 8_001)
    .split(/[\u0000-\u0020\u00a0\u3000]+/)
    .filter((token) => token !== "");
  for (const token of new Set(tokens)) {
    for (const { reading, holds } of readings(` ${token} `)) {
      for (const word of wordsOf(reading)) if (holds(word)) found.push(bucketOf(hashOf(word)));
      for (const gram of gramsOf(reading)) if (holds(gram)) found.push(gramBucket(gram));
    }
  }
  for (const { reading, holds } of readings(` ${tokens.join(" ")} `)) {
    const words = wordsOf(reading);
    for (let k = 1; k < words.length; k++) {
      if (holds(words[k - 1] + words[k])) found.push(pairBucket(words[k - 1], words[k]));
    }
    for (const gram of gramsOf(reading)) {
      if (gram.slice(1, -1).includes(" ") && holds(gram)) found.push(gramBucket(gram));
    }
  }
  return found;
}

/** Bucket → value of the sparse row: scales added up, divided by the length that they would have if all buckets differed. */
export function sparseRow(text: string, scaleOf: (bucket: number) => number): Map<number, number> {
  const scales = ngramBuckets(text).map((bucket) => ({ bucket, scale: scaleOf(bucket) }));
  const length = Math.sqrt(scales.reduce((sum, { scale }) => sum + scale * scale, 0));
  const row = new Map<number, number>();
  for (const { bucket, scale } of scales) row.set(bucket, (row.get(bucket) ?? 0) + scale / length);
  return row;
}

/** As it stands, and with runs of digits as one class, of which those n-grams count that hold such a run. */
function readings(text: string): { reading: string; holds: (gram: string) => boolean }[] {
  return [
    { reading: text, holds: () => true },
    { reading: text.replace(/[0-9]+/g, DIGITS), holds: (gram) => gram.includes(DIGITS) },
  ];
}

function wordsOf(text: string): string[] {
  return text.match(/[a-z0-9_\u0001\u0080-\uffff]+/g) ?? [];
}

function gramsOf(text: string): string[] {
  return [3, 4, 5].flatMap((n) =>
    Array.from({ length: Math.max(0, text.length - n + 1) }, (_, i) => text.slice(i, i + n)),
  );
}

/** FNV-1a over code units. */
function fnv(seed: number, units: readonly number[]): number {
  return units.reduce((hash, unit) => Math.imul(hash ^ unit, 0x01000193), seed);
}

/** The finaliser of MurmurHash3, then the lowest 20 bits. */
function bucketOf(hash: number): number {
  let h = hash ^ (hash >>> 16);
  h = Math.imul(h, 0x85ebca6b);
  h = Math.imul(h ^ (h >>> 13), 0xc2b2ae35);
  return (h ^ (h >>> 16)) & 0xfffff;
}

function unitsOf(text: string): number[] {
  return text.split("").map((unit) => unit.charCodeAt(0));
}

function hashOf(word: string): number {
  return fnv(0x17b74a5d, unitsOf(word));
}

function gramBucket(gram: string): number {
  return bucketOf(fnv(0x2545f491, unitsOf(gram)));
}

function pairBucket(a: string, b: string): number {
  const second = hashOf(b);
  return bucketOf(fnv(0x5bd1e995 ^ hashOf(a), [second & 0xffff, second >>> 16]));
}

/** Every pair of a right and a wrong answer: 1 for the right order, ½ for a tie. */
export function aurocByPairs(p: number[], y: number[]): number {
  let pairs = 0;
  let won = 0;
  for (let i = 0; i < y.length; i++) {
    for (let j = 0; j < y.length; j++) {
      if (!(y[i] >= 0.5 && y[j] < 0.5)) continue;
      pairs++;
      won += p[i] > p[j] ? 1 : p[i] === p[j] ? 0.5 : 0;
    }
  }
  return won / pairs;
}

/** Rows gathered bin by bin. */
export function eceByBins(p: number[], y: number[]): number {
  let sum = 0;
  for (let bin = 0; bin < 15; bin++) {
    const inBin = p.map((_, i) => i).filter((i) => Math.min(Math.floor(p[i] * 15), 14) === bin);
    if (inBin.length === 0) continue;
    const mean = (of: number[]): number => inBin.reduce((s, i) => s + of[i], 0) / inBin.length;
    sum += (inBin.length / p.length) * Math.abs(mean(p) - mean(y));
  }
  return sum;
}

/** What a joint logistic regression is fitted to: rows × columns, rows × models, and how models share latent factors. */
export interface JointProblem {
  x: number[][];
  label: number[][];
  /** 0: not observed. */
  weight: number[][];
  /** A model. */
  offset: number[];
  /** L, models × factors: B = L·Lᵀ. */
  factor: number[][];
  strength: number;
}

const inner = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, v, k) => sum + v * b[k], 0);

/** offset + L·(w·(x, 1)): `w` holds columns + 1 numbers for each latent factor. */
export function jointMargins({ x, offset, factor }: JointProblem, w: number[][]): number[][] {
  return x.map((row) => {
    const latent = w.map((v) => inner([...row, 1], v));
    return offset.map((o, m) => o + inner(factor[m], latent));
  });
}

/** Σ weight·(ln(1 + e^F) − label·F) + strength/2·Σ w², of margins of moderate size. */
export function jointLoss(problem: JointProblem, w: number[][]): number {
  const { label, weight, strength } = problem;
  const data = jointMargins(problem, w).map((row, r) =>
    inner(
      weight[r],
      row.map((f, m) => Math.log(1 + Math.exp(f)) - label[r][m] * f),
    ),
  );
  return data.reduce((sum, l) => sum + l, 0) + (strength / 2) * inner(w.flat(), w.flat());
}

/** The same minimised by plain gradient descent, until the gradient is as good as zero. */
export function jointDescent(problem: JointProblem): number[][] {
  const { x, label, weight, factor, strength } = problem;
  const w = factor[0].map(() => [...x[0], 1].map(() => 0));
  // The curvature is at most strength + ¼·Σ weight·|x, 1|²·|L|².
  const squares = x.reduce((sum, row, r) => sum + Math.max(...weight[r]) * (1 + inner(row, row)), 0);
  const rate = 1 / (strength + (squares * inner(factor.flat(), factor.flat())) / 4);
  for (let step = 0; step < 20_000; step++) {
    const residual = jointMargins(problem, w).map((row, r) =>
      row.map((f, m) => weight[r][m] * (1 / (1 + Math.exp(-f)) - label[r][m])),
    );
    const push = w.map((v) => v.map((value) => strength * value));
    x.forEach((row, r) =>
      push.forEach((v, k) => {
        const pull = inner(
          residual[r],
          factor.map((l) => l[k]),
        );
        [...row, 1].forEach((value, c) => (v[c] += pull * value));
      }),
    );
    if (Math.hypot(...push.flat()) < 1e-6) break;
    push.forEach((v, k) => v.forEach((g, c) => (w[k][c] -= rate * g)));
  }
  return w;
}
