import { deviationOf } from "./linearFit.js";

/** Rows × columns, row-major. */
export interface Matrix {
  columns: number;
  value: Float32Array;
}

/** intercept + coefficient · row. */
export interface Ridge {
  intercept: number;
  coefficient: Float64Array;
}

/** A ridge on some rows: of a target, one value a row, and the strength of the penalty, > 0. */
export type FitRidge = (target: Float64Array, strength: number) => Ridge;

/** Residuals up to this many deviations count in full [Huber1964]. */
const HUBER = 1.345;
const ITERATIONS = 8;

/**
 * Prepares ridge regressions on some rows of a matrix: least ‖target − intercept − X·c‖² + strength·‖c‖². Targets and
 * strengths share the Gram matrix: O(rows · columns²). `rows`: at least one.
 */
export function ridgeOn(matrix: Matrix, rows: Uint32Array): FitRidge {
  const { columns } = matrix;
  const mean = new Float64Array(columns);
  const at = (r: number, c: number): number => matrix.value[rows[r] * columns + c];
  for (let r = 0; r < rows.length; r++) for (let c = 0; c < columns; c++) mean[c] += at(r, c) / rows.length;
  const centred = new Float64Array(rows.length * columns);
  for (let r = 0; r < rows.length; r++) {
    for (let c = 0; c < columns; c++) centred[r * columns + c] = at(r, c) - mean[c];
  }
  const gram = gramOf(centred, columns);

  /**
   * Robust by Huber's pseudo-values: an outlying residual is moved to the threshold, and the new target is fitted with
   * the same Gram matrix. O(rows · columns + columns³).
   */
  return (target, strength) => {
    const factor = cholesky(gram, columns, strength);
    const pulled = target.slice();
    let intercept = 0;
    let coefficient = new Float64Array(columns);
    for (let k = 0; k < ITERATIONS; k++) {
      intercept = pulled.reduce((sum, t) => sum + t, 0) / rows.length;
      const moment = new Float64Array(columns);
      for (let r = 0; r < rows.length; r++) {
        for (let c = 0; c < columns; c++) moment[c] += centred[r * columns + c] * (pulled[r] - intercept);
      }
      coefficient = solve(factor, columns, moment);
      const residual = target.map((t, r) => {
        let fitted = intercept;
        for (let c = 0; c < columns; c++) fitted += centred[r * columns + c] * coefficient[c];
        return t - fitted;
      });
      const most = HUBER * deviationOf(residual.map(Math.abs));
      residual.forEach((e, r) => (pulled[r] = target[r] - e + Math.max(-most, Math.min(most, e))));
    }
    coefficient.forEach((b, c) => (intercept -= b * mean[c]));
    return { intercept, coefficient };
  };
}

/** XᵀX, the lower half of it. */
function gramOf(x: Float64Array, columns: number): Float64Array {
  const gram = new Float64Array(columns * columns);
  for (let base = 0; base < x.length; base += columns) {
    for (let i = 0; i < columns; i++) {
      const xi = x[base + i];
      const row = i * columns;
      for (let j = 0; j <= i; j++) gram[row + j] += xi * x[base + j];
    }
  }
  return gram;
}

/** L of L·Lᵀ = gram + strength·I, strength > 0. */
function cholesky(gram: Float64Array, n: number, strength: number): Float64Array {
  const factor = gram.slice();
  for (let i = 0; i < n; i++) {
    factor[i * n + i] += strength;
    for (let j = 0; j <= i; j++) {
      let sum = factor[i * n + j];
      for (let k = 0; k < j; k++) sum -= factor[i * n + k] * factor[j * n + k];
      factor[i * n + j] = i === j ? Math.sqrt(sum) : sum / factor[j * n + j];
    }
  }
  return factor;
}

function solve(factor: Float64Array, n: number, right: Float64Array): Float64Array<ArrayBuffer> {
  const x = Float64Array.from(right);
  for (let i = 0; i < n; i++) {
    for (let k = 0; k < i; k++) x[i] -= factor[i * n + k] * x[k];
    x[i] /= factor[i * n + i];
  }
  for (let i = n - 1; i >= 0; i--) {
    for (let k = i + 1; k < n; k++) x[i] -= factor[k * n + i] * x[k];
    x[i] /= factor[i * n + i];
  }
  return x;
}
