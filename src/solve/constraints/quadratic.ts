/** Pivots below this part of their diagonal have no curvature: the variable stays where it is. */
const FLAT = 1e-12;

/**
 * The step of least g·d + ½ d·H d with d ≥ least, for H positive definite (n × n, row-major): a primal active-set method
 * with Cholesky factors [NocedalWright2006]. O(n³) for each change of the active set.
 */
export function boundedStep(
  gradient: Float64Array,
  hessian: Float64Array,
  least: Float64Array,
): Float64Array {
  const n = gradient.length;
  const step = new Float64Array(n);
  const slope = gradient.slice();
  // What begins at its bound and would move beyond it is held from the start.
  const isHeld = Uint8Array.from(gradient, (g, k) => Number(g > 0 && least[k] >= 0));
  const factor = new Float64Array(n * n);
  for (let change = 0; change < 60 + n; change++) {
    const free = Array.from(gradient.keys()).filter((k) => isHeld[k] === 0);
    const move = solveFree(hessian, n, free, slope, factor);
    let length = 1;
    let hit = -1;
    free.forEach((k, i) => {
      if (step[k] + move[i] >= least[k] - 1e-15) return;
      const most = (least[k] - step[k]) / move[i];
      if (most < length) [length, hit] = [most, k];
    });
    free.forEach((k, i) => (step[k] += length * move[i]));
    for (let k = 0; k < n; k++) {
      let sum = gradient[k];
      for (let j = 0; j < n; j++) sum += hessian[k * n + j] * step[j];
      slope[k] = sum;
    }
    if (hit >= 0) {
      step[hit] = least[hit];
      isHeld[hit] = 1;
      continue;
    }
    // Release the bound that is most wrong.
    let worst = 1e-14;
    let release = -1;
    for (let k = 0; k < n; k++) {
      const wrong = isHeld[k] === 1 ? -slope[k] / Math.sqrt(hessian[k * n + k]) : 0;
      if (wrong > worst) [worst, release] = [wrong, k];
    }
    if (release < 0) break;
    isHeld[release] = 0;
  }
  return step;
}

/** The solution of H d = −slope over the free variables. `factor` is scratch. */
function solveFree(
  hessian: Float64Array,
  n: number,
  free: readonly number[],
  slope: Float64Array,
  factor: Float64Array,
): Float64Array {
  const size = free.length;
  const x = new Float64Array(size);
  for (let j = 0; j < size; j++) {
    const at = free[j] * n;
    for (let i = j; i < size; i++) factor[i * n + j] = hessian[free[i] * n + free[j]];
    let pivot = factor[j * n + j];
    for (let t = 0; t < j; t++) pivot -= factor[j * n + t] * factor[j * n + t];
    if (pivot < FLAT * hessian[at + free[j]] + 1e-300) pivot = 1e30;
    const root = Math.sqrt(pivot);
    factor[j * n + j] = root;
    for (let i = j + 1; i < size; i++) {
      let sum = factor[i * n + j];
      for (let t = 0; t < j; t++) sum -= factor[i * n + t] * factor[j * n + t];
      factor[i * n + j] = sum / root;
    }
  }
  for (let i = 0; i < size; i++) {
    let sum = -slope[free[i]];
    for (let t = 0; t < i; t++) sum -= factor[i * n + t] * x[t];
    x[i] = sum / factor[i * n + i];
  }
  for (let i = size - 1; i >= 0; i--) {
    let sum = x[i];
    for (let t = i + 1; t < size; t++) sum -= factor[t * n + i] * x[t];
    x[i] = sum / factor[i * n + i];
  }
  return x;
}
