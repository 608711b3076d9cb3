/** Slow, obvious twins of src/predict, written from the definitions. */

/** Bucket → count, from n-grams held as strings. `#` stands for a run of digits. */
export function ngramCounts(text: string): Map<number, number> {
  const cut = text.length <= 8_000 ? text : text.slice(0, 4_000) + " " + text.slice(text.length - 4_000);
  const bare = cut
    .toLowerCase()
    .slice(0, 8_001)

    .replace(/[\u0000-\u0020\u00a0\u3000]+/g, " ")
    .replace(/^ | $/g, "");
  const counts = new Map<number, number>();
  if (bare === "") return counts;
  const plain = ` ${bare} `;
  // U+0001 cannot be left in the text, so it can stand for a run of digits.
  const classed = plain.replace(/[0-9]+/g, "\u0001");
  for (const gram of [...grams(plain), ...grams(classed).filter((g) => g.text.includes("\u0001"))]) {
    counts.set(gram.bucket, (counts.get(gram.bucket) ?? 0) + 1);
  }
  return counts;
}

/** Bucket → value of the sparse row: (1 + ln count) · scale, of unit length. */
export function sparseRow(text: string, scaleOf: (bucket: number) => number): Map<number, number> {
  const counts = [...ngramCounts(text)];
  const values = counts.map(([bucket, count]) => (1 + Math.log(count)) * scaleOf(bucket));
  const length = Math.sqrt(values.reduce((sum, v) => sum + v * v, 0));
  return new Map(counts.map(([bucket], k) => [bucket, values[k] / length]));
}

function grams(text: string): { text: string; bucket: number }[] {
  const words = text.match(/[a-z0-9_\u0001\u0080-\uffff]+/g) ?? [];
  const hashed = words.map((w) => fnv(0x17b74a5dn, codes(w)));
  const all = words.map((w, k) => ({ text: w, bucket: finish(hashed[k]) }));
  for (let k = 1; k < words.length; k++) {
    const [a, b] = [hashed[k - 1], hashed[k]];
    const bucket = finish(fnv(0x5bd1e995n ^ a, [b & 0xffffn, b >> 16n]));
    all.push({ text: words[k - 1] + " " + words[k], bucket });
  }
  for (const n of [3, 4, 5]) {
    for (let i = 0; i + n <= text.length; i++) {
      const gram = text.slice(i, i + n);
      all.push({ text: gram, bucket: finish(fnv(0x2545f491n, codes(gram))) });
    }
  }
  return all;
}

function codes(text: string): bigint[] {
  return text.split("").map((c) => BigInt(c.charCodeAt(0)));
}

function fnv(seed: bigint, values: bigint[]): bigint {
  return values.reduce((hash, v) => ((hash ^ v) * 0x01000193n) & 0xffffffffn, seed);
}

/** The finaliser of MurmurHash3, then the lowest 20 bits. */
function finish(hash: bigint): number {
  let h = hash;
  h = ((h ^ (h >> 16n)) * 0x85ebca6bn) & 0xffffffffn;
  h = ((h ^ (h >> 13n)) * 0xc2b2ae35n) & 0xffffffffn;
  return Number((h ^ (h >> 16n)) & 0xfffffn);
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
