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

/** Logistic regression with L2 by plain gradient descent over dense columns; returns weights and intercept. */
export function logisticByDescent(
  x: number[][],
  y: number[],
  weight: number[],
  strength: number,
): { w: number[]; intercept: number } {
  const w = x[0].map(() => 0);
  let intercept = 0;
  for (let step = 0; step < 40_000; step++) {
    const residual = x.map((row, i) => {
      const f = row.reduce((s, v, c) => s + v * w[c], intercept);
      return weight[i] * (1 / (1 + Math.exp(-f)) - y[i]);
    });
    const rate = 0.1;
    for (let c = 0; c < w.length; c++) {
      w[c] -= rate * (strength * w[c] + residual.reduce((s, r, i) => s + r * x[i][c], 0));
    }
    intercept -= rate * residual.reduce((s, r) => s + r, 0);
  }
  return { w, intercept };
}
