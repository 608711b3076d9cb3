/** Pivots below it are none: the matrix is treated as if they had no row. */
const NO_PIVOT = 1e-12;

/** Writes the inverse of a matrix (n × n, row-major), which is overwritten: Gauss-Jordan with row exchanges. O(n³). */
export function invert(matrix: Float64Array, n: number, inverse: Float64Array): void {
  inverse.fill(0);
  for (let j = 0; j < n; j++) inverse[j * n + j] = 1;
  for (let j = 0; j < n; j++) {
    let pivot = j;
    for (let k = j + 1; k < n; k++) {
      if (Math.abs(matrix[k * n + j]) > Math.abs(matrix[pivot * n + j])) pivot = k;
    }
    if (pivot !== j) {
      exchangeRows(matrix, n, j, pivot);
      exchangeRows(inverse, n, j, pivot);
    }
    const head = matrix[j * n + j];
    const scale = Math.abs(head) > NO_PIVOT ? 1 / head : 0;
    for (let i = 0; i < n; i++) {
      matrix[j * n + i] *= scale;
      inverse[j * n + i] *= scale;
    }
    for (let k = 0; k < n; k++) {
      const factor = matrix[k * n + j];
      if (k === j || factor === 0) continue;
      for (let i = 0; i < n; i++) {
        matrix[k * n + i] -= factor * matrix[j * n + i];
        inverse[k * n + i] -= factor * inverse[j * n + i];
      }
    }
  }
}

function exchangeRows(matrix: Float64Array, n: number, a: number, b: number): void {
  for (let i = 0; i < n; i++) {
    const kept = matrix[a * n + i];
    matrix[a * n + i] = matrix[b * n + i];
    matrix[b * n + i] = kept;
  }
}
