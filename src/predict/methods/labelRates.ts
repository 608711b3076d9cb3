/**
 * Each model's shrunk mean label, as `baseRate`: (Σ weight·label + ½) / (Σ weight + 1) over its labels. `outcome`: rows ×
 * models, NaN: unlabelled; `weight`: one a row. O(rows · models).
 */
export function labelRates(outcome: Float32Array, weight: Float64Array, models: number): Float64Array {
  const sum = new Float64Array(models).fill(0.5);
  const labels = new Float64Array(models).fill(1);
  for (let r = 0; r < weight.length; r++) {
    if (weight[r] === 0) continue;
    for (let m = 0; m < models; m++) {
      const y = outcome[r * models + m];
      if (Number.isNaN(y)) continue;
      sum[m] += weight[r] * y;
      labels[m] += weight[r];
    }
  }
  return sum.map((s, m) => s / labels[m]);
}
